"""The job that tries plans out over a period: two calculations, compared and kept."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from app.domain.accounts.queries import IN_SEGMENT
from app.domain.compensation.calculation.inputs import Inputs
from app.domain.compensation.calculation.lines import Outcome
from app.domain.compensation.calculation.loading import table
from app.domain.compensation.contract.simulations import AttainmentSource, ScenarioFields, TriedPlan
from app.domain.compensation.simulation.comparison import (
    Both,
    Named,
    by_component,
    costing,
    credited,
    paid,
    period_by_period,
    side_by_side,
    totals,
)
from app.domain.compensation.simulation.distribution import attained, draw
from app.domain.compensation.simulation.pay_periods import PayPeriod, fingerprint, pay_periods, told_apart
from app.domain.compensation.simulation.paying import Paid, pay_in_turn
from app.domain.compensation.simulation.running import Run, calculations
from app.domain.compensation.simulation.scenario import Shifted, scaled
from app.domain.compensation.simulation.synthetic import Point, attaining
from app.domain.compensation.simulation.trial import present_inputs, returned_on, tried_inputs
from app.domain.compensation.tables.simulations import PlanSimulation
from app.domain.kernel.errors import refuse
from app.domain.kernel.jobs import JobContext, job
from app.domain.kernel.money import plain
from app.domain.kernel.scope import Tx
from app.domain.organisation.contract import PeriodKind

_STEP = Decimal("0.0001")

_ACCOUNTS = f"""
select cast(account.id as text) as id from account
join segment on segment.org_id = account.org_id and segment.id = :segment
where account.org_id = :org_id and {IN_SEGMENT.format(segment="segment", account="account")}
"""
_STORE = """
insert into simulated_pay (org_id, simulation_id, seller_id, currency, before, after, before_parts, after_parts, code)
select :org_id, cast(:simulation as uuid), one.seller_id, one.currency, one.before, one.after, one.before_parts,
  one.after_parts, one.code
from jsonb_to_recordset(cast(:found as jsonb)) as one(seller_id uuid, currency text, before numeric, after numeric,
  before_parts jsonb, after_parts jsonb, code text)
"""


@dataclass(frozen=True)
class _Read:
    """What a simulation is made of."""

    before: Inputs
    after: Inputs
    pay_before: list[PayPeriod]
    pay_after: list[PayPeriod]
    inputs_hash: str
    names: dict[UUID, Named]
    shifts: list[Shifted]
    scenario: ScenarioFields


@job("plan_simulation")
async def simulate_plans(context: JobContext) -> Mapping[str, Any]:
    """Calculate the plans in force and those tried out. A second attempt begins anew and replaces what was kept."""
    id = UUID(context.payload["simulation_id"])
    async with context.transaction(snapshot=True) as tx:
        row = await tx.require(PlanSimulation, id)
        read = await _read(tx, row, context.artifacts)
        watermark, seed, compared = tx.now, row.seed, bool(row.plans)
    async with calculations(context, 2) as run:
        after = await _changed(run, read.after, read, seed)
        before = await _changed(run, read.before, read, seed) if compared else read.before
        old, new = await run(before), await run(after)
        expected = read.scenario.expected_clawback
        paid_before = await _paid(read, old, before, read.pay_before, expected if compared else None)
        paid_after = await _paid(read, new, after, read.pay_after, expected)
        (target,) = table(read.before.target_period).to_pylist()
        revenue = [credited(outcome, target["start_date"]) for outcome in (old, new)]
        both = side_by_side(costing(paid(old), paid_before.by_seller), costing(paid(new), paid_after.by_seller))
        periods = [part.id for part in read.pay_before]
        by_period = period_by_period(periods, paid_before.by_period, paid_after.by_period)
        async with context.transaction() as tx:
            row = await tx.require(PlanSimulation, id, lock=True)
            row.inputs_hash = _hash(read.inputs_hash, seed, old, new)
            row.digest_before, row.digest_after = old.digest, new.digest
            row.totals = [one.model_dump(mode="json") for one in totals(both, *revenue)]
            row.components = [one.model_dump(mode="json") for one in by_component(old, new, read.names)]
            row.periods = [one.model_dump(mode="json") for one in by_period]
            row.watermark, row.finished_at = watermark, tx.now
            await _store(tx, id, both)
            tx.emit("plan_simulation.finished", "plan_simulation", id, sellers=len(both))
    return {"simulation_id": str(id), "path": f"/v1/plan-simulations/{id}"}


async def _read(tx: Tx, row: PlanSimulation, artifacts: Path) -> _Read:
    scenario = ScenarioFields.model_validate(row.scenario or {})
    shifts = []
    for shift in scenario.shifts:
        found = await tx.rows(_ACCOUNTS, segment=shift.segment_id) if shift.segment_id else []
        product = str(shift.product_id) if shift.product_id else None
        shifts.append(Shifted(shift.growth, [account["id"] for account in found], product))
    before, known = await present_inputs(tx, row.period_id, artifacts)
    after = before
    if row.plans:
        plans = [TriedPlan.model_validate(plan) for plan in row.plans]
        after, tried = await tried_inputs(tx, row.period_id, plans, before, artifacts)
        known += tried
    every = PeriodKind(row.paid_every) if row.paid_every else None
    pay_before = await pay_periods(tx, row.period_id, every, before, after)
    pay_after = await pay_periods(tx, row.period_id, every, after, before)
    known += fingerprint(pay_before) + fingerprint(pay_after)
    before, after = (replace(side, settled=told_apart(pay_before)) for side in (before, after))
    return _Read(before, after, pay_before, pay_after, known, await component_names(tx), shifts, scenario)


async def component_names(tx: Tx) -> dict[UUID, Named]:
    """Every component of every plan by its id."""
    rows = await tx.rows(
        "select c.id, plan.code as plan_code, c.code, c.name, plan.currency,"
        " coalesce(jsonb_typeof(c.terms -> 'clawback') = 'object', false) as claws_back from compensation_component c"
        " join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id where c.org_id = :org_id"
    )
    columns = ("plan_code", "code", "name", "currency", "claws_back")
    return {row["id"]: Named(*(row[column] for column in columns)) for row in rows}


async def _paid(
    read: _Read, outcome: Outcome, inputs: Inputs, periods: list[PayPeriod], clawback: Decimal | None
) -> Paid:
    clawing = [id for id, named in read.names.items() if named.claws_back]
    return await asyncio.to_thread(pay_in_turn, outcome, periods, returned_on(inputs), clawing, clawback)


async def _changed(run: Run, inputs: Inputs, read: _Read, seed: int) -> Inputs:
    """The inputs with the sales of the scenario."""
    scenario = read.scenario
    if scenario.attainment:
        history = await _history(run, read) if scenario.attainment.source is AttainmentSource.HISTORY else []
        sellers = sorted(set(table(inputs.participant)["seller_id"].to_pylist()))
        found = draw(scenario.attainment, history, sellers=len(sellers), draws=1, seed=seed, step=_STEP)[0]
        points = [Point(one, one, int(steps) * _STEP) for one, steps in zip(sellers, found, strict=True)]
        return attaining(inputs, points, together=True)
    if scenario.growth or read.shifts:
        return scaled(inputs, scenario.growth or Decimal(0), read.shifts, scenario.keep_total)
    return inputs


async def _history(run: Run, read: _Read) -> list[Decimal]:
    """What sellers attained in the period as it was, with the plans in force."""
    found = attained(await run(read.before))
    if not found:
        raise refuse("no_attainment")
    return list(found.values())


def _hash(known: str, seed: int, *outcomes: Outcome) -> str:
    """Of the configuration as it was read and of the sales as they were calculated."""
    sales = [outcome.digests["snapshot"] for outcome in outcomes]
    return hashlib.sha256("\n".join([known, str(seed), *sales]).encode()).hexdigest()


async def _store(tx: Tx, id: UUID, both: Sequence[Both]) -> None:
    await tx.execute("delete from simulated_pay where org_id = :org_id and simulation_id = :id", id=id)
    found = [
        {
            "seller_id": str(one.seller_id),
            "currency": one.currency,
            "before": None if one.before.amount is None else plain(one.before.amount),
            "after": None if one.after.amount is None else plain(one.after.amount),
            "before_parts": one.before.parts.model_dump(mode="json"),
            "after_parts": one.after.parts.model_dump(mode="json"),
            "code": one.after.code or one.before.code,
        }
        for one in both
    ]
    await tx.execute(_STORE, simulation=id, found=to_json(found).decode())
