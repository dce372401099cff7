"""The walk-throughs work as printed: their commands are run by a shell, against the real processes."""

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


def shell_of(text: str) -> str:
    """The shell blocks of a text, in order."""
    return "\n".join(re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)).replace(".venv/bin/palier", PROGRAM)


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


def run(script: str, database: str, folder: Path) -> str:
    """What a script prints that is run beside a service with a small demo; it has to end well."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "PALIER_DATABASE_URL": database,
        "PALIER_DATA_DIR": str(folder / "data"),
        "PALIER_PORT": str(port),
        "PYTHONPATH": str(ROOT),
    }
    asyncio.run(small_demo(database, folder / "data"))
    with served(environment, f"http://127.0.0.1:{port}"):
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_the_walk_through_of_the_readme_works_as_printed(database: str, tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text()
    script = shell_of(text.split("## Walk-through", 1)[1].split("\n## Your own data", 1)[0])
    printed = run(script, database, tmp_path)
    last, _ = json.JSONDecoder().raw_decode(printed[printed.rindex('{"data"') :])
    earning = last["data"]["earning"]
    assert earning["credits"]["nodes"]
    statement = json.loads((tmp_path / "statement.json").read_text())["items"][0]
    assert statement["total"]["currency"] == "EUR"
    assert "<svg " in (tmp_path / "map.svg").read_text()


def test_the_planning_season_works_as_printed(database: str, tmp_path: Path) -> None:
    printed = run(shell_of((ROOT / "docs" / "planning-season.md").read_text()), database, tmp_path)
    *_, covered = [line for line in printed.replace("}{", "}\n{").splitlines() if line.startswith("{")]
    (place,) = json.loads(covered)["items"]
    moves = json.loads((tmp_path / "moves.json").read_text())["items"]
    assert (place["account_id"], place["territory_code"]) == (moves[0]["account_id"], moves[0]["territory_code"])
    assert len(moves) == 10
    for name in ("map", "balance", "comparison"):
        assert "<svg " in (tmp_path / f"{name}.svg").read_text()


def test_the_year_of_pay_works_as_printed(database: str, tmp_path: Path) -> None:
    printed = run(shell_of((ROOT / "docs" / "year-of-pay.md").read_text()), database, tmp_path)
    assert "M01  base 493.82" in printed
    assert "M02  base 493.83" in printed
    assert "M07  base 4920.00  true_up 553.82" in printed
    assert printed.count("the same") == 2
    assert (tmp_path / "statement.pdf").read_bytes().startswith(b"%PDF-")
    assert "Compensation statement" in (tmp_path / "statement.html").read_text()


async def small_demo(dsn: str, folder: Path) -> None:
    service = Service(Settings(data_dir=folder), dsn)
    try:
        await load_demo(service, DemoKeys(folder), lambda done, total, text: None, scale=0.1)
    finally:
        await service.close()
