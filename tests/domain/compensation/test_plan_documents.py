"""A plan document is checked when it is saved, said back in words, and compared with the one it revises."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from app.domain.compensation.terms.component import ComponentFields, component_findings
from tests.domain.compensation.desk import COMMISSION, Desk

Change = dict[str, Any]
DRAW = {"kind": "recoverable", "code": "DRAW", "name": "Draw", "amount": "2500.00", "proration": "days"}


def findings(*changed: Change) -> set[tuple[str, str]]:
    components = [ComponentFields.model_validate(COMMISSION | change) for change in changed]
    return {(found.code, found.pointer) for found in component_findings(components, "/components", "EUR")}


def tiers(**changes: Any) -> Change:
    return {"rate": {"tiers": deepcopy(COMMISSION["rate"]["tiers"]) | changes}}


def bounds(*listed: tuple[str, str | None]) -> Change:
    return tiers(tiers=[{"lower": low, "upper": high, "value": "0.1"} for low, high in listed])


def stood(
    component: str | None = "YEAR",
    figure: str = "attainment",
    standing: str = "with_deal",
    method: str = "marginal",
    **changes: Any,
) -> Change:
    """Each transaction in tiers by where another component stood."""
    looked_at = {"figure": figure, "component": component, "standing": standing}
    return tiers(input=looked_at, method=method) | {"window": {"over": "transaction", "paid": "each_period"}} | changes


FREE = {"over": "year", "paid": "never"}
BESIDE = (
    {"code": "YEAR"},
    {"code": "FREE", "window": FREE, "rate": {"flat": {"pays": "rate", "value": "0"}}},
    {
        "code": "ACTIVE",
        "measure": {"of": "activity", "whose": "own"},
        "window": FREE,
        "rate": {"flat": {"pays": "per_unit", "value": "1"}},
    },
)


def test_a_sound_component_has_no_findings() -> None:
    assert findings({}) == set()


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        (bounds(("0", "1"), ("1.1", None)), "tier_gap", "/rate/tiers/tiers/1/lower"),
        (bounds(("0", "1"), ("0.9", None)), "tier_overlap", "/rate/tiers/tiers/1/lower"),
        (bounds(("0.1", None)), "tier_start", "/rate/tiers/tiers/0/lower"),
        (bounds(("0", "1")), "tier_end", "/rate/tiers/tiers/0/upper"),
        (bounds(("0", "0"), ("0", None)), "tier_empty", "/rate/tiers/tiers/0/upper"),
        (tiers(pays="target_share"), "marginal_value", "/rate/tiers/pays"),
        (tiers(input={"figure": "margin_share"}), "marginal_input", "/rate/tiers/input"),
        (tiers(pays="base_rate"), "target_missing", "/target"),
        (tiers(pays="per_unit"), "rate_unit", "/rate/tiers/pays"),
        ({"window": {"over": "year", "paid": "each_period"}}, "quota_missing", "/window/quota"),
        ({"window": {"over": "rolling", "quota": "window", "paid": "each_period"}}, "window_months", "/window/months"),
        ({"limits": [{"kind": "cap", "per": "month", "amount": "5"}]}, "limit_within_window", "/limits/0/per"),
        ({"limits": [{"kind": "cap", "per": "year"}]}, "limit_value", "/limits/0"),
        ({"target": {}}, "target_value", "/target"),
        ({"windfall": {"rule": "split", "above": "5"}}, "windfall_share", "/windfall/share"),
        ({"clawback": {"method": "schedule"}}, "clawback_schedule", "/clawback/schedule"),
        ({"kind": "objective"}, "kind_measure", "/kind"),
        (
            {"gates": [{"input": {"figure": "attainment", "component": "GONE"}, "at_least": "1", "below": "0"}]},
            "component_unknown",
            "/gates/0/input/component",
        ),
        (
            {"window": {"over": "transaction", "paid": "each_period"}},
            "transaction_alone",
            "/rate/tiers/input",
        ),
        (tiers(method="whole", input={"figure": "rank"}), "ties_missing", "/rate/tiers/input/ties"),
        (tiers(input={"figure": "attainment", "ties": "share"}), "ties_elsewhere", "/rate/tiers/input/ties"),
        (stood(component=None), "standing_component", "/rate/tiers/input/component"),
        (stood(figure="rank"), "standing_figure", "/rate/tiers/input/figure"),
        (stood(window=COMMISSION["window"]), "standing_window", "/rate/tiers/input/standing"),
        (stood(standing="before_deal"), "marginal_standing", "/rate/tiers/input/standing"),
        (stood(measure={"of": "margin", "whose": "own"}), "marginal_measure", "/rate/tiers/input/component"),
        (stood(component="ACTIVE"), "standing_measure", "/rate/tiers/input/component"),
        (stood(component="FREE"), "quota_missing", "/rate/tiers/input/component"),
    ],
)
def test_what_does_not_hold_together_is_named_with_its_place(change: Change, code: str, pointer: str) -> None:
    assert (code, f"/components/0{pointer}") in findings(change, *BESIDE)


def test_a_deal_may_be_paid_by_where_another_component_stood() -> None:
    assert findings(stood(), *BESIDE) == set()
    whole = stood(
        method="whole", standing="before_deal", figure="margin_share", measure={"of": "margin", "whose": "own"}
    )
    assert findings(whole, *BESIDE) == set()
    component = ComponentFields.model_validate(COMMISSION | stood())
    words = [(words.en, words.fr) for words in component.words("EUR")]
    assert any("attainment of YEAR as it stood with the deal" in en for en, _ in words)
    assert any("le taux d'atteinte de YEAR tel qu'avec l'affaire" in fr for _, fr in words)


def test_a_rate_is_said_in_one_way() -> None:
    flat = {"pays": "rate", "value": "0.05"}
    assert findings({"rate": tiers()["rate"] | {"flat": flat}}) == {("rate_choice", "/components/0/rate")}
    assert findings({"rate": {}}) == {("rate_choice", "/components/0/rate")}


async def test_a_draft_that_does_not_hold_together_is_refused_whole(desk: Desk) -> None:
    body = {"code": "BAD", "name": "Bad", "fiscal_year": 2026, "currency": "EUR"}
    bad = {**body, "components": [COMMISSION, COMMISSION | bounds(("0", "1"), ("2", None))]}
    refused = await desk.world.post("comp_admin", "/v1/compensation-plans", bad, expect=422)
    assert refused["code"] == "plan_document_invalid"
    assert {(e["code"], e["pointer"]) for e in refused["errors"]} == {
        ("component_twice", "/components/1/code"),
        ("tier_gap", "/components/1/rate/tiers/tiers/1/lower"),
    }
    assert await desk.items("comp_admin", "/v1/compensation-plans", code="BAD") == []


async def test_a_rate_that_is_a_number_is_refused(desk: Desk) -> None:
    body = {"code": "BAD", "name": "Bad", "fiscal_year": 2026, "currency": "EUR"}
    wrong = COMMISSION | {"rate": {"flat": {"pays": "rate", "value": 0.05}}}
    refused = await desk.world.post("comp_admin", "/v1/compensation-plans", {**body, "components": [wrong]}, expect=422)
    assert refused["errors"][0]["pointer"] == "/components/0/rate/flat/value"


async def test_a_plan_says_in_words_what_it_pays(desk: Desk) -> None:
    plan = await desk.world.get("comp_admin", f"/v1/compensation-plans/{desk.plan}")
    (component,) = plan["components"]
    english = " ".join(sentence["en"] for sentence in component["in_words"])
    french = " ".join(sentence["fr"] for sentence in component["in_words"])
    assert "own credited revenue, on booking, over the fiscal year to date against its whole quota" in english
    assert "by attainment, each slice at its own: 0 % to 100 %: 5 %; above 100 %: 10 %" in english
    assert "chiffre d'affaires crédité propre" in french
    assert "de 0 % à 100 % : 5 %\u202f; au-delà de 100 % : 10 %" in french


async def test_the_difference_to_the_plan_it_revises_is_told_place_by_place(desk: Desk) -> None:
    path = f"/v1/compensation-plans/{desk.plan}"
    new = await desk.world.post("comp_admin", f"{path}/revise")
    listed = [{"lower": "0", "upper": "1", "value": "0.06"}, {"lower": "1", "value": "0.10"}]
    changed = COMMISSION | tiers(tiers=listed) | {"target": {"amount": "10000"}}
    rate = {
        "name": "BUDGET",
        "from_currency": "USD",
        "to_currency": "EUR",
        "rate": "0.9",
        "effective_from": "2026-01-01",
    }
    await desk.world.post("finance", "/v1/fx-rates", rate)
    answer = await desk.world.client("comp_admin").patch(
        f"/v1/compensation-plans/{new['id']}",
        json={"components": [changed], "exchange_rates": "BUDGET", "draws": [DRAW]},
        headers={"if-match": f'"{new["version"]}"'},
    )
    assert answer.status_code == 200, answer.text
    found = await desk.items("comp_admin", "/v1/compensation-plan-differences", plan_id=new["id"])
    places = {(d["component_code"], d["path"], d["before"], d["after"]) for d in found}
    assert places >= {
        (changed["code"], "/rate/tiers/tiers/0/value", "0.05", "0.06"),
        (changed["code"], "/target/amount", None, "10000.00"),
        (None, "/exchange_rates", "SPOT", "BUDGET"),
        (None, "/draws/0/amount", None, DRAW["amount"]),
    }
    others = {(code, path) for code, path, *_ in places if not path.startswith("/draws/0/")}
    assert len(others) == 3
