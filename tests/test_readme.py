"""The README's walk-through works as printed: its commands are run by a shell, against the real processes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.demo.keys import DemoKeys
from app.demo.load import load_demo
from app.service import Service
from app.settings import Settings

ROOT = Path(__file__).parents[1]
PROGRAM = f"{sys.executable} -m app.cli"


def walk_through() -> str:
    """The shell blocks of the walk-through, in order."""
    text = (ROOT / "README.md").read_text()
    section = text.split("## Walk-through", 1)[1].split("\n## ", 1)[0]
    return "\n".join(re.findall(r"```sh\n(.*?)```", section, flags=re.DOTALL)).replace(".venv/bin/palier", PROGRAM)


@contextmanager
def served(environment: dict[str, str], url: str) -> Iterator[None]:
    """`palier serve --worker`, stopped with SIGTERM."""
    process = subprocess.Popen([*PROGRAM.split(), "serve", "--worker"], cwd=ROOT, env=environment)
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{url}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_the_walk_through_works_as_printed(database: str, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "PALIER_DATABASE_URL": database,
        "PALIER_DATA_DIR": str(tmp_path / "data"),
        "PALIER_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    asyncio.run(small_demo(database, tmp_path / "data"))
    with served(environment, f"http://127.0.0.1:{port}"):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", walk_through()],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    last = json.loads(done.stdout[done.stdout.rindex('{"data"') :])
    earning = last["data"]["earning"]
    assert earning["credits"]["nodes"]
    statement = json.loads((tmp_path / "statement.json").read_text())["items"][0]
    assert statement["total"]["currency"] == "EUR"


async def small_demo(dsn: str, folder: Path) -> None:
    service = Service(Settings(data_dir=folder), dsn)
    try:
        await load_demo(service, DemoKeys(folder), lambda done, total, text: None, scale=0.1)
    finally:
        await service.close()
