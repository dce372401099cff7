"""The job that calculates a pay curve: a made-up seller for each attainment, paid by the steps of a run."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from app.domain.compensation.calculation.lines import EarningLine
from app.domain.compensation.contract.pay_curves import CurveMarkView, CurvePoint
from app.domain.compensation.simulation.alone import SOMEBODY, bounds, plan_alone
from app.domain.compensation.simulation.comparison import own_lines
from app.domain.compensation.simulation.curve import grid, marks
from app.domain.compensation.simulation.running import calculations
from app.domain.compensation.simulation.synthetic import Point, attaining
from app.domain.compensation.tables.plans import CompensationPlan
from app.domain.compensation.tables.simulations import PayCurve
from app.domain.kernel.jobs import JobContext, job

_ZERO = Decimal(0)


@job("pay_curve")
async def calculate_curve(context: JobContext) -> Mapping[str, Any]:
    """Calculate a curve. A second attempt begins anew."""
    id = UUID(context.payload["pay_curve_id"])
    async with context.transaction(snapshot=True) as tx:
        row = await tx.require(PayCurve, id)
        plan = await tx.require(CompensationPlan, row.plan_id)
        watermark = tx.now
        alone = await plan_alone(tx, plan, row.seller_id, row.quota, row.target_incentive, row.objective_score)
        components = [
            (one["id"], {"code": one["code"], "name": one["name"]})
            for one in await tx.rows(
                "select id, code, name from compensation_component where org_id = :org_id and plan_id = :plan"
                " order by ordinal",
                plan=plan.id,
            )
        ]
        places = grid(row.up_to, bounds(alone))
    points = {uuid5(id, str(at)): at for at in places}
    inputs = attaining(alone, [Point(str(made_up), SOMEBODY, at) for made_up, at in points.items()])
    async with calculations(context, 1) as run:
        outcome = await run(inputs)
        lines = own_lines(outcome)
    found = _points(points, lines, [component for component, _ in components])
    known = [(point.attainment, point.pay) for point in found if point.pay is not None]
    named = list(marks(known, bounds(alone))) if len(known) == len(found) else []
    async with context.transaction() as tx:
        row = await tx.require(PayCurve, id, lock=True)
        row.components = [said for _, said in components]
        row.points = [point.model_dump(mode="json") for point in found]
        row.marks = [
            CurveMarkView(kind=mark.kind, attainment=mark.attainment, pay=mark.pay).model_dump(mode="json")
            for mark in named
        ]
        row.codes = sorted({line.code for line in lines if line.code})
        row.inputs_hash = hashlib.sha256(outcome.digests["measure"].encode()).hexdigest()
        row.watermark, row.finished_at = watermark, tx.now
    return {"pay_curve_id": str(id), "path": f"/v1/pay-curves/{id}"}


def _points(
    points: Mapping[UUID, Decimal], lines: Sequence[EarningLine], components: Sequence[UUID]
) -> list[CurvePoint]:
    paid: dict[UUID, dict[UUID, Decimal | None]] = defaultdict(dict)
    for line in lines:
        paid[line.seller_id][line.component_id] = line.earning
    found = []
    for made_up, attainment in points.items():
        amounts = [paid[made_up].get(component, _ZERO) for component in components]
        known = [amount for amount in amounts if amount is not None]
        pay = sum(known, _ZERO) if len(known) == len(amounts) else None
        found.append(CurvePoint(attainment=attainment, pay=pay, components=amounts))
    return found
