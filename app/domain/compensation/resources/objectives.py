"""Objectives of sellers, as they can be read."""

from __future__ import annotations

from app.domain.compensation.contract.objectives import PlanObjectiveView
from app.domain.kernel.resource import LinkFrom, Many, One, Resource, by_seller

PLAN_OBJECTIVE = Resource(
    "plan_objective",
    "plan_objectives",
    PlanObjectiveView,
    "compensation_plans:read",
    "Objectives of sellers (MBO), weighted and assessed.",
    links={"seller": One("seller", "{row}.seller_id"), "period": One("fiscal_period", "{row}.period_id")},
    filters=("plan_code", "component_code", "seller_id", "period_id", "score"),
    sorts=("created_at",),
    visible=by_seller("{row}.seller_id"),
)

SELLER_OBJECTIVES = LinkFrom(
    "seller", "plan_objectives", Many("plan_objective", "{other}.seller_id = {row}.id", "-id", "Its objectives.")
)
