"""What plans say of labels, of levels of a team and of earlier windows, from the document to the pay."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.compensation.terms.component import ComponentFields, component_findings
from tests.domain.compensation.desk import COMMISSION, Desk
from tests.world import fiscal_year

QUARTER = {"over": "quarter", "paid": "at_end"}
FIVE = {"flat": {"pays": "rate", "value": "0.05"}}


def findings(*documents: dict[str, Any]) -> list[tuple[str, str]]:
    components = [ComponentFields.model_validate(COMMISSION | document) for document in documents]
    found = component_findings(components, "/components", "EUR")
    return [(finding.code, finding.pointer.removeprefix("/components/0")) for finding in found]


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        (
            {"measure": {"of": "revenue", "whose": "own", "only": {"labels": ["a"], "without_labels": ["b", "a"]}}},
            "label_twice",
            "/measure/only/without_labels/1",
        ),
        (
            {"measure": {"of": "revenue", "whose": "own", "levels": {"nearest": 1}}},
            "measure_restriction",
            "/measure/levels",
        ),
        (
            {"measure": {"of": "revenue", "whose": "team", "levels": {"nearest": 2, "furthest": 1}}},
            "range_empty",
            "/measure/levels/furthest",
        ),
        (
            {"gates": [{"input": {"figure": "rank", "earlier": "previous"}, "at_least": "1", "below": "0"}]},
            "earlier_figure",
            "/gates/0/input/figure",
        ),
        (
            {
                "window": {"over": "transaction", "paid": "each_period"},
                "rate": FIVE,
                "gates": [{"input": {"figure": "measured", "earlier": "previous"}, "at_least": "1", "below": "0"}],
            },
            "earlier_window",
            "/gates/0/input/earlier",
        ),
        (
            {
                "rate": {
                    "tiers": COMMISSION["rate"]["tiers"] | {"input": {"figure": "attainment", "earlier": "previous"}}
                }
            },
            "marginal_input",
            "/rate/tiers/input",
        ),
        ({"quota": {"share": "0.5", "amount": "1"}}, "quota_value", "/quota"),
        ({"quota": {"share": "0.5"}, "rate": FIVE, "window": QUARTER}, "quota_unused", "/quota"),
        ({"measure": {"of": "deals", "whose": "own"}, "quota": {"share": "1"}}, "no_such_quota", "/measure/of"),
    ],
)
def test_what_does_not_hold_together_is_refused_at_its_place(document: dict[str, Any], code: str, pointer: str) -> None:
    assert (code, pointer) in findings(document)


def test_choices_are_said_in_words() -> None:
    only = {"labels": ["self_sourced"], "without_labels": ["partner"]}
    measure = {"of": "revenue", "whose": "team", "levels": {"nearest": 1, "furthest": 1}, "only": only}
    gate = {"input": {"figure": "attainment", "earlier": "previous"}, "at_least": "1", "below": "0"}
    said = ComponentFields.model_validate(COMMISSION | {"measure": measure, "gates": [gate]}).words("EUR")
    english, french = " ".join(words.en for words in said), " ".join(words.fr for words in said)
    assert "of the team, level 1 only, transactions labelled self_sourced, not labelled partner" in english
    assert "attainment of the window before" in english
    assert "niveau 1 seulement, transactions étiquetées self_sourced, non étiquetées partner" in french
    assert "le taux d'atteinte de la période précédente" in french


async def lines_of(desk: Desk, run: Any, plan: str, code: str) -> dict[str, Any]:
    """The lines of a component, by seller."""
    names = {id: name for name, id in desk.world.sellers.items()}
    lines = [line for line in await desk.items("finance", "/v1/earnings", run_id=run["id"]) if line["plan_id"] == plan]
    return {names[line["seller_id"]]: line for line in lines if line["component_code"] == code}


async def earned(desk: Desk, run: Any, plan: str, code: str) -> dict[str, str]:
    return {name: line["amount"]["amount"] for name, line in (await lines_of(desk, run, plan, code)).items()}


async def test_labels_are_recorded_corrected_and_paid_by(desk: Desk) -> None:
    weights = [{"labels": ["upsell"], "factor": "0.5"}]
    of_a_year = {"code": "YEAR", "measure": {"of": "revenue", "whose": "own", "annualised": True}}
    own = {"code": "OWN", "measure": {"of": "revenue", "whose": "own", "only": {"labels": ["self_sourced"]}}}
    rest = {"code": "REST", "measure": {"of": "revenue", "whose": "own", "weights": weights}}
    simple = {"window": QUARTER, "rate": FIVE}
    plan = await desk.publish("LABELS", components=[COMMISSION | simple | said for said in (own, rest, of_a_year)])
    await desk.sell("2026-01-10", "1000", "sam", labels=["self_sourced", "upsell"])
    wrong = await desk.sell("2026-02-10", "4000", "sam", labels=["upsell"])
    correction = {"reason": "It was found by the seller.", "labels": ["self_sourced"]}
    corrected = await desk.world.post("comp_admin", f"/v1/transactions/{wrong}/correct", correction)
    assert corrected["labels"] == ["self_sourced"]
    # A return is like what it takes back.
    sold = await desk.sell("2026-02-11", "400", "sam", labels=["upsell"])
    await desk.sell("2026-03-10", "-400", "sam", kind="return", returns_id=sold)
    await desk.sell("2026-03-11", "3000", "sue", term_months=36)
    run = await desk.posted("2026-Q1")
    assert await earned(desk, run, plan, "OWN") == {"sam": "250.00", "sue": "0.00"}
    assert await earned(desk, run, plan, "REST") == {"sam": "225.00", "sue": "150.00"}
    assert await earned(desk, run, plan, "YEAR") == {"sam": "250.00", "sue": "50.00"}
    line = (await lines_of(desk, run, plan, "OWN"))["sam"]
    parts = await desk.items("finance", "/v1/earning-parts", earning_id=line["id"])
    assert sorted(part["amount"]["amount"] for part in parts) == ["200.00", "50.00"]


async def test_an_override_pays_on_direct_reports_and_not_on_own_sales(desk: Desk) -> None:
    measure = {"of": "revenue", "whose": "team", "levels": {"nearest": 1, "furthest": 1}}
    override = {"kind": "override", "code": "OVER", "measure": measure, "window": QUARTER, "rate": FIVE}
    plan = await desk.publish("MGR-2026", components=[COMMISSION | override], takes_part=("mona",))
    await desk.sell("2026-02-10", "10000", "sam", "sue", shares=("0.5", "0.5"))
    await desk.sell("2026-02-11", "7000", "mona")
    run = await desk.posted("2026-Q1")
    assert await earned(desk, run, plan, "OVER") == {"mona": "500.00"}
    (line,) = [
        line
        for line in await desk.items("finance", "/v1/earnings", run_id=run["id"], include="credits")
        if line["seller_id"] == desk.world.sellers["mona"]
    ]
    assert {credit["seller_id"] for credit in line["credits"]["items"]} == {
        desk.world.sellers[name] for name in ("sam", "sue")
    }


async def test_growth_is_reckoned_from_what_was_sold_the_year_before(desk: Desk) -> None:
    await fiscal_year(desk.world, 2025)
    await desk.credit_by("explicit_split", since="2024-01-01", effective_to="2026-01-01")
    growth = {
        "code": "GROWTH",
        "window": QUARTER,
        "rate": {"formula": {"text": "max(measured - measured_last_year, 0) * 0.1"}},
    }
    plan = await desk.publish("GROWTH", components=[COMMISSION | growth])
    await desk.sell("2025-01-01", "4000", "sam")
    await desk.sell("2025-04-01", "70000", "sam")
    await desk.sell("2024-12-31", "70000", "sue")
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.sell("2026-02-10", "1000", "sue")
    run = await desk.posted("2026-Q1")
    assert await earned(desk, run, plan, "GROWTH") == {"sam": "600.00", "sue": "100.00"}
    # What last year credits nobody is told by month and not one by one.
    nobodys = await desk.sell("2025-02-10", "5", shares=())
    later = await desk.calculate("2026-Q2")
    found = await desk.items("finance", "/v1/run-findings", run_id=later["id"])
    assert nobodys not in {finding["transaction_id"] for finding in found}
    assert await earned(desk, later, plan, "GROWTH") == {"sam": "0.00", "sue": "0.00"}
    months = {month.pop("period_code"): month for month in later["earlier_sales"]}
    assert len(months) == 12
    assert months["2025-M01"] == {"credits": 1, "uncredited": 0}
    assert months["2025-M02"] == {"credits": 0, "uncredited": 1}
    assert months["2025-M03"] == {"credits": 0, "uncredited": 0}
    told = {finding["reason"]: finding for finding in found if finding["seller_id"] is None}
    assert set(told) == {"earlier_sales_uncredited", "no_earlier_sales"}
    assert all(finding["remedy"]["fr"] for finding in told.values())


async def test_a_run_that_looks_at_its_own_year_says_nothing_of_earlier_sales(desk: Desk) -> None:
    await fiscal_year(desk.world, 2025)
    await desk.publish("PLAIN", components=[COMMISSION | {"window": QUARTER, "rate": FIVE}])
    await desk.sell("2025-02-10", "5", shares=())
    run = await desk.calculate("2026-Q1")
    assert run["earlier_sales"] == []
    assert await desk.items("finance", "/v1/run-findings", run_id=run["id"]) == []


async def test_without_a_calendar_of_the_year_before_growth_needs_attention(desk: Desk) -> None:
    growth = {
        "code": "GROWTH",
        "window": QUARTER,
        "rate": {"formula": {"text": "max(measured - measured_last_year, 0) * 0.1"}},
    }
    plan = await desk.publish("GROWTH", components=[COMMISSION | growth])
    await desk.sell("2026-02-10", "10000", "sam")
    run = await desk.calculate("2026-Q1")
    lines = await lines_of(desk, run, plan, "GROWTH")
    assert {line["code"] for line in lines.values()} == {"no_figure"}


async def test_a_plan_says_by_which_rates_its_amounts_are_converted(desk: Desk) -> None:
    flat = COMMISSION | {"window": QUARTER, "rate": FIVE}
    body = {"code": "NO", "name": "None", "fiscal_year": 2026, "currency": "EUR", "components": [flat]}
    refused = await desk.world.post(
        "comp_admin", "/v1/compensation-plans", body | {"exchange_rates": "BUDGET"}, expect=422
    )
    assert [error["pointer"] for error in refused["errors"]] == ["/exchange_rates"]
    pair = {"from_currency": "USD", "to_currency": "EUR", "effective_from": "2026-01-01"}
    await desk.world.post("finance", "/v1/fx-rates", pair | {"rate": "0.8"})
    await desk.world.post("finance", "/v1/fx-rates", pair | {"rate": "0.9", "name": "BUDGET"})
    budget = await desk.publish("BUDGET", components=[flat], exchange_rates="BUDGET")
    spot = await desk.publish("SPOT", components=[flat])
    said = (await desk.world.get("comp_admin", f"/v1/compensation-plans/{budget}"))["in_words"]
    assert {"en": "Amounts are converted at the exchange rates BUDGET.", "fr": "Conversion aux cours BUDGET."} in said
    abroad = {"kind": "booking", "transaction_date": "2026-01-10", "amount": {"amount": "1000", "currency": "USD"}}
    splits = [{"seller_id": desk.world.sellers["sam"], "share": "1"}]
    await desk.world.post("comp_admin", "/v1/transactions", abroad | {"splits": splits})
    await desk.sell("2026-02-10", "100", "sam")
    run = await desk.posted("2026-Q1")
    assert await earned(desk, run, budget, "REVENUE") == {"sam": "50.00", "sue": "0.00"}
    assert await earned(desk, run, spot, "REVENUE") == {"sam": "45.00", "sue": "0.00"}
    for plan, amounts in ((budget, ["45.00", "5.00"]), (spot, ["40.00", "5.00"])):
        line = (await lines_of(desk, run, plan, "REVENUE"))["sam"]
        parts = await desk.items("finance", "/v1/earning-parts", earning_id=line["id"])
        assert sorted(part["amount"]["amount"] for part in parts) == amounts
    found = await desk.items("finance", "/v1/credits", run_id=run["id"])
    assert {(row["exchange_rates"], row["amount"]["amount"]) for row in found} == {
        ("BUDGET", "900.00"),
        ("BUDGET", "100.00"),
        ("SPOT", "800.00"),
        ("SPOT", "100.00"),
    }
