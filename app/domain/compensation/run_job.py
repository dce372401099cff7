"""The job that calculates a compensation run: read, calculate, store. Only the worker imports this.

Reading is one snapshot, calculating needs no connection, and what was found is stored in one transaction together with
the move to `calculated`: a run that is killed leaves nothing but an artefact that nothing refers to.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa

from app.domain.compensation.calculation.engine import calculate
from app.domain.compensation.calculation.inputs import CalculationError, Inputs, InvalidInputs, arrow_schema
from app.domain.compensation.calculation.kept import keep, kept_beside
from app.domain.compensation.calculation.lines import Outcome
from app.domain.compensation.calculation.making import code_hash
from app.domain.compensation.contract.runs import CompensationRunState, RunExtent
from app.domain.compensation.extraction import EarlierYear, extract, extract_earlier
from app.domain.compensation.findings import store, take_in
from app.domain.compensation.tables.runs import CompensationRun
from app.domain.compensation.workflow.runs import COMPENSATION_RUN
from app.domain.kernel.errors import DomainError, FieldError, refuse
from app.domain.kernel.jobs import JobCancelled, JobContext, job
from app.domain.kernel.money import minor_digits
from app.domain.workflow.history import advance

log = logging.getLogger("palier.compensation")


_NEWEST_ARTEFACT = """
select run.artefact from compensation_run run
join fiscal_period p on p.org_id = run.org_id and p.id = run.period_id
join fiscal_period own on own.org_id = run.org_id and own.id = :period and own.fiscal_year = p.fiscal_year
where run.org_id = :org_id and run.artefact is not null
order by run.watermark desc limit 1
"""
"""Of whatever period of the year: what it knows of days that both have is taken over."""


@job("compensation_run")
async def calculate_run(context: JobContext) -> Mapping[str, Any]:
    """Calculate a run. A second attempt begins anew."""
    run = UUID(context.payload["run_id"])
    try:
        period, years_back, parent = await _start(context, run)
        async with context.transaction(snapshot=True) as tx:
            watermark = tx.now
            extracted = await extract(tx, period, context.artifacts)
            years = await extract_earlier(tx, period, years_back, context.artifacts)
        key = f"runs/{context.actor.org_id}/{run}"
        earlier = [
            await _calculate(context, year.inputs, context.artifacts / f"{key}-{year.fiscal_year}")
            for year in years
            if year.inputs
        ]
        # Balances are of the seller, whatever year earned: the paid year takes over the differences of the others.
        inputs = replace(extracted.inputs, brought=_brought(earlier), brought_back=_brought_back(earlier))
        outcome = await _calculate(context, inputs, context.artifacts / key, parent)
        async with context.transaction() as tx:
            await advance(tx, COMPENSATION_RUN, run, "finish")
            row = await tx.require(CompensationRun, run)
            row.watermark, row.inputs_hash, row.postings_seen = (
                watermark,
                extracted.inputs_hash,
                extracted.postings_seen,
            )
            row.engine, row.digest, row.artefact = f"duckdb {duckdb.__version__}", outcome.digest, key
            row.counts, row.digests, row.code = dict(outcome.counts), dict(outcome.digests), code_hash()
            row.extent = RunExtent.INCREMENTAL if outcome.reused else RunExtent.FULL
            row.earlier_years = _told(years, earlier, key)
            row.earlier_sales = [asdict(month) for month in outcome.earlier]
            row.totals = await store(tx, run, row.kind, outcome, earlier)
            await take_in(tx, run, extracted.adjustments)
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


async def _start(context: JobContext, run: UUID) -> tuple[UUID, int, Path | None]:
    async with context.transaction() as tx:
        row = await tx.require(CompensationRun, run, lock=True)
        if row.state == CompensationRunState.QUEUED:
            await advance(tx, COMPENSATION_RUN, run, "start")
        elif row.state != CompensationRunState.CALCULATING:
            raise JobCancelled
        before = await tx.value(_NEWEST_ARTEFACT, period=row.period_id)
        return row.period_id, row.years_back, context.artifacts / before if before else None


async def _calculate(context: JobContext, inputs: Inputs, folder: Path, parent: Path | None = None) -> Outcome:
    """Calculate in a thread; progress is told, and an end asked for, through the loop that waits here."""
    loop = asyncio.get_running_loop()

    def on_step(name: str, number: int, total: int) -> None:
        said = context.progress(number - 1, total, unit="steps", message=name)
        asyncio.run_coroutine_threadsafe(said, loop).result()

    def run() -> Outcome:
        # Left by an attempt that ended between the calculation and the commit.
        shutil.rmtree(folder, ignore_errors=True)
        beside = kept_beside(folder)
        try:
            keep(inputs, beside)
            return calculate(inputs, folder, on_step, lambda: False, parent=parent)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise

    return await asyncio.to_thread(run)


def _brought(outcomes: Sequence[Outcome]) -> pa.Table:
    rows = [
        {
            "seller_id": str(line.seller_id),
            "component_id": str(line.component_id),
            "period_code": line.origin,
            "currency": line.currency,
            "minor_digits": minor_digits(line.currency),
            "amount": line.earning,
        }
        for outcome in outcomes
        for line in outcome.lines
        if line.earning and line.currency
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("brought"))


def _brought_back(outcomes: Sequence[Outcome]) -> pa.Table:
    rows = [
        {
            "seller_id": str(moved.seller_id),
            "component_id": str(moved.component_id),
            "period_code": moved.origin,
            "transaction_id": str(moved.transaction_id),
            "currency": moved.currency,
            "minor_digits": minor_digits(moved.currency),
            "amount": moved.amount,
        }
        for outcome in outcomes
        for moved in outcome.movements
        if moved.kind == "clawback"
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema("brought_back"))


def _told(years: Sequence[EarlierYear], outcomes: Sequence[Outcome], key: str) -> list[dict[str, Any]]:
    """What the run says of the earlier years it looked through."""
    rest = iter(outcomes)
    told = []
    for year in years:
        outcome = next(rest) if year.inputs else None
        told.append(
            {
                "fiscal_year": year.fiscal_year,
                "calculated": outcome is not None,
                "inputs_hash": year.inputs_hash,
                "digest": outcome and outcome.digest,
                "digests": dict(outcome.digests) if outcome else {},
                "artefact": f"{key}-{year.fiscal_year}" if outcome else None,
            }
        )
    return told


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
