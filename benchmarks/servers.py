"""Web servers under test: uvicorn with uvloop and httptools, one worker each, on a free port of the loopback."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_START_TIMEOUT = 60.0


@contextmanager
def serve(factory: str, dsn: str, folder: Path) -> Iterator[int]:
    """Run the application of a factory for the length of the block; yields its port."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
    # Settings of whoever runs this must not change what is measured.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PALIER_")}
    environment = inherited | {"BENCHMARK_DSN": dsn, "PALIER_DATA_DIR": str(folder)}
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        _wait_until_it_answers(process, port)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"a server under test ended with status {process.returncode}")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/livez")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("a server under test did not answer in time")
