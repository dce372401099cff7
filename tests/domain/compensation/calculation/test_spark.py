"""The step texts make the same relations on Spark as on DuckDB, over 100,000 transactions.

Needs pyspark and Java 17 (`pip install palier[spark]`), which the ordinary environment has not; then it takes minutes.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import sys
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from app.domain.compensation.calculation.engine import calculate
from app.domain.compensation.calculation.inputs import Inputs, arrow_schema
from app.domain.compensation.calculation.making import steps

from .naming import identify
from .world import Row, World, component, empty_world, inputs_of, months

pyspark = pytest.importorskip("pyspark")
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")

SELLERS, ACCOUNTS, DEALS = 60, 400, 100_000

LARGE: Row = {
    "kind": "spif",
    "window": {"over": "transaction", "paid": "each_period"},
    "rate": {"flat": {"pays": "rate", "value": "0.01"}},
    "limits": [{"kind": "cap", "per": "year", "amount": "20000"}],
    "windfall": {"rule": "amortise", "above": "5000", "months": 4},
    "budget": {"amount": "4900000", "when_exhausted": "first_come"},
    "clawback": {"method": "pro_rata", "days": 90},
}
BONUS: Row = {
    "kind": "bonus",
    "window": {"over": "quarter", "quota": "window", "paid": "each_period"},
    "target": {"amount": "10000"},
    "rate": {
        "curve": {
            "input": {"figure": "attainment"},
            "outside": "extrapolate",
            "pays": "base_rate",
            "points": [{"at": "0.5", "value": "0"}, {"at": "1", "value": "1"}, {"at": "2", "value": "3"}],
        }
    },
}


def organisation(chance: random.Random) -> World:
    """Sixty sellers in territories of their own, six managers, an overlay plan; some deals are in dollars.

    Large deals are paid over months within a budget, and some come back; a bonus is read off a curve.
    """
    world = empty_world("2026-Q4")
    always = {"valid_from": date(2025, 1, 1), "valid_to": None}
    world["crediting_rule"] = [
        {"ordinal": 1, "kind": "territory_coverage"},
        {"ordinal": 2, "kind": "account_owner"},
        {"ordinal": 3, "kind": "named_overlay"},
    ]
    yearly = {"over": "year", "quota": "to_date", "paid": "each_period"}
    world["component"] = [
        component("own", "sellers"),
        component("team", "managers", measure={"of": "revenue", "whose": "team"}, window=yearly),
        component("overlay", "sellers", measure={"of": "revenue", "whose": "overlay"}),
        component("large", "sellers", **LARGE),
        component("bonus", "sellers", **BONUS),
    ]
    world["clawback"] = [{"component_id": "large", "from_day": 0, "to_day": 90, "share": Decimal(1), "days": 90}]
    figures = {"amount": Decimal(1000), "original_amount": Decimal(3000)}
    for n in range(0, DEALS, 97):
        named = {"return_id": f"return-{n}", "transaction_id": f"deal-{n}", "age_days": n % 100}
        world["takeback"].append(named | figures)
    for n in range(SELLERS):
        seller, manager = f"seller-{n}", f"manager-{n % 6}"
        world["participant"].append({"seller_id": seller, "plan_id": "sellers"} | always)
        world["reporting_line"].append({"seller_id": seller, "manager_id": manager} | always)
        bounds = ("0", "0.333333", "1") if n % 3 == 0 else ("0", "1")
        for place, (low, high) in enumerate(pairwise(map(Decimal, bounds)), 1):
            share = {"seller_id": f"seller-{(n + place - 1) % SELLERS}", "cum_lo": low, "cum_hi": high}
            world["coverage"].append({"territory_id": f"land-{n}", "ordinal": place} | share | always)
    for n in range(6):
        world["participant"].append({"seller_id": f"manager-{n}", "plan_id": "managers"} | always)
    for n in range(ACCOUNTS):
        if n % 7:
            world["membership"].append({"account_id": f"firm-{n}", "territory_id": f"land-{n % SELLERS}"} | always)
        world["account_owner"].append({"account_id": f"firm-{n}", "seller_id": f"seller-{n % 11}"} | always)
    assignment = {"assignment_id": "help", "rule_id": "named_overlay", "ordinal": 1, "share": Decimal("0.1")}
    world["overlay"] = [assignment | {"seller_id": "seller-1", "account_id": "firm-1"} | always]
    world["fx_rate"] = [{"from_currency": "USD", "to_currency": "EUR", "rate": Decimal("0.912345678")} | always]
    for row in world["participant"]:
        for month in months():
            quota = {"seller_id": row["seller_id"], "period_code": month["period_code"]}
            world["quota"].append(quota | {"amount": Decimal(chance.randrange(50_000, 300_000))})
    return world


def with_deals(inputs: Inputs, chance: random.Random) -> Inputs:
    """The organisation with its deals, made without a dictionary for each."""
    accounts = [str(identify(f"firm-{n}")) for n in range(ACCOUNTS)]
    cents = [chance.randrange(-10_000, 1_000_000) for _ in range(DEALS)]
    columns = {
        "transaction_id": [str(identify(f"deal-{n}")) for n in range(DEALS)],
        "kind": ["return" if amount < 0 else "booking" for amount in cents],
        "account_id": [chance.choice(accounts) for _ in range(DEALS)],
        "product_id": [None] * DEALS,
        "transaction_date": [date(2026, 1, 1) + timedelta(days=chance.randrange(365)) for _ in range(DEALS)],
        "amount": [Decimal(amount).scaleb(-2) for amount in cents],
        "margin": [None] * DEALS,
        "quantity": [None] * DEALS,
        "currency": [chance.choice(("EUR", "EUR", "USD")) for _ in range(DEALS)],
    }
    deals = pa.table(columns, schema=arrow_schema("transaction"))
    return Inputs(**(inputs.relations() | {"transaction": deals}))


async def digests(inputs: Inputs, folder: Path) -> dict[str, str]:
    from pyspark.sql import SparkSession

    from app.domain.compensation.calculation.spark import SETTINGS, Spark

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.shuffle.partitions", "4").config("spark.local.dir", str(folder / "local"))
    builder = builder.config("spark.sql.warehouse.dir", str(folder / "warehouse"))
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        engine = Spark(session, folder)
        await engine.load(inputs)
        return {step.name: await engine.make(step) for step in steps()}
    finally:
        session.stop()


def test_spark_makes_the_same_relations(tmp_path: Path) -> None:
    chance = random.Random(4)
    inputs = with_deals(inputs_of(organisation(chance)), chance)
    there = asyncio.run(digests(inputs, tmp_path))
    here = calculate(inputs, tmp_path / "run", lambda *_: None, lambda: False)
    assert here.counts["credit"] > DEALS
    assert here.counts["taken_back"] > SELLERS
    assert there == dict(here.digests)
