"""What was tried out, as it can be read. It tells everybody's pay, so it is for those who see it."""

from __future__ import annotations

from app.domain.compensation.contract.budget_risks import BudgetRiskView
from app.domain.compensation.contract.simulations import PlanSimulationView, SimulatedPayView
from app.domain.kernel.resource import Many, One, Resource, by_pay

PLAN_SIMULATION = Resource(
    "plan_simulation",
    "plan_simulations",
    PlanSimulationView,
    "pay:read",
    "Draft plans calculated over a period or a scenario, beside the plans in force.",
    links={
        "period": One("fiscal_period", "{row}.period_id"),
        "job": One("job", "{row}.job_id", "The job that calculates it."),
        "pay": Many("simulated_pay", "{other}.simulation_id = {row}.id", "-difference", "Before and after by seller."),
    },
    filters=("period_id", "name", "finished_at"),
    sorts=("created_at",),
    search=("name",),
)

SIMULATED_PAY = Resource(
    "simulated_pay",
    "simulated_pays",
    SimulatedPayView,
    "pay:read",
    "What sellers would earn by a simulation, before and after.",
    path="simulated-pay",
    links={
        "simulation": One("plan_simulation", "{row}.simulation_id"),
        "seller": One("seller", "{row}.seller_id"),
    },
    filters=("simulation_id", "seller_id", "difference"),
    sorts=("difference",),
    sort="id",
    visible=by_pay("{row}.seller_id"),
    versioned=False,
)

BUDGET_RISK = Resource(
    "budget_risk",
    "budget_risks",
    BudgetRiskView,
    "pay:read",
    "How much plans may cost by chance, against a budget.",
    links={
        "period": One("fiscal_period", "{row}.period_id"),
        "job": One("job", "{row}.job_id", "The job that calculates it."),
    },
    filters=("period_id", "name", "finished_at"),
    sorts=("created_at",),
    search=("name",),
)
