"""Asking for a pay curve."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.contract.pay_curves import CreatePayCurve
from app.domain.compensation.queries import pay_seen
from app.domain.compensation.tables.plans import CompensationPlan
from app.domain.compensation.tables.simulations import PayCurve
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.kernel.jobs import at_most, enqueue
from app.domain.kernel.scope import Tx

define(
    "curve_of_whom",
    Invalid,
    "It is not said whose pay curve it is",
    "Il n'est pas dit de qui est la courbe",
    "Give a quota, or the seller of the plan whose quota is taken.",
)


@command(Kind.CREATE, "pay_curve", needs="compensation_plans:read", body=CreatePayCurve)
async def create_pay_curve(tx: Tx, body: CreatePayCurve) -> UUID:
    """Start the calculation of a pay curve; `job_id` names the job to watch.

    The steps of a run calculate made-up sellers, one for each attainment, who sell the same part of every month's
    quota; nothing is posted. The curve of a seller needs the right to see that seller's pay.
    """
    await tx.visible("compensation_plan", body.plan_id, pointer="/plan_id")
    plan = await tx.require(CompensationPlan, body.plan_id)
    if not await tx.value(
        "select 1 from fiscal_period where org_id = :org_id and kind = 'year' and fiscal_year = :year",
        year=plan.fiscal_year,
    ):
        text = f"The fiscal year {plan.fiscal_year} of the plan has no periods yet."
        raise refuse("unknown_reference", text, pointer="/plan_id")
    if body.seller_id:
        seen = await pay_seen(tx)
        if seen is not None and body.seller_id not in seen:
            raise refuse("unknown_reference", f"There is no seller {body.seller_id}.", pointer="/seller_id")
        taking_part = await tx.value(
            "select 1 from plan_participant where org_id = :org_id and plan_id = :plan and seller_id = :seller limit 1",
            plan=plan.id,
            seller=body.seller_id,
        )
        if not taking_part and body.quota is None:
            raise refuse("curve_of_whom", "The seller takes no part in the plan.", pointer="/seller_id")
    elif body.quota is None:
        raise refuse("curve_of_whom", pointer="/quota")
    await at_most(tx, "pay_curve", of_one=2, of_all=8)
    id = tx.new_id()
    job = await enqueue(tx, "pay_curve", {"pay_curve_id": str(id)}, needs="compensation_plans:read")
    own = {**body.model_dump(), "currency": plan.currency, "job_id": job}
    await tx.add(PayCurve(org_id=tx.org_id, id=id, requested_by=tx.actor.principal_id, **own))
    return id
