"""Made-up sellers at given attainments, for the same calculation: what somebody would earn who reaches so much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from app.domain.compensation.calculation.inputs import RELATIONS, Inputs, Relation, arrow_schema
from app.domain.compensation.calculation.loading import table
from app.domain.compensation.simulation.trial import with_value

_RULE = "00000000-0000-4000-8000-000000000001"
# Relations about what a made-up sale does not have: an account, a territory, a product, a decision of its own.
_MADE = ("transaction", "explicit_split", "crediting_rule", "component", "counting")
_OF_REAL_SALES = {"transaction_id", "account_id", "territory_id", "rule_id", "counting_id"}
_NOBODY_ELSE = tuple(
    name
    for name, columns in RELATIONS.items()
    if name not in _MADE and _OF_REAL_SALES & {column.name for column in columns}
)
_WEIGHTS = ("weight", "weight_product")
_RESTRICTIONS = tuple(column.name for column in RELATIONS["counting"] if column.nullable)
_DIGITS = Decimal("0.0001")
Row = dict[str, Any]


@dataclass(frozen=True)
class Point:
    """A made-up seller: its id, whose quota, target, objectives and days in the plan it has, and what it attains."""

    id: str
    like: str
    attainment: Decimal


# A month's sale is the attained part of the month's quotas (4 places); one for every event that some component counts.
_SALES = """
select cast(md5(p.id || m.period_code || m.currency || t.kind) as uuid) as transaction_id, t.kind,
       p.id as seller_id, m.day,
       cast(round(p.attainment * cast(coalesce(m.amount, 0) as decimal(38,4)), 4) as decimal(18,4)) as amount,
       cast(round(p.attainment * cast(m.margin as decimal(38,4)), 4) as decimal(18,4)) as margin,
       cast(round(p.attainment * cast(m.units as decimal(38,4)), 4) as decimal(18,4)) as quantity, m.currency
from point p join month m on m.seller_id = p."like" cross join trigger t
where m.amount is not null or m.margin is not null or m.units is not null
"""
_ACTIVITIES = """
select c.component_id, p.id as seller_id, m.day as activity_date,
       cast(round(p.attainment * cast(m.activity as decimal(38,4)), 0) as integer) as done
from point p join month m on m.seller_id = p."like" cross join counted c where m.activity is not null
"""


def attaining(inputs: Inputs, points: Sequence[Point], *, together: bool = False) -> Inputs:
    """The inputs with nobody but the made-up sellers, each of which reaches its part of every quota of every month.

    What an attainment cannot say is left aside: restrictions to products and segments, weights, windfalls, overlays.
    Each stands alone: what a team component counts is its own result, and shared budgets do not bind. `together` keeps
    teams and budgets, for points that are the real sellers; who is paid on the team only has no sales of its own then.
    """
    inputs = _held_against_whole_quotas(inputs)
    with duckdb.connect() as connection:
        connection.register("point", _points(points))
        connection.register("month", _months(inputs, {point.like for point in points}, together))
        triggers = sorted(set(table(inputs.counting)["trigger"].to_pylist()))
        connection.register("trigger", pa.table({"kind": pa.array(triggers, pa.string())}))
        component = table(inputs.component)
        active = component.filter(pc.equal(component["measure"], "activity")).select(["component_id"])
        connection.register("counted", active)
        sales = connection.sql(_SALES).to_arrow_table()
        activities = connection.sql(_ACTIVITIES).to_arrow_table().cast(arrow_schema("activity"))
    empty: dict[str, Relation] = {name: arrow_schema(name).empty_table() for name in (*_NOBODY_ELSE, *_WEIGHTS)}
    counting = table(inputs.counting)
    lifted: dict[str, Any] = {
        "all_products": True,
        "all_accounts": True,
        "all_labels": True,
        "annualised": False,
        "customers": False,
        "windfall": "pay",
    }
    for column, value in (lifted | dict.fromkeys(_RESTRICTIONS)).items():
        counting = with_value(counting, column, value)
    component = with_value(component, "role", "direct")
    # A made-up sale has no account: where customers are counted, each is one.
    bought = pc.replace_substring(component["measure"], "customers", "deals")
    component = component.set_column(component.schema.get_field_index("measure"), "measure", bought)
    if not together:
        for column, value in (
            ("rollup", False),
            ("beside", False),
            ("nearest", 0),
            ("furthest", None),
            ("budget", None),
            ("when_exhausted", None),
        ):
            component = with_value(component, column, value)
        empty["reporting_line"] = arrow_schema("reporting_line").empty_table()
    return replace(
        inputs,
        **empty,
        transaction=_transactions(sales),
        explicit_split=_splits(sales),
        crediting_rule=_rule(inputs),
        counting=counting,
        component=component,
        participant=of_points(inputs.participant, "participant", points),
        quota=of_points(inputs.quota, "quota", points),
        objective=of_points(inputs.objective, "objective", points),
        activity=activities,
    )


def _held_against_whole_quotas(inputs: Inputs) -> Inputs:
    """The inputs where no component asks for a share of a quota, and an amount of its own is the quota of all."""
    component = with_value(table(inputs.component), "quota_share", None)
    asked = {
        (row["quota_measure"], "XXX" if row["quota_measure"] in ("units", "activity") else row["currency"]): amount
        for row in component.to_pylist()
        if (amount := row["quota_amount"]) is not None and row["quota_measure"]
    }
    (target,) = table(inputs.target_period).to_pylist()
    months = [row for row in table(inputs.period).to_pylist() if row["fiscal_year"] == target["fiscal_year"]]
    rows = [row for row in table(inputs.quota).to_pylist() if (row["measure"], row["currency"]) not in asked]
    for seller in dict.fromkeys(table(inputs.participant)["seller_id"].to_pylist()):
        for (measure, currency), amount in asked.items():
            whose = {"seller_id": seller, "measure": measure, "currency": currency}
            upto = [(amount * n / len(months)).quantize(_DIGITS, ROUND_HALF_UP) for n in range(len(months) + 1)]
            parts = zip(months, pairwise(upto), strict=True)
            rows += [
                whose | {"period_code": month["period_code"], "amount": end - begin} for month, (begin, end) in parts
            ]
    return replace(inputs, component=component, quota=pa.Table.from_pylist(rows, schema=arrow_schema("quota")))


def with_quota(inputs: Inputs) -> set[str]:
    """The sellers who take part and have some quota."""
    return set(table(inputs.participant)["seller_id"].to_pylist()) & set(table(inputs.quota)["seller_id"].to_pylist())


def _points(points: Sequence[Point]) -> pa.Table:
    columns: list[list[Any]] = [[p.id for p in points], [p.like for p in points], [p.attainment for p in points]]
    schema = pa.schema([("id", pa.string()), ("like", pa.string()), ("attainment", pa.decimal128(9, 6))])
    return pa.table(columns, schema=schema)


def _months(inputs: Inputs, likes: set[str], together: bool) -> pa.Table:
    """What each seller is asked for in each month that it takes part in, on a day on which it does."""
    plans = {row["component_id"]: row for row in table(inputs.component).to_pylist()}
    currency = {row["plan_id"]: row["currency"] for row in plans.values()}
    by_days = {row["plan_id"] for row in plans.values() if row["prorate_quota"] == "days"}
    sells = {row["plan_id"] for row in plans.values() if not (together and row["rollup"])}
    (target,) = table(inputs.target_period).to_pylist()
    quotas = _quotas(inputs)
    months = [row for row in table(inputs.period).to_pylist() if row["start_date"] < target["end_date"]]
    # Who takes part in two plans, or twice in one, sells once.
    first: dict[tuple[str, str, str], tuple[date, Decimal]] = {}
    for part in table(inputs.participant).to_pylist():
        if part["seller_id"] not in likes or part["plan_id"] not in sells:
            continue
        for month in months:
            begin = max(part["valid_from"], month["start_date"])
            end = min(part["valid_to"] or date.max, month["end_date"])
            if begin >= end:
                continue
            days = Decimal((month["end_date"] - month["start_date"]).days)
            share = (end - begin).days / days if part["plan_id"] in by_days else Decimal(1)
            key = part["seller_id"], month["period_code"], currency[part["plan_id"]]
            day, known = first.get(key, (begin, Decimal(0)))
            first[key] = min(day, begin), max(share, known)
    rows = [
        _month(seller, period, day, money, quotas.get((seller, period), {}), share)
        for (seller, period, money), (day, share) in first.items()
    ]
    amounts = [(name, pa.decimal128(18, 4)) for name in ("amount", "margin", "units", "activity")]
    texts = [(name, pa.string()) for name in ("seller_id", "period_code", "currency")]
    return pa.Table.from_pylist(rows, schema=pa.schema([*texts, ("day", pa.date32()), *amounts]))


def _month(
    seller: str, period: str, day: date, currency: str, asked: dict[tuple[str, str], Decimal], share: Decimal
) -> Row:
    def of(measure: str, unit: str) -> Decimal | None:
        found = asked.get((measure, unit))
        return None if found is None else (found * share).quantize(_DIGITS, ROUND_HALF_UP)

    revenue = of("revenue", currency)
    amount = revenue if revenue is not None else of("bookings", currency)
    margin = of("margin", currency)
    return {
        "seller_id": seller,
        "period_code": period,
        "day": day,
        "currency": currency,
        "amount": amount if amount is not None else margin,
        "margin": margin,
        "units": of("units", "XXX"),
        "activity": of("activity", "XXX"),
    }


def _quotas(inputs: Inputs) -> dict[tuple[str, str], dict[tuple[str, str], Decimal]]:
    found: dict[tuple[str, str], dict[tuple[str, str], Decimal]] = defaultdict(dict)
    for row in table(inputs.quota).to_pylist():
        found[row["seller_id"], row["period_code"]][row["measure"], row["currency"]] = row["amount"]
    return found


def _transactions(sales: pa.Table) -> pa.Table:
    count = sales.num_rows
    ids = sales["transaction_id"].cast(pa.string())
    none = pa.nulls(count, pa.string())
    known = {"transaction_id": ids, "account_id": none, "product_id": none, "transaction_date": sales["day"]}
    known |= {name: sales[name] for name in ("kind", "amount", "margin", "quantity", "currency")}
    schema = arrow_schema("transaction")
    return pa.table([known[name] for name in schema.names], names=schema.names).cast(schema)


def _splits(sales: pa.Table) -> pa.Table:
    count = sales.num_rows
    known = {
        "transaction_id": sales["transaction_id"].cast(pa.string()),
        "ordinal": pa.array([1] * count, pa.int32()),
        "seller_id": sales["seller_id"],
        "cum_lo": pa.array([Decimal(0)] * count, pa.decimal128(9, 6)),
        "cum_hi": pa.array([Decimal(1)] * count, pa.decimal128(9, 6)),
    }
    schema = arrow_schema("explicit_split")
    return pa.table([known[name] for name in schema.names], names=schema.names).cast(schema)


def _rule(inputs: Inputs) -> pa.Table:
    (target,) = table(inputs.target_period).to_pylist()
    rule = {"rule_id": _RULE, "ordinal": 1, "kind": "explicit_split", "some_products": False, "some_accounts": False}
    rows: Iterable[Row] = [rule | {"valid_from": target["fiscal_year_start"], "valid_to": None}]
    return pa.Table.from_pylist(rows, schema=arrow_schema("crediting_rule"))


def of_points(relation: Relation, name: str, points: Sequence[Point]) -> pa.Table:
    """The rows of the sellers that points are like, once for each point."""
    schema = arrow_schema(name)
    likes = pa.table({"like": [point.like for point in points], "id": [point.id for point in points]})
    joined = table(relation).join(likes, "seller_id", "like", join_type="inner")
    columns = {column: joined["id" if column == "seller_id" else column] for column in schema.names}
    return pa.table(columns).cast(schema)
