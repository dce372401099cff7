"""Draft plans tried out over real history and over scenarios."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

import app.domain.compensation.simulation.plan_job  # noqa: F401 - declares the job
from app.worker import run_job
from tests.domain.compensation.desk import COMMISSION, Desk


async def simulate(desk: Desk, who: str = "comp_admin", period: str = "2026", **more: Any) -> Any:
    body = {"name": "Trial", "period_id": desk.periods[period], **more}
    made = await desk.world.post(who, "/v1/plan-simulations", body)
    await run_job(desk.world.service, desk.world.org_id, UUID(made["job_id"]))
    job = await desk.world.get("comp_admin", f"/v1/jobs/{made['job_id']}")
    assert job["state"] == "succeeded", job
    return await desk.world.get(who, f"/v1/plan-simulations/{made['id']}")


def with_tiers(*values: str) -> dict[str, Any]:
    """The commission with other rates below and above quota."""
    tiers = [{"lower": "0", "upper": "1", "value": values[0]}, {"lower": "1", "value": values[1]}]
    return {**COMMISSION, "rate": {"tiers": {**COMMISSION["rate"]["tiers"], "tiers": tiers}}}


async def draft(desk: Desk, *components: dict[str, Any]) -> str:
    """A new version of the plan with other components."""
    made = (await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/revise"))["id"]
    client = desk.world.client("comp_admin")
    path = f"/v1/compensation-plans/{made}"
    tag = (await client.get(path)).headers["etag"]
    answer = await client.patch(path, json={"components": list(components)}, headers={"if-match": tag})
    assert answer.status_code == 200, answer.text
    return str(made)


async def pay(desk: Desk, simulation: Any) -> dict[str, tuple[str | None, str | None]]:
    names = {id: name for name, id in desk.world.sellers.items()}
    rows = await desk.items("finance", "/v1/simulated-pay", simulation_id=simulation["id"])
    return {
        names[row["seller_id"]]: tuple(row[key] and row[key]["amount"] for key in ("before", "after")) for row in rows
    }


async def test_a_draft_is_calculated_beside_the_plan_in_force(desk: Desk) -> None:
    await desk.sell("2026-02-10", "150000.00", "sam")
    await desk.sell("2026-03-10", "60000.00", "sue")
    plan = await draft(desk, with_tiers("0.04", "0.20"))
    found = await simulate(desk, plans=[{"plan_id": plan}])
    # Sam: 120,000 · 5 % + 30,000 · 10 % against 120,000 · 4 % + 30,000 · 20 %; Sue 60,000 · 5 % against 4 %.
    assert await pay(desk, found) == {"sam": ("9000.00", "10800.00"), "sue": ("3000.00", "2400.00")}
    (total,) = found["totals"]
    assert (total["before"], total["after"], total["credited_after"]) == ("12000.00", "13200.00", "210000.00")
    assert (total["cost_of_sales_before"], total["cost_of_sales_after"]) == ("0.057143", "0.062857")
    assert (total["winners"], total["losers"], total["unchanged"], total["needs_attention"]) == (1, 1, 0, 0)
    (component,) = found["components"]
    assert (component["component_code"], component["before"], component["after"]) == ("REVENUE", "12000.00", "13200.00")
    assert found["digest_before"] != found["digest_after"]


async def test_what_was_posted_changes_nothing_and_nothing_is_posted(desk: Desk) -> None:
    await desk.sell("2026-02-10", "150000.00", "sam")
    plan = await draft(desk, with_tiers("0.05", "0.10"))
    first = await simulate(desk, plans=[{"plan_id": plan}])
    await desk.posted("2026-Q1")
    journals = await desk.items("finance", "/v1/journals")
    second = await simulate(desk, plans=[{"plan_id": plan}])
    assert (
        await pay(desk, first)
        == await pay(desk, second)
        == {
            "sam": ("9000.00", "9000.00"),
            "sue": ("0.00", "0.00"),
        }
    )
    assert await desk.items("finance", "/v1/journals") == journals
    assert len(await desk.items("finance", "/v1/compensation-runs")) == 1


async def test_a_quarter_tells_what_the_quarter_itself_earns(desk: Desk) -> None:
    await desk.sell("2026-02-10", "100000.00", "sam")
    await desk.sell("2026-05-10", "40000.00", "sam")
    plan = await draft(desk, with_tiers("0.05", "0.20"))
    found = await simulate(desk, period="2026-Q2", plans=[{"plan_id": plan}])
    assert (await pay(desk, found))["sam"] == ("3000.00", "5000.00")
    assert found["totals"][0]["credited_before"] == "40000.00"


async def test_growth_multiplies_every_sale_under_both_plans(desk: Desk) -> None:
    await desk.sell("2026-02-10", "100000.00", "sam")
    plan = await draft(desk, with_tiers("0.05", "0.20"))
    found = await simulate(desk, plans=[{"plan_id": plan}], scenario={"growth": "0.5"})
    assert (await pay(desk, found))["sam"] == ("9000.00", "12000.00")
    alone = await simulate(desk, scenario={"growth": "0.5"})
    assert (await pay(desk, alone))["sam"] == ("5000.00", "9000.00")
    assert alone["totals"][0]["credited_before"] == "100000.00"
    assert alone["totals"][0]["credited_after"] == "150000.00"


async def test_a_shift_changes_the_mix_and_may_keep_the_total(desk: Desk) -> None:
    product = {"name": "Crane", "currency": "EUR", "list_price": "1000.00", "effective_from": "2020-01-01"}
    crane = (await desk.world.post("admin", "/v1/products", {"code": "CRANE", **product}))["id"]
    await desk.sell("2026-02-10", "60000.00", "sam", product_id=crane)
    await desk.sell("2026-02-10", "60000.00", "sue")
    shifts = [{"product_id": crane, "growth": "1"}]
    found = await simulate(desk, scenario={"shifts": shifts})
    assert await pay(desk, found) == {"sam": ("3000.00", "6000.00"), "sue": ("3000.00", "3000.00")}
    kept = await simulate(desk, scenario={"shifts": shifts, "keep_total": True})
    assert await pay(desk, kept) == {"sam": ("3000.00", "4000.00"), "sue": ("3000.00", "2000.00")}
    assert kept["totals"][0]["credited_after"] == "120000.00"


async def test_a_plan_of_next_year_in_which_nobody_takes_part_borrows_participants(desk: Desk) -> None:
    await desk.sell("2026-02-10", "100000.00", "sam")
    body = {"name": "Next", "fiscal_year": 2027, "currency": "EUR", "components": [with_tiers("0.02", "0.02")]}
    plan = (await desk.world.post("comp_admin", "/v1/compensation-plans", {"code": "AE-2027", **body}))["id"]
    found = await simulate(desk, plans=[{"plan_id": plan, "instead_of_id": desk.plan}])
    assert (await pay(desk, found))["sam"] == ("5000.00", "2000.00")


async def test_attainments_without_spread_pay_everybody_alike(desk: Desk) -> None:
    await desk.sell("2026-02-10", "5000.00", "sam")
    scenario = {"attainment": {"source": "normal", "mean": "1.1", "spread": "0"}}
    found = await simulate(desk, plans=[{"plan_id": await draft(desk, with_tiers("0.05", "0.20"))}], scenario=scenario)
    # Everybody reaches 110 % of 120,000: 6,000, and 12,000 at 10 or 20 %.
    assert await pay(desk, found) == dict.fromkeys(("sam", "sue"), ("7200.00", "8400.00"))
    assert found["totals"][0]["credited_after"] == "264000.00"


async def test_the_same_seed_draws_the_same_attainments(desk: Desk) -> None:
    scenario = {"attainment": {"source": "normal", "mean": "1", "spread": "0.3"}}
    first, again = [await simulate(desk, scenario=scenario, seed=7) for _ in range(2)]
    other = await simulate(desk, scenario=scenario, seed=8)
    assert first["digest_after"] == again["digest_after"] != other["digest_after"]
    assert first["inputs_hash"] == again["inputs_hash"] != other["inputs_hash"]
    sam, sue = (await pay(desk, first)).values()
    assert sam[1] != sue[1]


async def test_history_is_drawn_from_what_sellers_attained(desk: Desk) -> None:
    scenario = {"attainment": {"source": "history"}}
    await desk.sell("2026-02-10", "60000.00", "sam")
    await desk.sell("2026-02-10", "180000.00", "sue")
    found = await simulate(desk, scenario=scenario, seed=3)
    # Half of the quota pays 3,000 and one and a half of it 12,000; nobody attained anything else.
    assert {after for _, after in (await pay(desk, found)).values()} <= {"3000.00", "12000.00"}


async def test_a_manager_is_paid_on_what_the_team_would_reach(desk: Desk) -> None:
    override = {
        **COMMISSION,
        "kind": "override",
        "code": "TEAM",
        "measure": {"of": "revenue", "whose": "team"},
        "rate": {"flat": {"pays": "rate", "value": "0.01"}},
        "window": {"over": "year", "paid": "each_period"},
    }
    await desk.publish("MGR", components=(override,), takes_part=("mona",))
    scenario = {"attainment": {"source": "normal", "mean": "0.5", "spread": "0"}}
    found = await simulate(desk, scenario=scenario)
    assert (await pay(desk, found))["mona"][1] == "1200.00"


async def test_who_has_no_quota_is_said_to_need_attention(desk: Desk) -> None:
    await desk.publish("OLGA", takes_part=("olga",))
    found = await simulate(desk, scenario={"growth": "0"})
    rows = await desk.items("finance", "/v1/simulated-pay", simulation_id=found["id"])
    (olga,) = [row for row in rows if row["seller_id"] == desk.world.sellers["olga"]]
    assert (olga["before"], olga["difference"], olga["code"]) == (None, None, "no_quota")
    assert found["totals"][0]["needs_attention"] == 1


DRAW = {"kind": "non_recoverable", "code": "DRAW", "name": "Draw", "amount": "1000", "proration": "days"}
HELD = {"share": "0.25", "release": "days", "days": 45}
PARTS = ("earned", "guarantees", "forgiven", "clawback", "paid", "owed", "held_back")


def said(parts: Any) -> dict[str, str]:
    """What a cost is made of, zeros left out."""
    return {name: parts[name] for name in PARTS if Decimal(parts[name])}


async def changed(desk: Desk, *components: dict[str, Any], **more: Any) -> str:
    """A new version of the plan with other components and other draws."""
    plan = await draft(desk, *components)
    client, path = desk.world.client("comp_admin"), f"/v1/compensation-plans/{plan}"
    answer = await client.patch(path, json=more, headers={"if-match": (await client.get(path)).headers["etag"]})
    assert answer.status_code == 200, answer.text
    return plan


async def test_a_guarantee_costs_what_each_pay_period_lacks_of_it(desk: Desk) -> None:
    await desk.sell("2026-02-10", "60000.00", "sam")
    await desk.sell("2026-02-10", "8000.00", "sue")
    plan = await changed(desk, COMMISSION, draws=[DRAW])
    found = await simulate(desk, period="2026-Q1", plans=[{"plan_id": plan}])
    # Monthly: 1,000 is lacking twice for Sam, who earned 3,000 in February; Sue lacks 600 of February too.
    assert await pay(desk, found) == {"sam": ("3000.00", "5000.00"), "sue": ("400.00", "3000.00")}
    (total,) = found["totals"]
    assert said(total["after_parts"]) == {"earned": "3400.00", "guarantees": "4600.00", "paid": "8000.00"}
    assert (total["before"], total["after"], total["winners"]) == ("3400.00", "8000.00", 2)
    months = [(said(month["before"]).get("paid"), said(month["after"])["guarantees"]) for month in found["periods"]]
    assert months == [(None, "2000.00"), ("3400.00", "600.00"), (None, "2000.00")]
    at_once = await simulate(desk, period="2026-Q1", plans=[{"plan_id": plan}], paid_every="quarter")
    assert await pay(desk, at_once) == {"sam": ("3000.00", "3000.00"), "sue": ("400.00", "3000.00")}
    assert len(at_once["periods"]) == 1


async def test_a_draw_that_is_owed_moves_pay_and_costs_only_what_is_forgiven(desk: Desk) -> None:
    await desk.sell("2026-03-10", "30000.00", "sam")
    plan = await changed(desk, COMMISSION, draws=[{**DRAW, "kind": "recoverable"}])
    found = await simulate(desk, period="2026-Q1", plans=[{"plan_id": plan}])
    # 1,000 in January and February are advanced; of 1,500 in March 500 recovers. Sue earns nothing at all.
    assert await pay(desk, found) == {"sam": ("1500.00", "1500.00"), "sue": ("0.00", "0.00")}
    (total,) = found["totals"]
    assert said(total["after_parts"]) == {"earned": "1500.00", "paid": "6000.00", "owed": "4500.00"}
    assert [said(month["after"]).get("paid") for month in found["periods"]] == ["2000.00"] * 3
    forgiven = await changed(desk, COMMISSION, draws=[{**DRAW, "kind": "forgiven", "months": 2}])
    found = await simulate(desk, period="2026-Q1", plans=[{"plan_id": forgiven}])
    assert await pay(desk, found) == {"sam": ("1500.00", "3500.00"), "sue": ("0.00", "2000.00")}
    assert said(found["totals"][0]["after_parts"])["forgiven"] == "4000.00"


async def test_what_is_held_back_is_cost_now_and_paid_when_its_days_have_passed(desk: Desk) -> None:
    await desk.sell("2026-01-10", "10000.00", "sam")
    await desk.sell("2026-03-10", "20000.00", "sam")
    plan = await draft(desk, {**COMMISSION, "holdback": HELD})
    found = await simulate(desk, period="2026-Q1", plans=[{"plan_id": plan}])
    assert (await pay(desk, found))["sam"] == ("1500.00", "1500.00")
    months = [said(month["after"]) for month in found["periods"]]
    # A quarter of 500 is kept back in January and released by the end of March; a quarter of 1,000 is kept then.
    assert [(month.get("paid"), month.get("held_back")) for month in months] == [
        ("375.00", "125.00"),
        (None, "125.00"),
        ("875.00", "250.00"),
    ]
    assert said(found["totals"][0]["after_parts"]) == {"earned": "1500.00", "paid": "1250.00", "held_back": "250.00"}


async def test_a_clawback_is_expected_as_the_scenario_says(desk: Desk) -> None:
    await desk.sell("2026-03-10", "20001.00", "sam")
    plan = await draft(desk, {**COMMISSION, "clawback": {"method": "full", "days": 90}})
    scenario = {"expected_clawback": "0.03"}
    found = await simulate(desk, period="2026-Q1", plans=[{"plan_id": plan}], scenario=scenario)
    # 3 % of 1,000.05 that the plan in force, which takes nothing back, pays for good.
    assert (await pay(desk, found))["sam"] == ("1000.05", "970.05")
    parts = said(found["totals"][0]["after_parts"])
    assert parts == {"earned": "1000.05", "clawback": "30.00", "paid": "1000.05"}
    assert found["components"][0]["after"] == "1000.05"


@pytest.mark.parametrize(
    ("clawback", "taken"),
    [({"method": "full", "days": 90}, "1000.00"), ({"method": "full", "days": 30}, None)],
    ids=["in time", "too late"],
)
async def test_a_return_takes_back_what_runs_would_take(
    desk: Desk, clawback: dict[str, Any], taken: str | None
) -> None:
    await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/retire")
    claws = {**COMMISSION, "clawback": clawback}
    desk.plan = await desk.publish("AE-CLAWS", components=[claws], draws=[{**DRAW, "amount": "300"}])
    deal = await desk.sell("2026-01-20", "20000.00", "sam")
    await desk.sell("2026-02-10", "500.00", "sam")
    await desk.sell("2026-03-10", "-20000.00", "sam", kind="return", returns_id=deal)
    await desk.sell("2026-03-20", "3000.00", "sam")
    found = await simulate(desk, period="2026-Q1")
    assert said(found["totals"][0]["after_parts"]).get("clawback") == taken
    months = [said(month["after"]) for month in found["periods"]]
    assert [month.get("clawback") for month in months] == [None, None, taken]
    names = {id: name for name, id in desk.world.sellers.items()}
    rows = await desk.items("finance", "/v1/simulated-pay", simulation_id=found["id"])
    simulated = {names[row["seller_id"]]: row for row in rows}
    paid = Decimal(0)
    for month in ("2026-M01", "2026-M02", "2026-M03"):
        run = await desk.posted(month)
        paid += Decimal((await desk.statement("finance", run, "sam"))["total"]["amount"])
    assert paid == Decimal(simulated["sam"]["after_parts"]["paid"])
    entries = await desk.items("finance", "/v1/account-balances", seller_id=desk.world.sellers["sam"])
    known = {row["account"]: Decimal(row["balance"]["amount"]) for row in entries}
    assert known["commission_expense"] == Decimal(simulated["sam"]["after"]["amount"])
    assert known.get("clawback_receivable", Decimal(0)) == Decimal(simulated["sam"]["after_parts"]["owed"])


async def test_draws_are_those_that_runs_would_pay_one_after_the_other(desk: Desk) -> None:
    await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/retire")
    drawn = [{**DRAW, "kind": "recoverable", "maximum_recovery": "0.3"}, {**DRAW, "code": "FLOOR", "amount": "333.33"}]
    held = {**COMMISSION, "holdback": HELD}
    desk.plan = await desk.publish("AE-DRAWN", components=[held], starting="2026-01-12", draws=drawn)
    for day, amount in (("2026-01-20", "31000.37"), ("2026-02-10", "-9000"), ("2026-03-10", "81000.19")):
        await desk.sell(day, amount, "sam", kind="booking" if amount[0] != "-" else "return")
    found = await simulate(desk, period="2026-Q1")
    names = {id: name for name, id in desk.world.sellers.items()}
    rows = await desk.items("finance", "/v1/simulated-pay", simulation_id=found["id"])
    simulated = {names[row["seller_id"]]: row["after_parts"] for row in rows}
    for seller in ("sam", "sue"):
        simulated[seller]["months"] = Decimal(0)
    for month in ("2026-M01", "2026-M02", "2026-M03"):
        run = await desk.posted(month)
        for seller in ("sam", "sue"):
            total = (await desk.statement("finance", run, seller))["total"]["amount"]
            simulated[seller]["months"] += Decimal(total)
    for seller in ("sam", "sue"):
        assert simulated[seller]["months"] == Decimal(simulated[seller]["paid"])
        entries = await desk.items("finance", "/v1/account-balances", seller_id=desk.world.sellers[seller])
        known = {row["account"]: Decimal(row["balance"]["amount"]) for row in entries}
        owed = sum(known.get(account, Decimal(0)) for account in ("draw_receivable", "clawback_receivable"))
        assert owed == Decimal(simulated[seller]["owed"])
        assert known["commission_expense"] == sum(Decimal(simulated[seller][name]) for name in PARTS[:3])
        assert -known.get("holdback_payable", Decimal(0)) == Decimal(simulated[seller]["held_back"])


async def test_only_who_sees_everybodys_pay_simulates(desk: Desk) -> None:
    body = {"name": "Trial", "period_id": desk.periods["2026"]}
    found = await simulate(desk)
    for who in ("sam", "manager", "admin", "sales_ops"):
        refused = await desk.world.post(who, "/v1/plan-simulations", body, expect=403)
        assert refused["code"] == "permission_required"
        for path in ("simulated-pay", "plan-simulations", f"plan-simulations/{found['id']}"):
            assert (await desk.world.client(who).get(f"/v1/{path}")).status_code == 403


async def test_a_scenario_that_does_not_hold_together_is_refused(desk: Desk) -> None:
    body = {"name": "Trial", "period_id": desk.periods["2026"]}
    scenario: dict[str, Any] = {"shifts": [{"growth": "1"}], "attainment": {"source": "normal", "mean": "1"}}
    refused = await desk.world.post("finance", "/v1/plan-simulations", {**body, "scenario": scenario}, expect=422)
    assert refused["code"] == "scenario_invalid"
    assert [error["code"] for error in refused["errors"]] == [
        "shift_subject",
        "attainment_distribution",
        "attainment_alone",
    ]
    twice = [{"plan_id": desk.plan}, {"plan_id": desk.plan}]
    refused = await desk.world.post("finance", "/v1/plan-simulations", {**body, "plans": twice}, expect=422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("plan_twice", "/plans/1/plan_id")
