"""The inputs of one plan by itself: its components and one person to be paid, without the organisation around them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa

from app.domain.compensation.calculation.inputs import RELATIONS, Inputs, arrow_schema
from app.domain.compensation.plan_extraction import constants_of, plan_relations
from app.domain.compensation.tables.plans import CompensationPlan
from app.domain.compensation.terms.component import ComponentFields
from app.domain.kernel.scope import Tx
from app.domain.quotas.queries import QUOTA_OF_MEASURES_SQL

SOMEBODY = "00000000-0000-4000-8000-000000000002"
"""Whoever has the quota and target incentive that were asked for."""
_FIGURES_OF_ATTAINMENT = "attainment"
_CENTS = Decimal("0.0001")
Row = dict[str, Any]

_COMPONENTS = "select id, ordinal, terms from compensation_component where org_id = :org_id and plan_id = :plan"
_PERIODS = (
    "select code as period_code, fiscal_year, ordinal, start_date, end_date, kind from fiscal_period"
    " where org_id = :org_id and fiscal_year = :year and kind in ('month', 'year') order by start_date, ordinal"
)
_QUOTAS = f"select * from ({QUOTA_OF_MEASURES_SQL.format(org=':org_id', fiscal_year=':year')}) q where seller_id = :id"
_TAKING_PART = (
    "select effective_from as valid_from, effective_to as valid_to, target_incentive from plan_participant"
    " where org_id = :org_id and plan_id = :plan and seller_id = :id"
)


async def plan_alone(
    tx: Tx, plan: CompensationPlan, seller: UUID | None, quota: Decimal | None, target: Decimal | None, score: Decimal
) -> Inputs:
    """A whole year of the plan with `SOMEBODY` in it, who has the quota and target given, or else the seller's."""
    rows = await tx.rows(_COMPONENTS, plan=plan.id)
    terms = [(row["id"], plan.id, row["ordinal"], plan.currency, ComponentFields(**row["terms"])) for row in rows]
    relations: dict[str, Sequence[Row]] = dict(plan_relations(terms, {plan.id: constants_of(plan)}))
    periods = [dict(row) for row in await tx.rows(_PERIODS, year=plan.fiscal_year)]
    months = [row for row in periods if row["kind"] == "month"]
    (year,) = (row for row in periods if row["kind"] == "year")
    taking_part = [dict(row) for row in await tx.rows(_TAKING_PART, plan=plan.id, id=seller)] if seller else []
    taking_part = taking_part or [{"valid_from": year["start_date"], "valid_to": None, "target_incentive": None}]
    own = {"seller_id": SOMEBODY, "plan_id": str(plan.id)}
    relations["participant"] = [row | own | _target(row, target) for row in taking_part]
    if quota is not None:
        relations["quota"] = _even(quota, months, relations["component"])
    else:
        known = await tx.rows(_QUOTAS, year=plan.fiscal_year, id=seller)
        relations["quota"] = [{**row, "seller_id": SOMEBODY} for row in known]
    relations["period"] = months
    relations["target_period"] = [year | {"fiscal_year_start": year["start_date"], "reach_start": year["start_date"]}]
    relations["objective"] = _objectives(relations["component"], months, score)
    return Inputs(
        **{
            name: pa.Table.from_pylist([_fit(name, row) for row in relations.get(name, [])], schema=arrow_schema(name))
            for name in RELATIONS
        }
    )


def bounds(inputs: Inputs) -> set[Decimal]:
    """The attainments at which a plan says something else."""
    relations = {name: inputs.relations()[name].to_pylist() for name in ("component", "band", "gate")}  # type: ignore[union-attr]
    by_id = {row["component_id"]: row for row in relations["component"]}
    gates = [row for row in relations["gate"] if row["figure"] == _FIGURES_OF_ATTAINMENT]
    found = {row[end] for row in gates for end in ("at_least", "at_most")} - {None}
    for band in relations["band"]:
        component = by_id[band["component_id"]]
        for axis in ("x", "y"):
            if component[f"{axis}_figure"] == _FIGURES_OF_ATTAINMENT:
                found |= {band[f"{axis}_from"], band[f"{axis}_to"]} - {None}
    return {Decimal(bound) for bound in found}


def _target(row: Row, target: Decimal | None) -> Row:
    return {} if target is None else {"target_incentive": target}


def _even(quota: Decimal, months: Sequence[Row], components: Sequence[Row]) -> list[Row]:
    """The quota in equal months that add up, for every measure that a component is held against."""
    measures = {(row["quota_measure"], row["currency"]) for row in components if row["quota_measure"]}
    bound = [(quota * n / len(months)).quantize(_CENTS) for n in range(len(months) + 1)]
    return [
        {
            "seller_id": SOMEBODY,
            "measure": measure,
            "currency": "XXX" if measure in ("units", "activity") else currency,
            "period_code": month["period_code"],
            "amount": bound[n + 1] - bound[n],
        }
        for measure, currency in sorted(measures)
        for n, month in enumerate(months)
    ]


def _objectives(components: Sequence[Row], months: Sequence[Row], score: Decimal) -> list[Row]:
    return [
        {
            "component_id": component["component_id"],
            "seller_id": SOMEBODY,
            "start_date": month["start_date"],
            "end_date": month["end_date"],
            "weight": Decimal(1),
            "score": score,
        }
        for component in components
        if component["measure"] == "objective_score"
        for month in months
    ]


def _fit(name: str, row: Row) -> Row:
    """What of a row the relation holds."""
    return {column.name: row.get(column.name) for column in RELATIONS[name]}
