"""The inputs of a period by itself, with the plans in force or with others in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from app.domain.compensation.balances import CLAWBACK_SQL
from app.domain.compensation.calculation.inputs import Inputs, Relation, arrow_schema
from app.domain.compensation.calculation.loading import attach, table
from app.domain.compensation.contract.simulations import TriedPlan
from app.domain.compensation.extraction import extract, read_relation
from app.domain.kernel.scope import Tx

# What was posted, and what moves pay in time: a trial tells what the period itself earns.
_LEFT_OUT = (
    *("settled", "posted", "brought", "adjustment", "holdback", "release", "held", "clawed", "brought_back"),
    *("draw", "owed"),
)
TRIED_PLANS = (
    "select p.id, cast(:fiscal_year as int) as fiscal_year from compensation_plan p"
    " where p.org_id = :org_id and p.id = any(cast(:plans as uuid[]))"
)
"""SQL: the plans that inputs name, as if they were of their fiscal year."""
_CLAWBACK = CLAWBACK_SQL.format(plans=TRIED_PLANS)


async def present_inputs(tx: Tx, period: UUID, artifacts: Path) -> tuple[Inputs, str]:
    """The inputs of a period with the plans in force, and their hash."""
    found = await extract(tx, period, artifacts)
    return await _alone(tx, found.inputs), found.inputs_hash


async def tried_inputs(
    tx: Tx, period: UUID, plans: Sequence[TriedPlan], present: Inputs, artifacts: Path
) -> tuple[Inputs, str]:
    """The inputs of a period with other plans in force, and their hash; `present` lends its participants.

    For the rest of the transaction these plans are in force.
    """
    ids = ",".join(str(plan.plan_id) for plan in plans)
    await tx.value("select set_config('palier.simulated_plans', :ids, true)", ids=ids)
    found = await extract(tx, period, artifacts)
    inputs = await _alone(tx, found.inputs)
    for plan, facts in zip(plans, await _facts(tx, period, plans), strict=True):
        inputs = _enrolled(inputs, present, plan.plan_id, facts)
        if plan.instead_of_id:
            inputs = _without_plan(inputs, plan.instead_of_id)
    return inputs, found.inputs_hash


async def _alone(tx: Tx, inputs: Inputs) -> Inputs:
    """The inputs without what happened to earnings: postings, balances, draws, holdbacks and what was clawed back.

    The earnings of the period are those of its own base lines, and returns take back what they do in a run.
    """
    nothing: dict[str, Relation] = {name: arrow_schema(name).empty_table() for name in _LEFT_OUT}
    (target,) = table(inputs.target_period).to_pylist()
    if target["start_date"] > target["fiscal_year_start"]:
        before = [{"period_code": "", "end_date": target["start_date"]}]
        nothing["settled"] = pa.Table.from_pylist(before, schema=arrow_schema("settled"))
    facts = {"fiscal_year": target["fiscal_year"], "plans": sorted(set(table(inputs.component)["plan_id"].to_pylist()))}
    return replace(inputs, clawback=await read_relation(tx, "clawback", _CLAWBACK, facts), **nothing)


def returned_on(inputs: Inputs) -> pa.Table:
    """On which day each deal that came back did so for the last time: transaction_id, returned_on."""
    with duckdb.connect() as connection:
        attach(connection, "sale", inputs.transaction)
        connection.register("takeback", table(inputs.takeback))
        return connection.sql(
            "SELECT b.transaction_id, MAX(s.transaction_date) AS returned_on FROM takeback b"
            " JOIN sale s ON CAST(s.transaction_id AS VARCHAR) = b.return_id GROUP BY b.transaction_id"
        ).to_arrow_table()


def with_value(known: pa.Table, column: str, value: Any) -> pa.Table:
    """The relation with one column the same in every row."""
    place = known.schema.get_field_index(column)
    field = known.schema.field(column)
    return known.set_column(place, field, pa.array([value] * known.num_rows, type=field.type))


async def _facts(tx: Tx, period: UUID, plans: Sequence[TriedPlan]) -> list[dict[str, Any]]:
    rows = await tx.rows(
        "select plan.id, plan.fiscal_year - p.fiscal_year as years,"
        " array(select cast(other.id as text) from compensation_plan other where other.org_id = plan.org_id"
        "  and other.code = plan.code and other.id <> plan.id) as versions"
        " from compensation_plan plan join fiscal_period p on p.org_id = plan.org_id and p.id = :period"
        " where plan.org_id = :org_id and plan.id = any(:ids)",
        period=period,
        ids=[plan.plan_id for plan in plans],
    )
    by_id = {row["id"]: row for row in rows}
    found = []
    for plan in plans:
        row = by_id[plan.plan_id]
        replaced = [str(plan.instead_of_id)] if plan.instead_of_id else row["versions"]
        found.append({"years": row["years"], "replaced": replaced})
    return found


def _enrolled(inputs: Inputs, present: Inputs, plan: UUID, facts: dict[str, Any]) -> Inputs:
    rows = table(inputs.participant).to_pylist()
    own = [row for row in rows if row["plan_id"] == str(plan)]
    others = [row for row in rows if row["plan_id"] != str(plan)]
    for row in own:
        row |= {name: _years_before(row[name], facts["years"]) for name in ("valid_from", "valid_to")}
    if not own:
        lent = [row for row in table(present.participant).to_pylist() if row["plan_id"] in facts["replaced"]]
        own = [row | {"plan_id": str(plan)} for row in lent]
    return replace(inputs, participant=pa.Table.from_pylist([*others, *own], schema=arrow_schema("participant")))


def _years_before(day: date | None, years: int) -> date | None:
    if day is None:
        return None
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - years, day=28 if leap and years else day.day)


def _without_plan(inputs: Inputs, plan: UUID) -> Inputs:
    """The inputs without a plan: its participants, its components and what hangs on these."""
    component = table(inputs.component)
    gone = component.filter(pc.equal(component["plan_id"], str(plan)))["component_id"]
    kept: dict[str, Relation] = {}
    for name, relation in inputs.relations().items():
        if name in ("component", "participant"):
            kept[name] = table(relation).filter(pc.not_equal(table(relation)["plan_id"], str(plan)))
        elif isinstance(relation, pa.Table) and "component_id" in relation.schema.names:
            kept[name] = relation.filter(pc.invert(pc.is_in(relation["component_id"], value_set=gone)))
    return replace(inputs, **kept)
