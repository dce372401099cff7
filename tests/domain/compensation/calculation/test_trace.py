"""From what a run kept back to its credits."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.domain.compensation.calculation import trace
from app.domain.compensation.calculation.lines import Outcome

from .naming import identify
from .test_terms import add_sale
from .world import TIERS, Row, World, component, empty_world, run


def earned_by(outcome: Outcome, seller: str, component: str, kind: str) -> Decimal | None:
    key = (identify(seller), identify(component), kind)
    return next(line.earning for line in outcome.lines if (line.seller_id, line.component_id, line.kind) == key)


@pytest.mark.parametrize(
    ("amounts", "earned"),
    [
        (("900", "300", "100"), ("45.00", "25.00", "10.00")),
        (("1300", "-400", "-1000"), ("80.00", "-35.00", "-50.00")),
    ],
)
def test_a_deal_laid_upon_others_is_cut_where_they_and_it_cross_the_quota(
    amounts: tuple[str, ...], earned: tuple[str, ...], tmp_path: Path
) -> None:
    world = empty_world("2026-Q1")
    world["crediting_rule"] = [{"ordinal": 1, "kind": "explicit_split"}]
    tiers = TIERS | {"input": {"figure": "measured", "component": "YEAR", "standing": "with_deal"}}
    tiers |= {"tiers": [{"lower": "0", "upper": "1000", "value": "0.05"}, {"lower": "1000", "value": "0.1"}]}
    deals: Row = {"window": {"over": "transaction", "paid": "each_period"}, "rate": {"tiers": tiers}, "limits": []}
    year: Row = {"window": {"over": "year", "paid": "never"}, "rate": {"flat": {"pays": "rate", "value": "0"}}}
    world["component"] = [component("DEALS", "plan", **deals), component("YEAR", "plan", **year)]
    world["participant"] = [{"seller_id": "ada", "plan_id": "plan", "valid_from": date(2026, 1, 1), "valid_to": None}]
    for place, amount in enumerate(amounts):
        add_sale(world, "ada", f"deal-{place}", date(2026, 1, 10 + place), amount, {})
    world["trait"] = []
    outcome = run(world, tmp_path / "run")
    workings = json.loads(outcome.workings[identify("ada"), identify("DEALS"), "2026-Q1"])
    assert [working["transaction_id"] for working in workings] == [str(identify(f"deal-{n}")) for n in range(3)]
    assert [working["earned"] for working in workings] == list(earned)
    assert sum(Decimal(working["earned"]) for working in workings) == earned_by(outcome, "ada", "DEALS", "base")
    assert all(sum(Decimal(cut["earned"]) for cut in deal["slices"]) == Decimal(deal["earned"]) for deal in workings)


def test_pages_of_credits_follow_one_another(team: World, tmp_path: Path) -> None:
    outcome = run(team, tmp_path / "run")
    window = (date(2026, 1, 1), date(2026, 7, 1))
    first = trace.credits_of_seller(outcome.artefact, identify("ada"), *window, limit=2)
    after = trace.place_of(first[-1])
    second = trace.credits_of_seller(outcome.artefact, identify("ada"), *window, after=after, limit=2)
    assert [credit.transaction_id for credit in first + second] == [identify(f"deal-{number}") for number in (0, 1, 3)]


def test_credits_of_a_transaction_name_everybody(team: World, tmp_path: Path) -> None:
    outcome = run(team, tmp_path / "run")
    day = date(2026, 6, 30)
    [credit] = trace.credits_of_transaction(outcome.artefact, identify("deal-4"), day)
    assert (credit.seller_id, credit.amount) == (identify("bob"), Decimal("450.0000"))
    assert credit.source_id == identify("south")
    assert trace.credits_of_transaction(outcome.artefact, identify("deal-4"), date(2027, 1, 1)) == ()


def test_what_credits_nobody_and_who_loses_are_listed(team: World, tmp_path: Path) -> None:
    outcome = run(team, tmp_path / "run")
    assert [(row.transaction_id, row.reason) for row in trace.uncredited(outcome.artefact)] == [
        (identify("deal-5"), "no_rule_applies")
    ]
    lost = list(trace.lost(outcome.artefact))
    assert {row.reason for row in lost} == {"lower_precedence"}
    assert {row.winning_rule for row in lost} == {"territory_coverage"}
    assert len(lost) == 5


@pytest.mark.parametrize("relation", ["credit", "lost", "uncredited"])
def test_the_artefact_holds_each_kept_relation(team: World, tmp_path: Path, relation: str) -> None:
    outcome = run(team, tmp_path / "run")
    assert list((outcome.artefact / relation).glob("*.parquet"))
