"""Goals of teams, customers and pools: what plans say of them, from the document to the pay."""

from __future__ import annotations

from typing import Any

import pytest

from app.domain.compensation.terms.component import ComponentFields
from tests.domain.compensation.desk import COMMISSION, Desk
from tests.domain.compensation.test_plan_choices import FIVE, QUARTER, earned, findings, lines_of

AGAINST = QUARTER | {"quota": "window"}
UNPAID = AGAINST | {"paid": "never"}
FIXED = {"flat": {"pays": "amount", "value": "1000"}}
CUSTOMERS = {"of": "customers", "whose": "own"}


def gate(figure: str, at_least: str = "1", **more: str) -> dict[str, Any]:
    return {"gates": [{"input": {"figure": figure, **more}, "at_least": at_least, "below": "0"}]}


@pytest.mark.parametrize(
    ("document", "code", "pointer"),
    [
        ({"measure": {"of": "revenue", "whose": "colleagues"}}, "colleagues_paid", "/window/paid"),
        ({"measure": {"of": "activity", "whose": "colleagues"}}, "measure_restriction", "/measure/whose"),
        (gate("team_at_quota"), "team_at_quota", "/gates/0/input/figure"),
        (
            {"measure": {"of": "revenue", "whose": "team"}, "quota": {"amount": "5"}, **gate("team_at_quota")},
            "team_at_quota",
            "/gates/0/input/figure",
        ),
        ({"gates": [{"input": {"figure": "attainment"}, "below": "0"}]}, "gate_bound", "/gates/0"),
        (
            {"gates": [{"input": {"figure": "attainment"}, "at_least": "1", "at_most": "0.9", "below": "0"}]},
            "gate_bound",
            "/gates/0/at_most",
        ),
        ({"window": QUARTER, "rate": FIVE, **gate("streak")}, "quota_missing", "/window/quota"),
        ({"window": QUARTER, "rate": FIVE, **gate("everybody_target")}, "target_missing", "/target"),
        ({"measure": CUSTOMERS, "rate": FIVE}, "rate_unit", "/rate/flat/pays"),
        ({"measure": CUSTOMERS, "rate": FIXED, **gate("attainment")}, "no_such_quota", "/measure/of"),
        (
            {"measure": CUSTOMERS, "rate": FIXED, "window": {"over": "transaction", "paid": "each_period"}},
            "window_measure",
            "/window/over",
        ),
        (
            {"measure": CUSTOMERS, "rate": FIXED, "clawback": {"method": "full", "days": 90}},
            "clawback_measure",
            "/clawback",
        ),
    ],
)
def test_what_does_not_hold_together_is_refused_at_its_place(document: dict[str, Any], code: str, pointer: str) -> None:
    assert (code, pointer) in findings(document)


def test_goals_of_teams_are_said_in_words() -> None:
    team = {"measure": {"of": "customers", "whose": "colleagues"}, "rate": FIXED, **gate("streak", "3")}
    said = ComponentFields.model_validate(COMMISSION | team).words("EUR")
    english, french = " ".join(words.en for words in said), " ".join(words.fr for words in said)
    assert "customers who bought of all who report to the same manager" in english
    assert "the windows in a row at quota is at least 3" in english
    between = {"input": {"figure": "rank"}, "at_least": "2", "at_most": "10", "below": "0.5"}
    words = [said.words() for said in ComponentFields.model_validate(COMMISSION | {"gates": [between]}).gates]
    assert [said.en for said in words] == ["pays 50 % unless the rank is at least 2, at most 10"]
    assert [said.fr for said in words] == ["est versé à 50 % sauf si le rang est d'au moins 2, d'au plus 10"]
    assert "nombre de clients acheteurs de tous ceux du même responsable" in french


async def test_those_who_share_a_manager_are_paid_when_together_they_reach_the_quota_of_the_manager(desk: Desk) -> None:
    team = {"code": "TEAM", "measure": {"of": "revenue", "whose": "colleagues"}, "window": UNPAID, "rate": FIVE}
    kicker = {"code": "KICKER", "window": QUARTER, "rate": FIXED, **gate("attainment", component="TEAM")}
    plan = await desk.publish("TEAM", components=[COMMISSION | team, COMMISSION | kicker])
    await desk.quota("mona", "200000")
    await desk.sell("2026-02-10", "20000", "sam")
    await desk.sell("2026-03-10", "30000", "sue")
    run = await desk.posted("2026-Q1")
    assert await earned(desk, run, plan, "KICKER") == {"sam": "1000.00", "sue": "1000.00"}
    lines = await lines_of(desk, run, plan, "TEAM")
    assert {name: line["earned_to_date"]["amount"] for name, line in lines.items()} == {"sam": "0.00", "sue": "0.00"}


async def test_a_manager_is_paid_by_how_many_of_the_team_are_at_quota(desk: Desk) -> None:
    team = {"measure": {"of": "revenue", "whose": "team"}, "window": AGAINST, "rate": FIXED}
    plan = await desk.publish(
        "MANAGER", components=[COMMISSION | team | gate("team_at_quota", "0.5")], takes_part=("mona",)
    )
    await desk.sell("2026-02-10", "30000", "sam")
    await desk.sell("2026-05-10", "29999", "sue")
    first, second = await desk.posted("2026-Q1"), await desk.posted("2026-Q2")
    assert await earned(desk, first, plan, "REVENUE") == {"mona": "1000.00"}
    assert await earned(desk, second, plan, "REVENUE") == {"mona": "0.00"}


async def test_customers_count_once_and_those_of_sales_without_account_are_asked_for(desk: Desk) -> None:
    each = {"code": "ACTIVE", "measure": CUSTOMERS, "window": QUARTER}
    plan = await desk.publish(
        "ACTIVE", components=[COMMISSION | each | {"rate": {"flat": {"pays": "per_unit", "value": "50"}}}]
    )
    accounts = [
        (await desk.world.post("sales_ops", "/v1/accounts", {"name": name, "country": "FR"}))["id"]
        for name in ("Acme", "Bolt")
    ]
    for day, account in (("2026-01-10", 0), ("2026-01-11", 0), ("2026-02-10", 1)):
        await desk.sell(day, "100", "sam", account_id=accounts[account])
    await desk.sell("2026-02-10", "100", "sue")
    run = await desk.posted("2026-Q1")
    lines = await lines_of(desk, run, plan, "ACTIVE")
    assert lines["sam"]["amount"]["amount"] == "100.00"
    assert (lines["sue"]["status"], lines["sue"]["code"]) == ("needs_attention", "no_customer")
    parts = await desk.items("finance", "/v1/earning-parts", earning_id=lines["sam"]["id"])
    assert sorted(part["amount"]["amount"] for part in parts) == ["33.33", "33.33", "33.34"]


async def test_a_pool_waits_until_everybodys_part_can_be_said(desk: Desk) -> None:
    margin = {"of": "margin", "whose": "own"}
    part = {"code": "PART", "measure": margin, "window": QUARTER | {"paid": "never"}, "rate": FIVE}
    pool = {"code": "POOL", "measure": margin, "window": QUARTER, "rate": None}
    shared = {"formula": {"text": "EUR(900) * div(earned_PART, everybody_earned_PART, 6)"}}
    placed = {"formula": {"text": "EUR(500) if rank <= 1 else 0"}}
    plan = await desk.publish(
        "POOL",
        components=[
            COMMISSION | part,
            COMMISSION | pool | {"rate": shared},
            COMMISSION | pool | {"code": "FIRST", "rate": placed},
        ],
    )
    await desk.sell("2026-01-10", "1000", "sam", margin="200")
    unknown = await desk.sell("2026-01-11", "1000", "sue")
    run = await desk.calculate("2026-Q1")
    for code in ("POOL", "FIRST"):
        lines = await lines_of(desk, run, plan, code)
        assert {name: line["code"] for name, line in lines.items()} == {"sam": "no_figure", "sue": "no_margin"}
    known = {"reason": "It was missing.", "margin": "100"}
    await desk.world.post("comp_admin", f"/v1/transactions/{unknown}/correct", known)
    run = await desk.calculate("2026-Q1")
    assert await earned(desk, run, plan, "POOL") == {"sam": "600.00", "sue": "300.00"}
    assert await earned(desk, run, plan, "FIRST") == {"sam": "500.00", "sue": "0.00"}
