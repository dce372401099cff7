"""Asking for plans to be tried out."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.domain.compensation.contract.budget_risks import CreateBudgetRisk
from app.domain.compensation.contract.simulations import (
    AttainmentFields,
    AttainmentSource,
    CreatePlanSimulation,
    ScenarioFields,
    TriedPlan,
)
from app.domain.compensation.queries import require_plans
from app.domain.compensation.tables.simulations import BudgetRisk, PlanSimulation
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, FieldError, Invalid, define, refuse
from app.domain.kernel.jobs import at_most, enqueue
from app.domain.kernel.scope import Tx

define(
    "scenario_invalid",
    Invalid,
    "The scenario does not hold together",
    "Le scénario est incohérent",
    "Correct the listed places: a shift names a segment or a product, a normal distribution has mean and spread.",
)
define(
    "plan_twice",
    Invalid,
    "Two of the plans have the same code",
    "Deux des plans ont le même code",
    "Give one version of each plan.",
)

# The jobs refuse with these.
define(
    "nobody_to_draw",
    Conflict,
    "Nobody has a quota in a plan of this currency",
    "Personne n'a de quota dans un plan de cette devise",
    "Accept quotas of the period, or give the budget in the currency of the plans.",
)
define(
    "too_many_points",
    Invalid,
    "The draws lead to too many different attainments",
    "Les tirages mènent à trop d'atteintes différentes",
    "Give a coarser step or fewer draws.",
)
define(
    "no_attainment",
    Conflict,
    "Nobody attained anything in the period",
    "Personne n'a d'atteinte sur la période",
    "Give a mean and a spread, or choose a period in which sellers had quotas.",
)


@command(Kind.CREATE, "plan_simulation", needs="pay:read", body=CreatePlanSimulation)
async def create_plan_simulation(tx: Tx, body: CreatePlanSimulation) -> UUID:
    """Start a simulation; `job_id` names the job to watch, and the results are read from what is created."""
    await check_period(tx, body.period_id)
    await check_plans(tx, body.plans)
    if body.scenario:
        await _check_scenario(tx, body.scenario)
    await at_most(tx, "plan_simulation", of_one=2, of_all=4)
    id = tx.new_id()
    job = await enqueue(tx, "plan_simulation", {"simulation_id": str(id)}, needs="pay:read")
    said = body.model_dump(mode="json", include={"plans", "scenario"})
    own = {**body.model_dump(include={"name", "period_id", "paid_every", "seed"}), **said, "job_id": job}
    await tx.add(PlanSimulation(org_id=tx.org_id, id=id, requested_by=tx.actor.principal_id, **own))
    return id


@command(Kind.CREATE, "budget_risk", needs="pay:read", body=CreateBudgetRisk)
async def create_budget_risk(tx: Tx, body: CreateBudgetRisk) -> UUID:
    """Start drawing; `job_id` names the job to watch, and the figures are read from what is created."""
    await check_period(tx, body.period_id)
    await check_plans(tx, body.plans)
    if findings := attainment_findings(body.attainment, "/attainment"):
        raise refuse("scenario_invalid", errors=tuple(findings))
    await at_most(tx, "budget_risk", of_one=2, of_all=4)
    id = tx.new_id()
    job = await enqueue(tx, "budget_risk", {"budget_risk_id": str(id)}, needs="pay:read")
    said = body.model_dump(mode="json", include={"plans", "attainment"})
    said |= {"budget": body.budget.amount, "currency": body.budget.currency, "job_id": job}
    own = body.model_dump(include={"name", "period_id", "correlation", "draws", "step", "seed"})
    await tx.add(BudgetRisk(org_id=tx.org_id, id=id, requested_by=tx.actor.principal_id, **own, **said))
    return id


async def check_period(tx: Tx, period: UUID) -> None:
    """Refuse a period that does not exist, or whose year has no plans or crediting rules."""
    await tx.visible("fiscal_period", period, pointer="/period_id")
    year = await tx.value("select fiscal_year from fiscal_period where org_id = :org_id and id = :id", id=period)
    await require_plans(tx, year)


async def check_plans(tx: Tx, plans: Sequence[TriedPlan]) -> None:
    """Refuse plans that do not exist, and two versions of one."""
    named = [id for plan in plans for id in (plan.plan_id, plan.instead_of_id) if id]
    rows = await tx.rows("select id, code from compensation_plan where org_id = :org_id and id = any(:ids)", ids=named)
    codes = {row["id"]: row["code"] for row in rows}
    for n, plan in enumerate(plans):
        for field, id in (("plan_id", plan.plan_id), ("instead_of_id", plan.instead_of_id)):
            if id and id not in codes:
                raise refuse("unknown_reference", f"There is no compensation_plan {id}.", pointer=f"/plans/{n}/{field}")
        if codes[plan.plan_id] in [codes[other.plan_id] for other in plans[:n]]:
            raise refuse("plan_twice", pointer=f"/plans/{n}/plan_id")


def attainment_findings(attainment: AttainmentFields, pointer: str) -> list[FieldError]:
    """What does not hold together in a distribution."""
    normal = attainment.source is AttainmentSource.NORMAL
    if normal == (attainment.mean is not None and attainment.spread is not None) and (
        normal or (attainment.mean is None and attainment.spread is None)
    ):
        return []
    text = "Give mean and spread." if normal else "History has a mean and a spread of its own."
    return [FieldError(pointer, "attainment_distribution", text)]


async def _check_scenario(tx: Tx, scenario: ScenarioFields) -> None:
    found = []
    for n, shift in enumerate(scenario.shifts):
        at = f"/scenario/shifts/{n}"
        if (shift.segment_id is None) == (shift.product_id is None):
            found.append(FieldError(at, "shift_subject", "Give either segment_id or product_id."))
    if scenario.attainment:
        found += attainment_findings(scenario.attainment, "/scenario/attainment")
        if scenario.growth is not None or scenario.shifts:
            text = "Sales are replaced by drawn attainments: leave growth and shifts out."
            found.append(FieldError("/scenario/attainment", "attainment_alone", text))
    if found:
        raise refuse("scenario_invalid", errors=tuple(found))
    for n, shift in enumerate(scenario.shifts):
        at = f"/scenario/shifts/{n}"
        if shift.segment_id:
            await tx.visible("segment", shift.segment_id, pointer=f"{at}/segment_id")
        if shift.product_id:
            await tx.visible("product", shift.product_id, pointer=f"{at}/product_id")
