"""Small organisations for tests: rows as plain dictionaries with readable names for ids."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from app.domain.compensation.calculation.engine import calculate
from app.domain.compensation.calculation.inputs import RELATIONS, Inputs, arrow_schema
from app.domain.compensation.calculation.lines import Outcome
from app.domain.compensation.plan_extraction import plan_relations
from app.domain.compensation.plan_rows import counting_id
from app.domain.compensation.terms.component import ComponentFields
from app.domain.compensation.terms.constants import ConstantFields

from .naming import identify

Row = dict[str, Any]
World = dict[str, list[Row]]
MADE_OF_TERMS = (
    *("component", "band", "formula", "formula_input", "gate", "earning_limit"),
    *("counting", "counted_product", "counted_account", "weight", "weight_product", "asked_label"),
)
YEAR_START = date(2026, 1, 1)
QUARTERS = {
    "2026-Q1": (date(2026, 1, 1), date(2026, 4, 1)),
    "2026-Q2": (date(2026, 4, 1), date(2026, 7, 1)),
    "2026-Q3": (date(2026, 7, 1), date(2026, 10, 1)),
    "2026-Q4": (date(2026, 10, 1), date(2027, 1, 1)),
}


def month_start(month: int) -> date:
    return date(2026 + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def months(reach: int = 0) -> list[Row]:
    """Those of 2026, and so many before it."""
    return [
        {
            "period_code": f"{month_start(month):%Y-%m}",
            "fiscal_year": month_start(month).year,
            "ordinal": month_start(month).month,
            "start_date": month_start(month),
            "end_date": month_start(month + 1),
        }
        for month in range(1 - reach, 13)
    ]


def target(quarter: str, reach: int = 0) -> Row:
    start, end = QUARTERS[quarter]
    return {
        "period_code": quarter,
        "fiscal_year": 2026,
        "fiscal_year_start": YEAR_START,
        "reach_start": month_start(1 - reach),
        "start_date": start,
        "end_date": end,
    }


def settled_before(quarter: str) -> list[Row]:
    """The quarters before it, each posted or due to be."""
    start, _ = QUARTERS[quarter]
    return [{"period_code": code, "end_date": end} for code, (_, end) in QUARTERS.items() if end <= start]


TIERS = {
    "method": "marginal",
    "input": {"figure": "attainment"},
    "boundary": "higher",
    "pays": "rate",
    "tiers": [{"lower": "0", "upper": "1", "value": "0.05"}, {"lower": "1", "value": "0.1"}],
}
FLOOR = {"kind": "floor", "per": "year", "amount": "0"}
COMMISSION: Row = {
    "kind": "commission",
    "name": "Commission",
    "trigger": "booking",
    "measure": {"of": "revenue", "whose": "own"},
    "window": {"over": "year", "quota": "window", "paid": "each_period"},
    "rate": {"tiers": TIERS},
    "limits": [FLOOR],
    "proration": {"quota": "months", "target": "months"},
}
"""5 % up to quota and 10 % above, over the year; nobody ever owes."""


def component(name: str, plan: str, *, currency: str = "EUR", **terms: Any) -> Row:
    """A component of a plan: the terms as the plan document says them, where they differ from `COMMISSION`."""
    document = COMMISSION | {"code": name} | terms
    return {"component_id": name, "plan_id": plan, "currency": currency, "terms": document}


def tiers(*bounds: tuple[str, str | None, str], **terms: Any) -> Row:
    """A rate of tiers, each (lower, upper, value)."""
    listed = [{"lower": low, "upper": high, "value": value} for low, high, value in bounds]
    return {"tiers": TIERS | {"tiers": listed} | terms}


def empty_world(quarter: str, reach: int = 0) -> World:
    world: World = {name: [] for name in RELATIONS if name not in MADE_OF_TERMS or name == "component"}
    world["period"] = months(reach)
    world["target_period"] = [target(quarter, reach)]
    world["settled"] = settled_before(quarter)
    return world


USUAL: dict[str, Row] = {
    "transaction": {"kind": "booking"},
    "crediting_rule": {"some_products": False, "some_accounts": False, "valid_from": date(2020, 1, 1)},
    "quota": {"measure": "revenue", "currency": "EUR"},
}
"""What a row of a test is unless it says something else; a crediting rule is known by its kind."""


def relation(name: str, rows: list[Row]) -> pa.Table:
    rows = [
        USUAL.get(name, {}) | ({"rule_id": row.get("kind")} if name == "crediting_rule" else {}) | row for row in rows
    ]
    ids = {column.name for column in RELATIONS[name] if column.type == "id"}
    columns = [column.name for column in RELATIONS[name]]
    values = [
        {
            column: str(identify(row[column])) if column in ids and row.get(column) is not None else row.get(column)
            for column in columns
        }
        for row in ({"kind": "booking"} | row if name == "transaction" else row for row in rows)
    ]
    # The schema of a test leaves nulls to the checks under test.
    schema = pa.schema([field.with_nullable(True) for field in arrow_schema(name)])
    return pa.Table.from_pylist(values, schema=schema)


def inputs_of(world: World) -> Inputs:
    given = {name: relation(name, rows) for name, rows in world.items() if name in RELATIONS and name != "component"}
    documents = [(row, ComponentFields.model_validate(row["terms"])) for row in world["component"]]
    found = plan_relations(
        (
            (identify(row["component_id"]), identify(row["plan_id"]), n, row["currency"], terms)
            for n, (row, terms) in enumerate(documents, 1)
        ),
        constants={identify(row["plan_id"]): constants_of(world, row["plan_id"]) for row, _ in documents},
        exchange_rates={identify(row["plan_id"]): row.get("exchange_rates", "SPOT") for row, _ in documents},
    )
    counted = {
        (str(counting_id(terms, identify(row["component_id"]), row["currency"])), str(product))
        for row, terms in documents
        if terms.measure.only
        for product in terms.measure.only.products
    }
    found["counted_product"] = [{"counting_id": counting, "product_id": product} for counting, product in counted]
    found["counted_account"] = []
    weighed = {
        (str(counting_id(terms, identify(row["component_id"]), row["currency"])), ordinal, str(product))
        for row, terms in documents
        for ordinal, weight in enumerate(terms.measure.weights, 1)
        for product in weight.products
    }
    found["weight_product"] = [dict(zip(("counting_id", "ordinal", "product_id"), w, strict=True)) for w in weighed]
    made = {name: pa.Table.from_pylist(rows, schema=arrow_schema(name)) for name, rows in found.items()}
    return Inputs(**given, **made)


def constants_of(world: World, plan: str) -> list[ConstantFields]:
    """What the plan calls by a name; a world may hold them beside its relations."""
    rows = [row["constants"] for row in world.get("constants", []) if row["plan_id"] == plan]
    return [ConstantFields.model_validate(constant) for listed in rows for constant in listed]


def run(world: World, folder: Path) -> Outcome:
    return calculate(inputs_of(world), folder, lambda *_: None, lambda: False)


def decimal(text: str | int) -> Decimal:
    return Decimal(str(text))
