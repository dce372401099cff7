"""Jobs for the tests, and a worker process that knows them: `python -m tests.jobs.kinds DSN FOLDER`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.domain.kernel.errors import refuse
from app.domain.kernel.jobs import JobContext, job
from app.service import Service
from app.settings import Settings
from app.worker import run_worker


@job("test_steps")
async def steps(context: JobContext) -> Mapping[str, Any]:
    """Counts to `total`, a step every `pause` seconds."""
    total = int(context.payload["total"])
    for done in range(total):
        await context.progress(done, total, unit="steps", message=f"step {done}")
        await asyncio.sleep(float(context.payload.get("pause", 0)))
    return {"counted": total}


@job("test_refused")
async def refused(context: JobContext) -> None:
    """Ends with a problem."""
    raise refuse("period_closed", "The period 2025-Q1 is closed.", pointer="/period_id")


@job("test_broken")
async def broken(context: JobContext) -> None:
    """Fails each time."""
    raise ZeroDivisionError


if __name__ == "__main__":
    service = Service(Settings(data_dir=Path(sys.argv[2])), sys.argv[1])
    asyncio.run(run_worker(service))
