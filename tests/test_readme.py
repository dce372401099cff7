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
from collections.abc import Callable, Iterator
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


@contextmanager
def beside_a_demo(database: str, folder: Path) -> Iterator[Callable[[str], str]]:
    """Runs scripts beside a service with a small demo and gives what they print; each has to end well."""
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

    def run(script: str) -> str:
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

    with served(environment, f"http://127.0.0.1:{port}"):
        yield run


def test_the_walk_throughs_work_as_printed(database: str, tmp_path: Path) -> None:
    with beside_a_demo(database, tmp_path) as run:
        walk_through(run, tmp_path)
        planning_season(run, tmp_path)
        year_of_pay(run, tmp_path)


def walk_through(run: Callable[[str], str], folder: Path) -> None:
    """That of the README, whose steps use what those before them found."""
    text = (ROOT / "README.md").read_text()
    printed = run(shell_of(text.split("## Walk-through", 1)[1].split("\n## Your own data", 1)[0]))
    last, _ = json.JSONDecoder().raw_decode(printed[printed.rindex('{"data"') :])
    earning = last["data"]["earning"]
    assert earning["credits"]["nodes"]
    statement = json.loads((folder / "statement.json").read_text())["items"][0]
    assert statement["total"]["currency"] == "EUR"
    assert "<svg " in (folder / "map.svg").read_text()


def planning_season(run: Callable[[str], str], folder: Path) -> None:
    """Accounts, three scenarios, ten moves explained, proposals answered, activation."""
    printed = run(shell_of((ROOT / "docs" / "planning-season.md").read_text()))
    *_, covered = [line for line in printed.replace("}{", "}\n{").splitlines() if line.startswith("{")]
    (place,) = json.loads(covered)["items"]
    moves = json.loads((folder / "moves.json").read_text())["items"]
    assert (place["account_id"], place["territory_code"]) == (moves[0]["account_id"], moves[0]["territory_code"])
    assert len(moves) == 10
    for name in ("map", "balance", "comparison"):
        assert "<svg " in (folder / f"{name}.svg").read_text()


def year_of_pay(run: Callable[[str], str], folder: Path) -> None:
    """Twelve months, two equal ones that differ by a cent, a corrected deal, payroll, the first month again."""
    printed = run(shell_of((ROOT / "docs" / "year-of-pay.md").read_text()))
    assert "M01  base 493.82" in printed
    assert "M02  base 493.83" in printed
    assert "M07  base 5120.00  true_up 553.82" in printed
    assert printed.count("the same") == 2
    assert (folder / "statement.pdf").read_bytes().startswith(b"%PDF-")
    assert "Compensation statement" in (folder / "statement.html").read_text()


async def small_demo(dsn: str, folder: Path) -> None:
    service = Service(Settings(data_dir=folder), dsn)
    try:
        await load_demo(service, DemoKeys(folder), lambda done, total, text: None, scale=0.1)
    finally:
        await service.close()
