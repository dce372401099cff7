"""Asking what could be better in a plan, and beginning a draft of it."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.commands.plans import revised, update_compensation_plan
from app.domain.compensation.commands.simulations import check_period
from app.domain.compensation.contract.plans import UpdateCompensationPlan
from app.domain.compensation.contract.recommendations import DraftRecommendation, RecommendForPlan
from app.domain.compensation.tables.plans import CompensationPlan
from app.domain.compensation.terms.component import ComponentFields
from app.domain.kernel.command import Kind, command
from app.domain.kernel.jobs import at_most, enqueue
from app.domain.kernel.scope import Tx


@command(
    Kind.ACTION,
    "compensation_plan",
    needs="pay:read",
    body=RecommendForPlan,
    action="recommend",
    answers="job",
    event="",
    unversioned=True,
)
async def recommend_for_plan(tx: Tx, id: UUID, body: RecommendForPlan) -> UUID:
    """Look for what could be better in a plan, and calculate what each change would have cost.

    The plan is calculated over the period as if it were in force, and then once for each change that the rules find;
    they replace the plan's earlier recommendations.
    """
    await check_period(tx, body.period_id)
    await at_most(tx, "recommend_for_plan", of_one=1, of_all=2)
    payload = {"plan_id": str(id), "period_id": str(body.period_id)}
    return await enqueue(tx, "recommend_for_plan", payload, needs="pay:read")


@command(
    Kind.ACTION,
    "plan_recommendation",
    needs="compensation_plans:write",
    body=DraftRecommendation,
    action="draft",
    answers="compensation_plan",
    event="",
)
async def draft_plan_recommendation(tx: Tx, id: UUID, body: DraftRecommendation) -> UUID:
    """Begin a new version of the plan with the recommended document; the plan itself stays as it is."""
    await tx.visible("plan_recommendation", id)
    (found,) = await tx.rows(
        "select plan_id, components from plan_recommendation where org_id = :org_id and id = :id", id=id
    )
    draft = await revised(tx, await tx.require(CompensationPlan, found["plan_id"]))
    components = [ComponentFields.model_validate(terms) for terms in found["components"]]
    name = {"name": body.name} if body.name else {}
    await update_compensation_plan(tx, draft, UpdateCompensationPlan(components=components, **name))
    return draft
