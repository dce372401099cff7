"""`palier run verify`: the command line recalculates a run through the running service and ends with what it found."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import uvicorn

import app.domain.compensation.verification_job  # noqa: F401 - declares the job
from app.worker import run_job as work_off
from tests.domain.compensation.desk import Desk
from tests.domain.compensation.test_verification import inputs_of, tamper


@dataclass(frozen=True)
class Ended:
    """How the program ended."""

    code: int | None
    out: str
    told: str


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[str]:
    """The service on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(desk.world.app, lifespan="off", log_level="warning"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await serving


async def verify(desk: Desk, database: str, run: str, *options: str, key: str = "comp_admin") -> Ended:
    """Call the program; its job is worked off as soon as it is there."""
    async with served(desk) as url:
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app.cli", "run", "verify", run, "--url", url, *options),
            env={**os.environ, "PALIER_KEY": desk.world.keys[key]},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        ending = asyncio.create_task(program.communicate())
        while not ending.done():
            for job in await waiting(database):
                await work_off(desk.world.service, desk.world.org_id, job)
            await asyncio.sleep(0.1)
        out, told = ending.result()
    return Ended(program.returncode, out.decode(), told.decode())


async def waiting(database: str) -> list[UUID]:
    connection = await asyncpg.connect(database)
    try:
        return [row["id"] for row in await connection.fetch("select id from job where state = 'queued'")]
    finally:
        await connection.close()


@pytest.fixture
async def run(desk: Desk) -> Any:
    await desk.sell("2026-01-10", "1000", "sam")
    return await desk.calculate("2026-M01")


@pytest.mark.parametrize("options", [(), ("--engine", "duckdb")])
async def test_a_run_that_is_the_same_ends_well(desk: Desk, database: str, run: Any, options: tuple[str, ...]) -> None:
    ended = await verify(desk, database, run["id"], *options)
    assert ended.code == 0, ended.told
    said = json.loads(ended.out)
    assert (said["same"], said["engine"]) == (True, options[-1] if options else "postgresql")
    assert {step["step"]: step["found"] for step in said["steps"]} == run["digests"]
    assert f"the same {len(run['digests'])} digests" in ended.told


async def test_a_run_that_differs_names_its_first_step_and_fails(
    desk: Desk, database: str, run: Any, tmp_path: Path
) -> None:
    tamper(inputs_of(tmp_path, run) / "participant.parquet", "valid_from", date(2026, 1, 5))
    ended = await verify(desk, database, run["id"], "--engine", "duckdb")
    assert (ended.code, json.loads(ended.out)["same"]) == (1, False)
    assert "differs from step eligibility of 2026 on" in ended.told


async def test_what_is_not_there_or_not_allowed_is_told_without_a_traceback(
    desk: Desk, database: str, run: Any, tmp_path: Path
) -> None:
    unknown = await verify(desk, database, str(uuid4()))
    refused = await verify(desk, database, run["id"], key="manager")
    (inputs_of(tmp_path, run) / "participant.parquet").unlink()
    lost = await verify(desk, database, run["id"])
    for ended, code in ((unknown, "not_found"), (refused, "permission_required"), (lost, "inputs_not_kept")):
        assert (ended.code, ended.out) == (1, "")
        assert code in ended.told
        assert "Traceback" not in ended.told
