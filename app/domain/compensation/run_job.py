"""The job that calculates a compensation run: read, calculate, store. Only the worker imports this.

Reading is one snapshot, calculating needs no connection, and what was found is stored in one transaction together with
the move to `calculated`: a run that is killed leaves nothing but an artefact that nothing refers to.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from app.domain.compensation.calculation.engine import calculate
from app.domain.compensation.calculation.inputs import CalculationError, InvalidInputs
from app.domain.compensation.calculation.lines import Outcome
from app.domain.compensation.contract.runs import CompensationRunState
from app.domain.compensation.extraction import Extract, extract
from app.domain.compensation.findings import store
from app.domain.compensation.tables.runs import CompensationRun
from app.domain.compensation.workflow.runs import COMPENSATION_RUN
from app.domain.kernel.errors import DomainError, FieldError, refuse
from app.domain.kernel.jobs import JobCancelled, JobContext, job
from app.domain.workflow.history import advance

log = logging.getLogger("palier.compensation")


@job("compensation_run")
async def calculate_run(context: JobContext) -> Mapping[str, Any]:
    """Calculate a run. A second attempt begins anew."""
    run = UUID(context.payload["run_id"])
    try:
        period = await _start(context, run)
        async with context.transaction(snapshot=True) as tx:
            watermark = tx.now
            extracted = await extract(tx, period)
        key = f"runs/{context.actor.org_id}/{run}"
        outcome = await _calculate(context, extracted, context.artifacts / key)
        async with context.transaction() as tx:
            await advance(tx, COMPENSATION_RUN, run, "finish")
            row = await tx.require(CompensationRun, run)
            row.watermark, row.inputs_hash, row.postings_seen = (
                watermark,
                extracted.inputs_hash,
                extracted.postings_seen,
            )
            row.engine, row.digest, row.artefact = f"duckdb {duckdb.__version__}", outcome.digest, key
            row.counts = dict(outcome.counts)
            row.totals = await store(tx, run, row.kind, outcome)
    except JobCancelled:
        await _end(context, run, "cancel")
        raise
    except CalculationError as error:
        await _end(context, run, "fail")
        raise refusal(error) from error
    except DomainError:
        await _end(context, run, "fail")
        raise
    except Exception as error:
        log.exception("run %s failed", run)
        await _end(context, run, "fail")
        raise refuse("internal_error", trace_id=str(context.id)) from error
    return {"run_id": str(run), "path": f"/v1/compensation-runs/{run}", "digest": outcome.digest}


async def _start(context: JobContext, run: UUID) -> UUID:
    async with context.transaction() as tx:
        row = await tx.require(CompensationRun, run, lock=True)
        if row.state == CompensationRunState.QUEUED:
            await advance(tx, COMPENSATION_RUN, run, "start")
        elif row.state != CompensationRunState.CALCULATING:
            raise JobCancelled
        return row.period_id


async def _calculate(context: JobContext, extracted: Extract, folder: Path) -> Outcome:
    """Calculate in a thread; progress is told, and an end asked for, through the loop that waits here."""
    loop = asyncio.get_running_loop()

    def on_step(name: str, number: int, total: int) -> None:
        said = context.progress(number - 1, total, unit="steps", message=name)
        asyncio.run_coroutine_threadsafe(said, loop).result()

    def run() -> Outcome:
        # Left by an attempt that ended between the calculation and the commit.
        shutil.rmtree(folder, ignore_errors=True)
        return calculate(extracted.inputs, folder, on_step, lambda: False)

    return await asyncio.to_thread(run)


async def _end(context: JobContext, run: UUID, action: str) -> None:
    """Close a run that is not calculated, unless somebody did so already."""
    async with context.transaction() as tx:
        row = await tx.require(CompensationRun, run, lock=True)
        if row.state in (CompensationRunState.QUEUED, CompensationRunState.CALCULATING):
            await advance(tx, COMPENSATION_RUN, run, action)


def refusal(error: CalculationError) -> DomainError:
    """What a calculation ended with, as a problem of the job."""
    found = error.findings if isinstance(error, InvalidInputs) else ()
    errors = tuple(FieldError(f"/{f.relation}/{f.column}", f.code, f.message) for f in found)
    return refuse("calculation_failed", f"{type(error).__name__}: {error}", errors=errors)
