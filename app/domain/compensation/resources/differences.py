"""Comparisons of runs, as they can be read."""

from __future__ import annotations

from app.domain.compensation.contract.differences import RunComparisonView, RunDifferenceView
from app.domain.kernel.resource import LinkFrom, Many, One, Resource

RUN_COMPARISON = Resource(
    "run_comparison",
    "run_comparisons",
    RunComparisonView,
    "runs:read",
    "Why two runs of one period differ, by cause.",
    links={
        "run": One("compensation_run", "{row}.run_id"),
        "other_run": One("compensation_run", "{row}.other_run_id"),
        "differences": Many("run_difference", "{other}.comparison_id = {row}.id", "id", "Line by line and by cause."),
    },
    filters=("run_id", "other_run_id", "created_at"),
    sorts=("created_at",),
    versioned=False,
)

RUN_DIFFERENCE = Resource(
    "run_difference",
    "run_differences",
    RunDifferenceView,
    "pay:read",
    "What each cause changed of what a period earned a seller with a component; the causes add up to the difference.",
    columns={
        "component_code": "(select c.code from compensation_component c where c.org_id = {org}"
        " and c.id = {row}.component_id)",
        "period_code": "(select p.code from fiscal_period p where p.org_id = {org} and p.id = {row}.period_id)",
    },
    links={
        "comparison": One("run_comparison", "{row}.comparison_id"),
        "seller": One("seller", "{row}.seller_id"),
        "period": One("fiscal_period", "{row}.period_id"),
    },
    filters=("comparison_id", "seller_id", "component_id", "period_id", "cause", "amount"),
    sorts=("amount",),
    sort="id",
    versioned=False,
)

RUN_COMPARISONS = LinkFrom(
    "compensation_run",
    "comparisons",
    Many("run_comparison", "{other}.run_id = {row}.id", "-created_at", "What it was compared with."),
)
