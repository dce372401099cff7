"""Setting and assessing objectives."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.contract.objectives import AssessPlanObjective, CreatePlanObjective, UpdatePlanObjective
from app.domain.compensation.tables.objectives import PlanObjective
from app.domain.compensation.terms.choices import ComponentKind
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Tx


@command(Kind.CREATE, "plan_objective", needs="compensation_plans:write", body=CreatePlanObjective)
async def create_plan_objective(tx: Tx, body: CreatePlanObjective) -> UUID:
    """Set a seller an objective under a component of the kind objective."""
    await tx.visible("seller", body.seller_id, pointer="/seller_id")
    await tx.visible("fiscal_period", body.period_id, pointer="/period_id")
    if not await tx.value(
        "select 1 from compensation_component c join compensation_plan plan on plan.org_id = c.org_id"
        " and plan.id = c.plan_id where c.org_id = :org_id and plan.code = :plan and c.code = :component"
        " and c.kind = :kind limit 1",
        plan=body.plan_code,
        component=body.component_code,
        kind=ComponentKind.OBJECTIVE.value,
    ):
        text = "The plan has no such component of the kind objective."
        raise refuse("unknown_reference", text, pointer="/component_code")
    return (await tx.add(PlanObjective(org_id=tx.org_id, **body.model_dump()))).id


@command(Kind.UPDATE, "plan_objective", needs="compensation_plans:write", body=UpdatePlanObjective)
async def update_plan_objective(tx: Tx, id: UUID, body: UpdatePlanObjective) -> None:
    """Change an objective; what was posted stays, the next run pays the difference."""
    merge(await tx.require(PlanObjective, id), body)


@command(Kind.DELETE, "plan_objective", needs="compensation_plans:write")
async def delete_plan_objective(tx: Tx, id: UUID, _: object) -> None:
    """Take an objective back that was not assessed."""
    row = await tx.require(PlanObjective, id)
    if row.score is not None:
        raise refuse("immutable", "It was assessed.")
    await tx.session.delete(row)


@command(
    Kind.ACTION,
    "plan_objective",
    needs="compensation_plans:write",
    body=AssessPlanObjective,
    action="assess",
    event="plan_objective.assessed",
)
async def assess_plan_objective(tx: Tx, id: UUID, body: AssessPlanObjective) -> None:
    """Say how far an objective was met; a later assessment takes the place of an earlier one."""
    row = await tx.require(PlanObjective, id)
    if row.seller_id == tx.actor.seller_id:
        raise refuse("four_eyes", "Nobody assesses themselves.")
    row.score, row.assessed_by, row.assessed_at = body.score, tx.actor.principal_id, tx.now
