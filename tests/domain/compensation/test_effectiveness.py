"""Whether plans do what they are for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.domain.compensation.desk import COMMISSION, Desk
from tests.domain.compensation.test_pay_curves import BONUS


async def reports(desk: Desk, name: str, **params: Any) -> list[Any]:
    return await desk.items("finance", f"/v1/reports/{name}", **params)


async def test_a_plan_is_told_with_what_its_figures_are_made_of(desk: Desk) -> None:
    await desk.sell("2026-01-10", "36000.00", "sam")
    await desk.sell("2026-02-10", "12000.00", "sue")
    await desk.posted("2026-Q1")
    (found,) = await reports(desk, "plan-effectiveness")
    # Quotas to date are 30,000; pay is 5 % of 48,000.
    assert (found["name"], found["sellers"], found["paid_sellers"], found["pay"]["amount"]) == (
        "AE-2026",
        2,
        2,
        "2400.00",
    )
    assert (found["credited"]["amount"], Decimal(found["cost_of_sales"])) == ("48000.00", Decimal("0.05"))
    assert (Decimal(found["at_threshold"]), Decimal(found["at_quota"])) == (Decimal("0.5"), Decimal("0.5"))
    assert (Decimal(found["at_excellence"]), found["pay_for_performance"]) == (Decimal("0.5"), None)
    (narrow,) = await reports(desk, "plan-effectiveness", threshold="0.4", windfall="0.3")
    assert [Decimal(narrow["at_threshold"]), narrow["windfalls"], found["windfalls"]] == [1, 1, 0]
    assert (found["components"], found["light_components"], found["target"]) == (1, 0, None)


async def test_sellers_are_placed_by_what_they_attained(desk: Desk) -> None:
    await desk.sell("2026-01-10", "36000.00", "sam")
    await desk.sell("2026-02-10", "12000.00", "sue")
    await desk.posted("2026-Q1")
    rows = await reports(desk, "pay-performance", sort="attainment")
    names = ["Sue", "Sam"]
    assert [row["seller_name"].split()[0] for row in rows] == names
    assert [Decimal(row["attainment"]) for row in rows] == [Decimal("0.4"), Decimal("1.2")]
    assert [(row["pay"]["amount"], row["fifth"]) for row in rows] == [("600.00", 1), ("1800.00", 2)]
    bands = await reports(desk, "attainment-bands")
    assert [(Decimal(b["lower"]), b["sellers"]) for b in bands] == [(Decimal("0.4"), 1), (Decimal("1.2"), 1)]
    fifths = await reports(desk, "payout-fifths")
    assert [(f["fifth"], f["mean_pay"]["amount"], Decimal(f["share_of_pay"])) for f in fifths] == [
        (1, "600.00", Decimal("0.25")),
        (2, "1800.00", Decimal("0.75")),
    ]


async def test_a_component_tells_who_earns_with_it_and_where_its_terms_stop(desk: Desk) -> None:
    await desk.publish("BONUS", components=(BONUS,), target="12000")
    await desk.sell("2026-01-10", "240000.00", "sam")
    await desk.sell("2026-02-10", "12000.00", "sue")
    await desk.posted("2026-Q1")
    rows = {row["component_code"]: row for row in await reports(desk, "component-effectiveness")}
    bonus = rows["BONUS"]
    # Sam is at 200 % of the year, where the cap of twice the target bites; Sue is at 10 %, below the gate of 50 %.
    assert (bonus["sellers"], bonus["earners"], bonus["pay"]["amount"]) == (2, 1, "24000.00")
    assert (bonus["at_cap"], bonus["below_gate"], bonus["top_reached"], bonus["bands"]) == (1, 1, 1, 2)
    assert [Decimal(bonus["weight"]), Decimal(bonus["earning_share"])] == [1, Decimal("0.5")]
    assert rows["REVENUE"]["bands"] == 2


async def test_who_is_credited_and_not_paid_and_the_other_way_round_is_counted(desk: Desk) -> None:
    await desk.publish("BONUS", components=(BONUS,), target="12000")
    await desk.sell("2026-02-10", "12000.00", "sue")
    await desk.posted("2026-Q1")
    rows = {row["name"]: row for row in await reports(desk, "plan-effectiveness")}
    assert (rows["BONUS"]["credited_without_pay"], rows["AE-2026"]["credited_without_pay"]) == (1, 0)
    assert [rows["BONUS"]["paid_without_credits"], Decimal(rows["BONUS"]["pay_to_target"])] == [0, 0]
    by_role = await reports(desk, "plan-effectiveness", per="job_role")
    # Sue is in two plans, and what she is credited for counts once.
    assert sum(Decimal(row["credited"]["amount"]) for row in by_role) == 12000


async def test_only_who_sees_everybodys_pay_reads_the_reports(desk: Desk) -> None:
    for name in ("plan-effectiveness", "pay-performance", "payout-fifths", "component-effectiveness"):
        for who in ("sam", "manager", "admin", "viewer"):
            assert (await desk.world.client(who).get(f"/v1/reports/{name}")).status_code == 403
        assert await reports(desk, name) == []


async def test_pay_for_performance_is_told_by_the_segment_that_sellers_mostly_sell_to(desk: Desk) -> None:
    for code, country in (("FRANCE", "FR"), ("GERMANY", "DE")):
        body = {"code": code, "name": code, "rule": {"countries": [country]}}
        await desk.world.post("sales_ops", "/v1/segments", body)
    at = {}
    for country in ("FR", "DE", "IT"):
        account = {"name": f"Acme {country}", "country": country}
        at[country] = (await desk.world.post("sales_ops", "/v1/accounts", account))["id"]
    for seller, country, amount in (
        ("sam", "FR", "36000.00"),
        ("sam", "DE", "1000.00"),
        ("sue", "DE", "12000.00"),
        ("sue", "IT", "90000.00"),
    ):
        await desk.sell("2026-01-10", amount, seller, account_id=at[country])
    await desk.posted("2026-Q1")
    rows = {row["name"]: row for row in await reports(desk, "plan-effectiveness", per="segment")}
    # Italy is in no segment; what Sam sold in Germany stays with Sam.
    assert {name: (row["sellers"], row["credited"]["amount"]) for name, row in rows.items()} == {
        "FRANCE": (1, "37000.00"),
        "GERMANY": (1, "102000.00"),
    }
    assert Decimal(rows["FRANCE"]["at_excellence"]) == 1
    assert rows["FRANCE"]["pay"]["amount"] == "1850.00"
    assert rows["FRANCE"]["leverage"] is None


async def test_a_cap_of_a_month_is_held_against_the_month_and_not_the_year(desk: Desk) -> None:
    monthly = {
        **BONUS,
        "target": None,
        "gates": [],
        "window": {"over": "month", "paid": "each_period"},
        "rate": {"flat": {"pays": "rate", "value": "0.1"}},
        "limits": [{"kind": "cap", "per": "window", "amount": "1000"}],
    }
    await desk.publish("MONTHLY", components=(monthly,))
    for month in ("01", "02"):
        await desk.sell(f"2026-{month}-10", "6000.00", "sam")
        await desk.sell(f"2026-{month}-10", "20000.00", "sue")
        await desk.posted(f"2026-M{month}")
    rows = {row["plan_code"]: row for row in await reports(desk, "component-effectiveness")}
    # Sam is at 600 in each month and 1,200 in the year; Sue's 2,000 are cut to 1,000 in each.
    assert (rows["MONTHLY"]["pay"]["amount"], rows["MONTHLY"]["at_cap"]) == ("3200.00", 1)


async def test_who_is_paid_by_no_quota_has_no_attainment(desk: Desk) -> None:
    flat = {
        **COMMISSION,
        "measure": {"of": "revenue", "whose": "own", "only": {"renewal": True}},
        "window": {"over": "year", "paid": "each_period"},
        "rate": {"flat": {"pays": "rate", "value": "0.1"}},
        "proration": {"quota": "none", "target": "none"},
    }
    await desk.publish("FLAT", components=(flat,), takes_part=("sue",))
    await desk.sell("2026-01-10", "36000.00", "sam")
    await desk.sell("2026-02-10", "12000.00", "sue")
    await desk.posted("2026-Q1")
    rows = {(row["plan_code"], row["seller_name"].split()[0]): row for row in await reports(desk, "pay-performance")}
    # Sue has a quota of revenue, but nothing of this plan is held against it.
    assert (rows["FLAT", "Sue"]["attainment"], rows["FLAT", "Sue"]["fifth"]) == (None, None)
    assert Decimal(rows["AE-2026", "Sue"]["attainment"]) == Decimal("0.4")
    plans = {row["name"]: row for row in await reports(desk, "plan-effectiveness")}
    assert (plans["FLAT"]["with_attainment"], plans["AE-2026"]["with_attainment"]) == (0, 2)
    answer = await desk.world.client("finance").get("/v1/reports/pay-performance.svg")
    assert "1 sellers without attainment are not shown" in answer.text


async def test_revenue_is_of_the_earliest_event_that_each_seller_is_credited_for(desk: Desk) -> None:
    invoiced = {**COMMISSION, "code": "INVOICED", "trigger": "invoice"}
    await desk.publish("INVOICED", components=(invoiced,))
    await desk.sell("2026-01-10", "36000.00", "sam")
    await desk.sell("2026-02-10", "12000.00", "sue", kind="invoice")
    await desk.posted("2026-Q1")
    rows = await reports(desk, "pay-performance", plan_code="INVOICED", sort="attainment")
    assert {row["seller_name"].split()[0]: row["credited"]["amount"] for row in rows} == {
        "Sam": "36000.00",
        "Sue": "12000.00",
    }


async def test_fewer_sellers_than_fifths_have_no_differentiation(desk: Desk) -> None:
    await desk.sell("2026-01-10", "36000.00", "sam")
    await desk.sell("2026-02-10", "12000.00", "sue")
    await desk.posted("2026-Q1")
    (found,) = await reports(desk, "plan-effectiveness")
    assert (found["bottom_fifth_pay"]["amount"], found["top_fifth_pay"], found["differentiation"]) == (
        "600.00",
        None,
        None,
    )
