"""Whether plans do what they are for, as reports over what was posted. They tell pay, so they are for who sees it."""

from __future__ import annotations

from decimal import Decimal

from app.domain.compensation.contract.effectiveness import (
    AttainmentBandView,
    ComponentEffectivenessView,
    EffectivenessGroup,
    PayoutFifthView,
    PayPerformanceView,
    PlanEffectivenessView,
)
from app.domain.compensation.effectiveness import (
    ATTAINMENT_BANDS,
    COMPONENT_EFFECTIVENESS,
    PAY_PERFORMANCE,
    PAYOUT_FIFTHS,
    PLAN_EFFECTIVENESS,
)
from app.domain.kernel.money import Rate
from app.domain.kernel.resource import One, Param, Resource, by_pay

_YEAR = Param(int, "The fiscal year; by default the newest in which a run was posted.")

PAY_PERFORMANCE_REPORT = Resource(
    "pay_performance",
    "pay_performances",
    PayPerformanceView,
    "pay:read",
    "What sellers attained and were paid in a fiscal year, plan by plan.",
    source=PAY_PERFORMANCE,
    links={"seller": One("seller", "{row}.seller_id")},
    filters=("plan_code", "seller_id", "job_role", "team", "attainment", "fifth"),
    sorts=("attainment", "pay"),
    sort="id",
    params={"fiscal_year": _YEAR},
    visible=by_pay("{row}.seller_id"),
    versioned=False,
    path="reports/pay-performance",
)

PLAN_EFFECTIVENESS_REPORT = Resource(
    "plan_effectiveness",
    "plan_effectiveness_rows",
    PlanEffectivenessView,
    "pay:read",
    "How pay, performance and cost go together in a fiscal year, by plan, job role, team or segment.",
    source=PLAN_EFFECTIVENESS,
    filters=("name", "currency"),
    sorts=("name", "pay", "cost_of_sales"),
    sort="name",
    params={
        "fiscal_year": _YEAR,
        "per": Param(EffectivenessGroup, "What a row adds up; the plan by default.", default=EffectivenessGroup.PLAN),
        "threshold": Param(Rate, "The attainment that counts as the threshold; 0.5 by default.", Decimal("0.5")),
        "excellence": Param(Rate, "The attainment that counts as excellence; 1.2 by default.", Decimal("1.2")),
        "windfall": Param(Rate, "The part of the year's quota that makes a deal a windfall.", Decimal("0.5")),
    },
    versioned=False,
    path="reports/plan-effectiveness",
)

PAYOUT_FIFTH_REPORT = Resource(
    "payout_fifth",
    "payout_fifths",
    PayoutFifthView,
    "pay:read",
    "What each fifth of a plan's sellers was paid, by attainment.",
    source=PAYOUT_FIFTHS,
    filters=("plan_code", "fifth"),
    sorts=("fifth",),
    sort="fifth",
    params={"fiscal_year": _YEAR},
    versioned=False,
    path="reports/payout-fifths",
)

COMPONENT_EFFECTIVENESS_REPORT = Resource(
    "component_effectiveness",
    "component_effectiveness_rows",
    ComponentEffectivenessView,
    "pay:read",
    "What each component of the plans of a fiscal year cost, for how many, and where its terms stop.",
    source=COMPONENT_EFFECTIVENESS,
    links={"plan": One("compensation_plan", "{row}.plan_id")},
    filters=("plan_id", "plan_code", "kind", "earners", "at_cap", "below_gate"),
    sorts=("pay", "earning_share"),
    sort="-pay",
    params={"fiscal_year": _YEAR},
    versioned=False,
    path="reports/component-effectiveness",
)

ATTAINMENT_BAND_REPORT = Resource(
    "attainment_band",
    "attainment_bands",
    AttainmentBandView,
    "pay:read",
    "How many sellers of each plan attained how much, in steps of 10 %.",
    source=ATTAINMENT_BANDS,
    filters=("plan_code",),
    sorts=("lower",),
    sort="lower",
    params={"fiscal_year": _YEAR},
    versioned=False,
    path="reports/attainment-bands",
)
