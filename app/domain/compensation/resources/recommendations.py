"""What could be better in plans, as it can be read."""

from __future__ import annotations

from app.domain.compensation.contract.recommendations import PlanRecommendationView
from app.domain.kernel.resource import LinkFrom, Many, One, Resource

PLAN_RECOMMENDATION = Resource(
    "plan_recommendation",
    "plan_recommendations",
    PlanRecommendationView,
    "pay:read",
    "Changes to plans that rules recommend, with their simulated effect; the newest answer for each plan.",
    columns={"cost_difference": "({row}.cost_after - {row}.cost_before)"},
    links={
        "plan": One("compensation_plan", "{row}.plan_id"),
        "period": One("fiscal_period", "{row}.period_id"),
    },
    filters=("plan_id", "period_id", "rule", "component_code"),
    sort="id",
    versioned=False,
)

PLAN_RECOMMENDATIONS = LinkFrom(
    "compensation_plan",
    "recommendations",
    Many("plan_recommendation", "{other}.plan_id = {row}.id", "id", "What could be better in it."),
)
