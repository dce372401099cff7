"""The job that says why two runs of one period differ. Only the worker imports this."""

from __future__ import annotations

import asyncio
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
from pydantic_core import to_json

from app.domain.compensation.calculation.differences import Difference, Line, column_of, differences
from app.domain.compensation.calculation.inputs import CalculationError, Inputs
from app.domain.compensation.contract.differences import Cause
from app.domain.compensation.run_job import refusal
from app.domain.compensation.tables.runs import CompensationRun
from app.domain.compensation.verification_job import calculated_parts
from app.domain.kernel.ids import uuid7
from app.domain.kernel.jobs import JobContext, job
from app.domain.kernel.money import plain
from app.domain.kernel.scope import Tx

_COMPONENTS = """
select c.id, c.code, plan.id as plan_id, plan.code as plan_code, plan.fiscal_year
from compensation_component c join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id
where c.org_id = :org_id
"""
_COMPARISON = """
insert into run_comparison (org_id, id, run_id, other_run_id, requested_by, totals, causes)
values (:org_id, :id, :run, :other, :actor, cast(:totals as jsonb), cast(:causes as jsonb))
"""
_DIFFERENCES = """
insert into run_difference (org_id, comparison_id, seller_id, component_id, period_id, currency, cause, before, after,
  amount)
select :org_id, :comparison, cast(d.value ->> 'seller_id' as uuid), cast(d.value ->> 'component_id' as uuid), p.id,
  d.value ->> 'currency', d.value ->> 'cause', cast(d.value ->> 'before' as numeric),
  cast(d.value ->> 'after' as numeric), cast(d.value ->> 'amount' as numeric)
from jsonb_array_elements(cast(:found as jsonb)) with ordinality d (value, n)
join fiscal_period p on p.org_id = :org_id and p.code = d.value ->> 'period_code'
order by d.n
"""
_BATCH = 5_000


@job("run_comparison")
async def compare_runs(context: JobContext) -> Mapping[str, Any]:
    """Calculate the period of two runs after every cause; a second attempt begins anew."""
    ids = UUID(context.payload["run_id"]), UUID(context.payload["other_run_id"])
    async with context.transaction() as tx:
        before, after = [await _inputs(tx, id, context.artifacts) for id in ids]
        same = await _same(tx, before, after)
        rows = await tx.rows("select id from transaction where org_id = :org_id and supersedes_id is not null")
    corrections = pa.table({"transaction_id": pa.array([str(row["id"]) for row in rows], pa.string())})
    loop = asyncio.get_running_loop()

    def on_cause(cause: Cause, number: int, total: int) -> None:
        said = context.progress(number - 1, total, unit="causes", message=cause)
        asyncio.run_coroutine_threadsafe(said, loop).result()

    def work(folder: str) -> list[Difference]:
        return list(differences(before, after, same, corrections, Path(folder), on_cause))

    with tempfile.TemporaryDirectory() as folder:
        try:
            found = await asyncio.to_thread(work, folder)
        except CalculationError as error:
            raise refusal(error) from error
    id = uuid7()
    async with context.transaction() as tx:
        await tx.execute(
            _COMPARISON, id=id, run=ids[0], other=ids[1], actor=context.actor.principal_id, **_totals(found)
        )
        for start in range(0, len(found), _BATCH):
            told = [
                {**asdict(one.line), "cause": one.cause, "before": one.before, "after": one.after, "amount": one.amount}
                for one in found[start : start + _BATCH]
            ]
            await tx.execute(_DIFFERENCES, comparison=id, found=to_json(told).decode())
    return {"run_comparison_id": str(id), "path": f"/v1/run-comparisons/{id}"}


async def _inputs(tx: Tx, run: UUID, artifacts: Path) -> Inputs:
    """What a run read for its own year; earlier years come to it as differences."""
    return (await calculated_parts(tx, await tx.require(CompensationRun, run), artifacts))[-1].inputs


async def _same(tx: Tx, before: Inputs, after: Inputs) -> dict[str, str]:
    """The plans and components of the first run that the second knows under another id, in a later version."""
    known = {
        str(row["id"]): (str(row["plan_id"]), (row["fiscal_year"], row["plan_code"]), row["code"])
        for row in await tx.rows(_COMPONENTS)
    }
    now: dict[object, tuple[str, str]] = {}
    for id in _components(after):
        plan_id, plan, code = known[id]
        now[plan, code] = now[plan] = id, plan_id
    same: dict[str, str] = {}
    for id in _components(before):
        plan_id, plan, code = known[id]
        if (plan, code) in now:
            same[id] = now[plan, code][0]
        if plan in now:
            same[plan_id] = now[plan][1]
    return same


def _components(inputs: Inputs) -> set[str]:
    return {
        str(id)
        for name in ("component", "brought", "posted")
        for id in column_of(inputs.relations()[name], "component_id")
    }


def _totals(found: Sequence[Difference]) -> dict[str, str]:
    """The whole difference per currency, and how much of it each cause brought."""
    lines: dict[str, set[Line]] = defaultdict(set)
    amounts: dict[str, Decimal] = defaultdict(Decimal)
    by_cause: dict[tuple[str, Cause], list[Decimal]] = defaultdict(list)
    for one in found:
        lines[one.line.currency].add(one.line)
        amounts[one.line.currency] += one.amount
        by_cause[one.line.currency, one.cause].append(one.amount)
    totals = [
        {"currency": currency, "lines": len(lines[currency]), "amount": plain(amounts[currency])}
        for currency in sorted(amounts)
    ]
    causes = [
        {"currency": currency, "cause": cause, "lines": len(parts), "amount": plain(sum(parts, Decimal(0)))}
        for (currency, cause), parts in by_cause.items()
    ]
    return {"totals": to_json(totals).decode(), "causes": to_json(causes).decode()}
