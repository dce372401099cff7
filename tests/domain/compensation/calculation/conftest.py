"""Shared organisations."""

from datetime import date
from decimal import Decimal

import pytest

from .world import World, component, empty_world, months


@pytest.fixture
def team() -> World:
    """Ada and Bob sell in one territory each and report to Cyd, who is paid on the team; quotas are 1,200 a year."""
    world = empty_world("2026-Q2")
    always = {"valid_from": date(2026, 1, 1), "valid_to": None}
    world["crediting_rule"] = [
        {"ordinal": 1, "kind": "explicit_split"},
        {"ordinal": 2, "kind": "territory_coverage"},
        {"ordinal": 3, "kind": "account_owner"},
    ]
    world["component"] = [
        component("own", "seller-plan"),
        component(
            "team",
            "manager-plan",
            measure={"of": "revenue", "whose": "team"},
            window={"over": "year", "quota": "to_date", "paid": "each_period"},
        ),
    ]
    for seller, plan in (("ada", "seller-plan"), ("bob", "seller-plan"), ("cyd", "manager-plan")):
        world["participant"].append({"seller_id": seller, "plan_id": plan} | always)
        world["quota"] += [
            {"seller_id": seller, "period_code": month["period_code"], "amount": Decimal(100)} for month in months()
        ]
    for seller, territory, account in (("ada", "north", "acme"), ("bob", "south", "bolt")):
        whole = {"ordinal": 1, "cum_lo": Decimal(0), "cum_hi": Decimal(1)}
        world["coverage"].append({"territory_id": territory, "seller_id": seller} | whole | always)
        world["membership"].append({"account_id": account, "territory_id": territory} | always)
        world["account_owner"].append({"account_id": account, "seller_id": "bob"} | always)
        world["reporting_line"].append({"seller_id": seller, "manager_id": "cyd"} | always)
    for number, (account, day, amount) in enumerate(
        (
            ("acme", date(2026, 2, 10), "700.01"),
            ("acme", date(2026, 4, 1), "600.333"),
            ("bolt", date(2026, 5, 5), "-33.3333"),
            ("acme", date(2026, 5, 6), "99.995"),
            ("bolt", date(2026, 6, 30), "450"),
            ("unknown", date(2026, 6, 1), "10"),
            ("acme", date(2026, 7, 1), "5000"),
        )
    ):
        world["transaction"].append(
            {
                "transaction_id": f"deal-{number}",
                "account_id": account,
                "product_id": None,
                "transaction_date": day,
                "amount": Decimal(amount),
                "currency": "EUR",
            }
        )
    return world
