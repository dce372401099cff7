"""The job that draws what plans may cost: one calculation pays every attainment that is drawn."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from app.domain.compensation.calculation.loading import table
from app.domain.compensation.contract.simulations import AttainmentFields, AttainmentSource, TriedPlan
from app.domain.compensation.simulation.comparison import own_lines
from app.domain.compensation.simulation.distribution import attained, draw
from app.domain.compensation.simulation.pay_periods import fingerprint, pay_periods, told_apart
from app.domain.compensation.simulation.paying import pay_in_turn
from app.domain.compensation.simulation.risk import Costs, figures, to_draw, twins
from app.domain.compensation.simulation.running import calculations
from app.domain.compensation.simulation.synthetic import attaining, of_points
from app.domain.compensation.simulation.trial import present_inputs, returned_on, tried_inputs
from app.domain.compensation.tables.simulations import BudgetRisk
from app.domain.kernel.errors import refuse
from app.domain.kernel.jobs import JobContext, job

_MOST_POINTS = 150_000


@job("budget_risk")
async def draw_costs(context: JobContext) -> Mapping[str, Any]:
    """Draw and pay. A second attempt begins anew and finds the same."""
    id = UUID(context.payload["budget_risk_id"])
    async with context.transaction(snapshot=True) as tx:
        asked = await tx.require(BudgetRisk, id)
        watermark = tx.now
        present, known = await present_inputs(tx, asked.period_id, context.artifacts)
        inputs = present
        if asked.plans:
            plans = [TriedPlan.model_validate(plan) for plan in asked.plans]
            inputs, tried = await tried_inputs(tx, asked.period_id, plans, present, context.artifacts)
            known += tried
        periods = await pay_periods(tx, asked.period_id, None, inputs)
        known += fingerprint(periods)
    fields, step = AttainmentFields.model_validate(asked.attainment), asked.step
    drawn = to_draw(inputs, asked.currency)
    if not drawn.like:
        raise refuse("nobody_to_draw")
    async with calculations(context, 2 if fields.source is AttainmentSource.HISTORY else 1) as run:
        history: list[Decimal] = []
        if fields.source is AttainmentSource.HISTORY:
            history = [share for _, share in sorted(attained(await run(present)).items())]
            if not history:
                raise refuse("no_attainment")
        steps = draw(
            fields,
            history,
            sellers=len(drawn.like),
            draws=asked.draws,
            seed=asked.seed,
            correlation=asked.correlation,
            step=step,
        )
        points = twins(drawn, steps, step)
        if len(points) > _MOST_POINTS:
            raise refuse(
                "too_many_points", f"{len(points)} kinds of sellers and attainments; {_MOST_POINTS} are allowed."
            )
        sold = replace(attaining(inputs, points), settled=told_apart(periods))
        outcome = await run(sold)
        periods = [replace(part, draw=of_points(part.draw, "draw", points)) for part in periods]
        paid = await asyncio.to_thread(pay_in_turn, outcome, periods, returned_on(sold))
        beyond = {key: parts.guarantees + parts.forgiven for key, parts in paid.by_seller.items()}
        budgets = {
            UUID(str(row["component_id"])): row["budget"]
            for row in table(inputs.component).to_pylist()
            if row["currency"] == asked.currency
        }
        costs = Costs(drawn, own_lines(outcome), beyond, budgets, asked.currency)
        found = await asyncio.to_thread(lambda: figures(costs.of(steps), asked.budget))
    said = [known, asked.attainment, asked.seed, asked.draws, str(asked.correlation), str(step), outcome.digest]
    async with context.transaction() as tx:
        row = await tx.require(BudgetRisk, id, lock=True)
        row.inputs_hash = hashlib.sha256(to_json([*said, [str(one) for one in history]])).hexdigest()
        row.sellers, row.left_out = len(drawn.like), drawn.left_out
        row.needs_attention, row.at_target = costs.needing_attention(steps), costs.at_target(step)
        row.mean, row.deviation, row.above_budget = found.mean, found.deviation, found.above_budget
        row.p5, row.p50, row.p90, row.p95 = found.percentiles.values()
        row.histogram = [bar.model_dump(mode="json") for bar in found.histogram]
        row.watermark, row.finished_at = watermark, tx.now
        tx.emit("budget_risk.finished", "budget_risk", id, draws=asked.draws, seed=asked.seed)
    return {"budget_risk_id": str(id), "path": f"/v1/budget-risks/{id}"}
