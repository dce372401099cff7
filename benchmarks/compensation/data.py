"""A year of a company of 5,800 participants, the same at every call: what a run reads, as Parquet files.

800 managers on five levels and 5,000 sellers; 200,000 accounts in 8,000 territories that change hands and are shared;
named overlays; monthly pay with marginal tiers, whole tiers, a curve and an override on the team, caps and guarantees.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from app.domain.compensation.calculation.inputs import RELATIONS, Inputs, arrow_schema
from app.domain.compensation.plan_extraction import plan_relations
from app.domain.compensation.terms.component import ComponentFields

YEAR, YEAR_END = date(2026, 1, 1), date(2027, 1, 1)
LEVELS = (1, 5, 30, 150, 614)
MANAGERS, SELLERS = sum(LEVELS), 5_000
ACCOUNTS, TERRITORIES, OVERLAYS, PRODUCTS = 200_000, 8_000, 4_000, 400
_PLANS = range(1, 5)
"""The first three are of sellers, the last of managers."""
_MEAN_AMOUNT = Decimal("475.0")
_SHARES = ("0.333333", "0.500000", "0.600000", "0.250000", "0.700001")
Row = dict[str, Any]


def identify(kind: str, number: int) -> UUID:
    """The id of a thing by its number; those of one kind are in the order of their numbers."""
    return UUID(int=(_KINDS.index(kind) + 1 << 96) | (7 << 76) | (2 << 62) | number)


_KINDS = ("seller", "account", "territory", "product", "plan", "component", "rule", "overlay")


def make(transactions: int, folder: Path) -> Inputs:
    """Write the relations of a run that pays December, and say where they are; kept from an earlier call."""
    files = Inputs(**{name: folder / f"{name}.parquet" for name in RELATIONS})
    if (folder / "complete").exists():
        return files
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in configuration(transactions).items():
        pq.write_table(pa.Table.from_pylist(list(rows), schema=arrow_schema(name)), folder / f"{name}.parquet")
    write_transactions(transactions, folder / "transaction.parquet")
    (folder / "complete").touch()
    return files


def in_memory(inputs: Inputs) -> Inputs:
    """Everything but the transactions as tables, as a run has read them."""
    read = {name: pq.read_table(path) for name, path in inputs.relations().items() if name != "transaction"}
    return replace(inputs, **read)


def configuration(transactions: int) -> dict[str, Iterable[Row]]:
    """Every relation but the transactions; quotas are such that attainment is about one."""
    chance = random.Random(7)
    relations: dict[str, Iterable[Row]] = {name: [] for name in RELATIONS if name != "transaction"}
    sellers = list(range(MANAGERS + 1, MANAGERS + SELLERS + 1))
    relations["reporting_line"] = list(_reporting(chance, sellers))
    relations["coverage"] = list(_coverage(chance, sellers))
    relations["membership"] = list(_membership(chance))
    relations["overlay"] = list(_overlays(chance, sellers))
    relations["crediting_rule"] = [
        _rule(ordinal, kind)
        for ordinal, kind in enumerate(("explicit_split", "territory_coverage", "named_overlay"), 1)
    ]
    relations |= _months()
    relations["participant"] = [_participant(number) for number in range(1, MANAGERS + SELLERS + 1)]
    relations["quota"] = list(_quotas(chance, transactions))
    relations["draw"] = list(_guarantees(chance, sellers))
    relations |= plan_relations(
        (identify("component", ordinal), identify("plan", plan), ordinal, "EUR", ComponentFields.model_validate(terms))
        for ordinal, (plan, terms) in enumerate(_components(), 1)
    )
    return relations


def write_transactions(count: int, path: Path) -> None:
    """Transactions in order of time, as they were recorded; a few take something back."""
    with duckdb.connect(config={"threads": 2, "preserve_insertion_order": True}) as connection:
        connection.execute(
            f"""
            COPY (
              SELECT CAST((CAST(1767225600000 + i * 31536000000 // {count} AS UHUGEINT) << 80)
                  + (CAST(7 AS UHUGEINT) << 76) + (CAST(hash(i) % 4096 AS UHUGEINT) << 64)
                  + (CAST(2 AS UHUGEINT) << 62) + CAST(hash(i * 7) >> 2 AS UHUGEINT) AS UUID) AS transaction_id,
                CASE WHEN hash(i * 7 + 4) % 100 < 3 THEN 'return' ELSE 'booking' END AS kind,
                {
                _id(
                    "account",
                    f"CAST(power((hash(i * 7 + 1) % 1000003) / 1000003.0, 1.6) * {ACCOUNTS} AS INT) % {ACCOUNTS} + 1",
                )
            } AS account_id,
                {_id("product", f"hash(i * 7 + 2) % {PRODUCTS} + 1")} AS product_id,
                DATE '{YEAR}' + CAST(i * 365 // {count} AS INT) AS transaction_date,
                CAST(CASE WHEN hash(i * 7 + 4) % 100 < 3 THEN -1 ELSE 1 END
                  * CAST(100 + hash(i * 7 + 3) % 100000 AS BIGINT) * CAST(0.01 AS DECIMAL(3, 2)) AS DECIMAL(18, 4))
                  AS amount,
                CAST(NULL AS DECIMAL(18, 4)) AS margin,
                CAST(1 + hash(i * 7 + 5) % 9 AS DECIMAL(18, 4)) AS quantity, 'EUR' AS currency
              FROM range({count}) t(i)
            ) TO '{path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)
            """
        ).fetchall()


def _id(kind: str, number: str) -> str:
    return f"CAST(CAST({identify(kind, 0).int} AS UHUGEINT) + CAST({number} AS UHUGEINT) AS UUID)"


def _cut(chance: random.Random, first: int, last: int) -> date:
    return YEAR + timedelta(days=chance.randrange(first, last))


def _reporting(chance: random.Random, sellers: Sequence[int]) -> Iterator[Row]:
    above: list[int] = []
    first = 1
    for level in (*LEVELS, len(sellers)):
        own = list(range(first, first + level))
        for number in own if above else ():
            cuts = [_cut(chance, 20, 340)] if chance.random() < 0.1 else []
            for start, end in _spans(cuts):
                line = {"seller_id": number, "manager_id": chance.choice(above)}
                yield {key: str(identify("seller", value)) for key, value in line.items()} | _valid(start, end)
        above, first = own, first + level


def _spans(cuts: Iterable[date]) -> Iterator[tuple[date, date | None]]:
    bounds = [YEAR, *sorted(cuts)]
    yield from zip(bounds, [*bounds[1:], None], strict=True)


def _valid(start: date, end: date | None = None) -> Row:
    return {"valid_from": start, "valid_to": end}


def _coverage(chance: random.Random, sellers: Sequence[int]) -> Iterator[Row]:
    for territory in range(1, TERRITORIES + 1):
        for start, end in _spans({_cut(chance, 10, 355) for _ in range(chance.choice((0, 0, 1, 2)))}):
            bounds = [Decimal(0), Decimal(1)]
            if chance.random() < 0.35:
                bounds.insert(1, Decimal(chance.choice(_SHARES)))
            names = chance.sample(sellers, len(bounds) - 1)
            for ordinal, (name, low, high) in enumerate(zip(names, bounds, bounds[1:], strict=False), 1):
                share = {"ordinal": ordinal, "seller_id": str(identify("seller", name)), "cum_lo": low, "cum_hi": high}
                yield {"territory_id": str(identify("territory", territory))} | share | _valid(start, end)


def _membership(chance: random.Random) -> Iterator[Row]:
    for account in range(1, ACCOUNTS + 1):
        for start, end in _spans([_cut(chance, 10, 355)] if chance.random() < 0.1 else []):
            territory = identify("territory", chance.randrange(1, TERRITORIES + 1))
            home = {"account_id": str(identify("account", account)), "territory_id": str(territory)}
            yield home | _valid(start, end)


def _overlays(chance: random.Random, sellers: Sequence[int]) -> Iterator[Row]:
    for ordinal, account in enumerate(chance.sample(range(1, ACCOUNTS + 1), OVERLAYS), 1):
        yield {
            "assignment_id": str(identify("overlay", ordinal)),
            "rule_id": str(identify("rule", 3)),
            "ordinal": ordinal,
            "seller_id": str(identify("seller", chance.choice(sellers))),
            "account_id": str(identify("account", account)),
            "territory_id": None,
            "product_id": None,
            "share": Decimal(1),
            **_valid(_cut(chance, 0, 100)),
        }


def _rule(ordinal: int, kind: str) -> Row:
    named = {"rule_id": str(identify("rule", ordinal)), "ordinal": ordinal, "kind": kind}
    return named | {"some_products": False, "some_accounts": False} | _valid(date(2020, 1, 1))


def _months() -> dict[str, list[Row]]:
    bounds = [date(2026, month, 1) for month in range(1, 13)] + [YEAR_END]
    months: list[Row] = [
        {"period_code": f"2026-{n:02}", "fiscal_year": 2026, "ordinal": n, "start_date": start, "end_date": end}
        for n, (start, end) in enumerate(pairwise(bounds), 1)
    ]
    paid = {key: months[-1][key] for key in ("period_code", "fiscal_year", "start_date", "end_date")}
    settled = [{key: month[key] for key in ("period_code", "end_date")} for month in months[:-1]]
    return {
        "period": months,
        "target_period": [paid | {"fiscal_year_start": YEAR, "reach_start": YEAR}],
        "settled": settled,
    }


def _participant(number: int) -> Row:
    plan = _PLANS[-1] if number <= MANAGERS else _PLANS[number % 3]
    who = {"seller_id": str(identify("seller", number)), "plan_id": str(identify("plan", plan))}
    return who | _valid(YEAR) | {"target_incentive": Decimal(30_000)}


def _quotas(chance: random.Random, transactions: int) -> Iterator[Row]:
    level = [size for size in LEVELS for _ in range(size)]
    year = transactions * _MEAN_AMOUNT
    for number in range(1, MANAGERS + SELLERS + 1):
        seller = number > MANAGERS
        part = Decimal(chance.randrange(60, 150) if seller else chance.randrange(80, 120)) / 100
        month = (year * part / (SELLERS if seller else level[number - 1]) / 12).quantize(Decimal("0.01"))
        for n in range(1, 13):
            of = {"seller_id": str(identify("seller", number)), "measure": "revenue", "currency": "EUR"}
            yield of | {"period_code": f"2026-{n:02}", "amount": month}


def _guarantees(chance: random.Random, sellers: Sequence[int]) -> Iterator[Row]:
    for number in sellers:
        if amount := chance.choice((0, 2000, 3000)):
            own = {"seller_id": str(identify("seller", number)), "currency": "EUR", "minor_digits": 2}
            rule = {"advance": Decimal(0), "recovery_share": Decimal(1), "forgive": False}
            yield own | {"guarantee": Decimal(amount)} | rule


def _components() -> Iterator[tuple[int, Row]]:
    tiers = [("0", "0.02"), ("0.5", "0.04"), ("1", "0.06"), ("1.2", "0.08")]
    attainment = {"input": {"figure": "attainment"}, "boundary": "higher", "pays": "rate"}
    marginal = attainment | {"method": "marginal", "tiers": _tiers(tiers)}
    whole = attainment | {"method": "whole", "tiers": _tiers(tiers)}
    points = [("0", "0.02"), ("0.5", "0.04"), ("1", "0.06"), ("1.2", "0.08")]
    curve = {
        "input": {"figure": "attainment"},
        "outside": "flat",
        "pays": "rate",
        "points": [{"at": at, "value": value} for at, value in points],
    }
    override = attainment | {"method": "whole", "tiers": _tiers([(low, f"{Decimal(v) / 10}") for low, v in tiers])}
    yield 1, _component("tiers", {"tiers": marginal})
    yield 2, _component("whole", {"tiers": whole})
    yield 3, _component("curve", {"curve": curve})
    yield 4, _component("override", {"tiers": override}, whose="team")
    for plan in _PLANS[:3]:
        yield plan, _component("overlay", {"flat": {"value": "0.01", "pays": "rate"}}, whose="overlay", quota=None)


def _tiers(bounds: Sequence[tuple[str, str]]) -> list[Row]:
    ends = [*(low for low, _ in bounds[1:]), None]
    return [
        {"lower": low, "value": value} | ({"upper": high} if high else {})
        for (low, value), high in zip(bounds, ends, strict=True)
    ]


def _component(code: str, rate: Row, *, whose: str = "own", quota: str | None = "to_date") -> Row:
    return {
        "code": code,
        "kind": "override" if whose == "team" else "commission",
        "name": code.capitalize(),
        "trigger": "booking",
        "measure": {"of": "revenue", "whose": whose},
        "window": {"over": "year", "paid": "each_period"} | ({"quota": quota} if quota else {}),
        "rate": rate,
        "limits": [{"kind": "cap", "per": "year", "amount": "2000000"}],
        "proration": {"quota": "months", "target": "months"},
    }
