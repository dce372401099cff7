"""Scenarios a compensation analyst can read and correct: tests/golden/compensation/*.yaml."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.domain.compensation.calculation import trace
from app.domain.compensation.calculation.lines import Outcome

from .naming import identify
from .world import TIERS, World, component, empty_world, months, run

SCENARIOS = sorted((Path(__file__).parents[3] / "golden" / "compensation").glob("*.yaml"))
AMOUNTS = {
    "credited_to_date",
    "quota_to_date",
    "quota_window",
    "attainment",
    "earned_to_date",
    "earned_before",
    "posted_before",
    "earning",
    "amount",
    "earned",
}


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path: Path, tmp_path: Path) -> None:
    scenario = yaml.safe_load(path.read_text("utf-8"))
    outcome = run(world_of(scenario), tmp_path / "run")
    expected = scenario["expect"]
    compare(expected["lines"], lines_of(outcome))
    compare(expected.get("uncredited", []), uncredited_of(outcome))
    if "slices" in expected:
        compare(expected["slices"], slices_of(outcome))
    if "credits" in expected:
        compare(expected["credits"], credits_of(outcome, scenario))
    if "lost" in expected:
        compare(expected["lost"], lost_of(outcome))


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) >= 8


def compare(expected: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    """As many rows, in any order, each with at least the figures the scenario names."""
    wanted = [
        {key: Decimal(value) if key in AMOUNTS and value is not None else value for key, value in named(row).items()}
        for row in expected
    ]
    shown = [{key: row[key] for key in wanted[0]} if wanted else row for row in found]
    assert len(found) == len(wanted), found
    for row in wanted:
        assert any(all(candidate[key] == value for key, value in row.items()) for candidate in found), (row, shown)


def named(row: dict[str, Any]) -> dict[str, Any]:
    return {key: identify(value) if key in ("seller", "deal") else value for key, value in row.items()}


def lines_of(outcome: Outcome) -> list[dict[str, Any]]:
    return [vars(line) | {"seller": line.seller_id} for line in outcome.lines]


def slices_of(outcome: Outcome) -> list[dict[str, Any]]:
    return [vars(part) | {"seller": part.seller_id, "tier": part.ordinal} for part in outcome.slices]


def credits_of(outcome: Outcome, scenario: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        vars(credit) | {"seller": credit.seller_id, "deal": credit.transaction_id}
        for seller in scenario["sellers"]
        for credit in trace.credits_of_seller(outcome.artefact, identify(seller), date(2026, 1, 1), date(2027, 1, 1))
    ]


def lost_of(outcome: Outcome) -> list[dict[str, Any]]:
    return [vars(row) | {"seller": row.seller_id, "deal": row.transaction_id} for row in trace.lost(outcome.artefact)]


def uncredited_of(outcome: Outcome) -> list[dict[str, Any]]:
    return [vars(row) | {"deal": row.transaction_id} for row in trace.uncredited(outcome.artefact)]


def world_of(scenario: dict[str, Any]) -> World:
    world = empty_world(scenario["period"])
    world["crediting_rule"] = [
        {"ordinal": 1, "kind": "explicit_split"},
        {"ordinal": 2, "kind": "territory_coverage"},
        {"ordinal": 3, "kind": "account_owner"},
    ]
    _plans(world, scenario)
    _sellers(world, scenario)
    for account, territory in scenario["accounts"].items():
        world["membership"].append({"account_id": account, "territory_id": territory} | dates({}))
    for territory, covered in scenario["coverage"].items():
        for turn in covered if isinstance(covered, list) else [{"seller": covered}]:
            whole = {"ordinal": 1, "cum_lo": Decimal(0), "cum_hi": Decimal(1)}
            world["coverage"].append({"territory_id": territory, "seller_id": turn["seller"]} | whole | dates(turn))
    for rate in scenario.get("fx_rates", []):
        pair = {"from_currency": rate["from"], "to_currency": rate["to"], "rate": Decimal(rate["rate"])}
        world["fx_rate"].append(pair | dates(rate))
    for transaction in scenario["transactions"]:
        _transaction(world, transaction)
    return world


def dates(row: dict[str, Any]) -> dict[str, Any]:
    return {"valid_from": row.get("starting", date(2020, 1, 1)), "valid_to": row.get("until")}


def percent(text: str) -> Decimal:
    return Decimal(text.removesuffix("%").strip()) / 100


def commission(plan: dict[str, Any]) -> dict[str, Any]:
    """The short way to say a commission in tiers of attainment over the year."""
    quota = {"annual": "window", "to_date": "to_date"}[plan["quota_basis"]]
    listed = [
        {
            "lower": str(percent(tier["from"])),
            "upper": str(percent(tier["to"])) if "to" in tier else None,
            "value": str(percent(tier["rate"])),
        }
        for tier in plan["tiers"]
    ]
    return {
        "measure": {"of": "revenue", "whose": plan.get("measured_on", "own")},
        "window": {"over": "year", "quota": quota, "paid": "each_period"},
        "rate": {"tiers": TIERS | {"boundary": plan.get("boundary", "higher"), "tiers": listed}},
    }


def _plans(world: World, scenario: dict[str, Any]) -> None:
    for name, plan in scenario["plans"].items():
        world["component"].append(
            component(f"{name} commission", name, currency=plan["currency"], code="COMMISSION", **commission(plan))
        )
    for posted in scenario.get("posted", []):
        world["posted"].append(
            {
                "seller_id": posted["seller"],
                "component_id": f"{posted['plan']} commission",
                "period_code": posted["period"],
                "amount": Decimal(posted["amount"]),
            }
        )


def _sellers(world: World, scenario: dict[str, Any]) -> None:
    for name, seller in scenario["sellers"].items():
        world["participant"].append({"seller_id": name, "plan_id": seller["plan"]} | dates(seller))
        if "monthly_quota" in seller:
            quota = Decimal(seller["monthly_quota"])
            currency = scenario["plans"][seller["plan"]]["currency"]
            own = {"seller_id": name, "currency": currency, "amount": quota}
            world["quota"] += [own | {"period_code": month["period_code"]} for month in months()]
    for line in scenario.get("reporting_lines", []):
        world["reporting_line"].append({"seller_id": line["seller"], "manager_id": line["manager"]} | dates(line))


def _transaction(world: World, transaction: dict[str, Any]) -> None:
    world["transaction"].append(
        {
            "transaction_id": transaction["deal"],
            "account_id": transaction["account"],
            "product_id": None,
            "transaction_date": transaction["date"],
            "amount": Decimal(transaction["amount"]),
            "currency": transaction["currency"],
        }
    )
    begins = Decimal(0)
    for ordinal, (seller, end) in enumerate(transaction.get("split", {}).items(), 1):
        ends = Decimal(end)
        world["explicit_split"].append(
            {
                "transaction_id": transaction["deal"],
                "ordinal": ordinal,
                "seller_id": seller,
                "cum_lo": begins,
                "cum_hi": ends,
            }
        )
        begins = ends
