"""Draws, holdbacks, carried pay: who owes what, run after run, and what the ledger says of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.domain.compensation.desk import COMMISSION, Desk
from tests.world import fiscal_year

HELD = {"share": "0.2", "release": "event"}


def without_floor(**more: Any) -> dict[str, Any]:
    return {**{name: value for name, value in COMMISSION.items() if name != "limits"}, **more}


def draw(kind: str = "recoverable", amount: str = "1000", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "code": "DRAW", "name": "Draw", "amount": amount, "proration": "days", **more}


async def replan(desk: Desk, *, components: list[dict[str, Any]] | None = None, **more: Any) -> None:
    """Sam and Sue are under this plan instead."""
    await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/retire")
    desk.plan = await desk.publish("AE-BAL", components=components or [COMMISSION], **more)


async def told(desk: Desk, period: str, seller: str = "sam") -> dict[str, str]:
    """What the seller's statement of the period says, zeros left out."""
    statement = await desk.statement("finance", await desk.posted(period), seller)
    names = (
        "base",
        "true_up",
        "adjustments",
        "held_back",
        "released",
        "drawn",
        "recovered",
        "carried_forward",
        "total",
    )
    return {name: statement[name]["amount"] for name in names if statement[name]["amount"] != "0.00"}


async def balances(desk: Desk, seller: str = "sam") -> dict[str, str]:
    found = await desk.items("finance", "/v1/account-balances", seller_id=desk.world.sellers[seller])
    return {row["account"]: row["balance"]["amount"] for row in found if row["balance"]["amount"] != "0.00"}


async def test_a_recoverable_draw_is_advanced_and_paid_back_from_later_earnings(desk: Desk) -> None:
    await replan(desk, draws=[draw()])
    await desk.sell("2026-01-10", "8000", "sam")
    await desk.sell("2026-02-10", "50000", "sam")
    assert await told(desk, "2026-M01") == {"base": "400.00", "drawn": "600.00", "total": "1000.00"}
    assert (await balances(desk))["draw_receivable"] == "600.00"
    assert await told(desk, "2026-M02") == {"base": "2500.00", "recovered": "-600.00", "total": "1900.00"}
    assert "draw_receivable" not in await balances(desk)


async def test_recovery_takes_no_more_than_its_share_of_what_exceeds_the_draw(desk: Desk) -> None:
    await replan(desk, draws=[draw(maximum_recovery="0.25")])
    await desk.sell("2026-02-10", "40000", "sam")
    assert await told(desk, "2026-M01") == {"drawn": "1000.00", "total": "1000.00"}
    assert await told(desk, "2026-M02") == {"base": "2000.00", "recovered": "-250.00", "total": "1750.00"}
    assert (await balances(desk))["draw_receivable"] == "750.00"


async def test_a_draw_for_part_of_a_month_is_rounded_to_the_cent(desk: Desk) -> None:
    await replan(desk, draws=[draw("non_recoverable")], starting="2026-01-12")
    # 20 of 31 days of 1,000.
    assert await told(desk, "2026-M01") == {"drawn": "645.16", "total": "645.16"}


async def test_a_guarantee_is_never_owed(desk: Desk) -> None:
    await replan(desk, draws=[draw("non_recoverable")])
    await desk.sell("2026-01-10", "8000", "sam")
    assert await told(desk, "2026-M01") == {"base": "400.00", "drawn": "600.00", "total": "1000.00"}
    assert await balances(desk) == {"commission_expense": "1000.00", "commissions_payable": "-1000.00"}


async def test_what_is_owed_after_the_last_month_of_a_forgiven_draw_is_given_up(desk: Desk) -> None:
    await replan(desk, draws=[draw("forgiven", months=2)])
    await desk.sell("2026-03-10", "40000", "sam")
    assert await told(desk, "2026-M01") == {"drawn": "1000.00", "total": "1000.00"}
    assert await told(desk, "2026-M02") == {"drawn": "1000.00", "total": "1000.00"}
    assert "draw_receivable" not in await balances(desk)
    assert await told(desk, "2026-M03") == {"base": "2000.00", "total": "2000.00"}


async def test_a_draw_is_prorated_by_days_of_presence(desk: Desk) -> None:
    await replan(desk, draws=[draw(amount="3100")], starting="2026-01-11")
    assert await told(desk, "2026-M01") == {"drawn": "2100.00", "total": "2100.00"}


async def test_a_quarter_draws_its_months_once(desk: Desk) -> None:
    await replan(desk, draws=[draw()])
    assert await told(desk, "2026-M01") == {"drawn": "1000.00", "total": "1000.00"}
    assert await told(desk, "2026-Q1") == {"drawn": "2000.00", "total": "2000.00"}


async def test_what_is_held_back_is_paid_by_the_run_after_its_release(desk: Desk) -> None:
    await replan(desk, components=[without_floor(holdback=HELD)])
    await desk.sell("2026-02-10", "10000", "sam")
    assert await told(desk, "2026-Q1") == {"base": "500.00", "held_back": "-100.00", "total": "400.00"}
    assert (await balances(desk))["holdback_payable"] == "-100.00"
    (held,) = await desk.items("sam", "/v1/balance-movements")
    where = {"component_id": held["component_id"], "period_id": held["origin_period_id"]}
    body = {"seller_id": desk.world.sellers["sam"], "reason": "The customer went live.", **where}
    await desk.world.post("comp_admin", "/v1/holdback-releases", body)
    assert await told(desk, "2026-Q2") == {"released": "100.00", "total": "100.00"}
    assert "holdback_payable" not in await balances(desk)
    again = await desk.world.post("comp_admin", "/v1/holdback-releases", body, expect=409)
    assert again["code"] == "already_exists"


async def test_a_holdback_for_days_is_released_when_they_have_passed(desk: Desk) -> None:
    held = {"share": "0.5", "release": "days", "days": 90}
    await replan(desk, components=[without_floor(holdback=held)])
    await desk.sell("2026-01-10", "10000", "sam")
    assert await told(desk, "2026-M01") == {"base": "500.00", "held_back": "-250.00", "total": "250.00"}
    assert await told(desk, "2026-M04") == {}
    assert await told(desk, "2026-M05") == {"released": "250.00", "total": "250.00"}


async def test_a_holdback_is_released_as_far_as_the_customer_paid(desk: Desk) -> None:
    await replan(desk, components=[without_floor(holdback={"share": "0.4", "release": "payment"})])
    world = desk.world
    account = (await world.post("sales_ops", "/v1/accounts", {"name": "Acme", "country": "FR"}))["id"]
    await desk.sell("2026-01-10", "10000", "sam", account_id=account)
    assert await told(desk, "2026-Q1") == {"base": "500.00", "held_back": "-200.00", "total": "300.00"}
    await desk.sell("2026-05-10", "2500", "sam", kind="payment", account_id=account)
    assert await told(desk, "2026-Q2") == {"released": "50.00", "total": "50.00"}
    await desk.sell("2026-07-10", "7500", "sam", kind="payment", account_id=account)
    assert await told(desk, "2026-Q3") == {"released": "150.00", "total": "150.00"}
    # What is released in full stays so, and what the customer bought later is paid after what it bought before.
    await desk.sell("2026-10-10", "20000", "sam", account_id=account)
    await desk.sell("2026-10-20", "5000", "sam", kind="payment", account_id=account)
    assert await told(desk, "2026-M10") == {"base": "1000.00", "held_back": "-400.00", "total": "600.00"}
    assert await told(desk, "2026-M11") == {"released": "100.00", "total": "100.00"}
    assert await told(desk, "2026-M12") == {}


async def test_what_a_component_does_not_count_holds_none_of_it_back(desk: Desk) -> None:
    invoiced = without_floor(code="INVOICED", name="Invoiced", trigger="invoice")
    await replan(desk, components=[without_floor(holdback={"share": "0.4", "release": "payment"}), invoiced])
    world = desk.world
    paid, unpaid = [
        (await world.post("sales_ops", "/v1/accounts", {"name": name, "country": "FR"}))["id"] for name in "AB"
    ]
    await desk.sell("2026-01-10", "10000", "sam", account_id=paid)
    await desk.sell("2026-01-11", "30000", "sam", kind="invoice", account_id=unpaid)
    await desk.sell("2026-02-10", "10000", "sam", kind="payment", account_id=paid)
    assert await told(desk, "2026-Q1") == {"base": "2000.00", "held_back": "-200.00", "total": "1800.00"}
    assert await told(desk, "2026-Q2") == {"released": "200.00", "total": "200.00"}


async def test_a_true_up_holds_back_its_share_too(desk: Desk) -> None:
    await replan(desk, components=[without_floor(holdback=HELD)])
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    await desk.sell("2026-03-10", "-10000", "sam")
    assert await told(desk, "2026-Q2") == {"true_up": "-500.00", "held_back": "100.00", "carried_forward": "400.00"}


async def test_pay_below_zero_is_owed_and_recovered_and_never_deducted(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    await desk.sell("2026-05-10", "-6000", "sam")
    await desk.sell("2026-08-10", "10000", "sam")
    assert await told(desk, "2026-Q2") == {"base": "-300.00", "carried_forward": "300.00"}
    assert (await balances(desk))["clawback_receivable"] == "300.00"
    assert await told(desk, "2026-Q3") == {"base": "500.00", "recovered": "-300.00", "total": "200.00"}
    assert "clawback_receivable" not in await balances(desk)


async def test_finance_writes_off_what_a_seller_owes_and_a_run_that_did_not_know_is_outdated(desk: Desk) -> None:
    await replan(desk, draws=[draw()])
    await desk.posted("2026-M01")
    run = await desk.take(await desk.calculate("2026-M02"), "review", "approve")
    body = {
        "seller_id": desk.world.sellers["sam"],
        "period_id": desk.periods["2026-M02"],
        "owed": "draw",
        "amount": "1000.01",
        "currency": "EUR",
        "reason": "It was our mistake.",
    }
    path = "/v1/balance-movements/write-off"
    refused = await desk.world.post("finance", path, body, expect=409, idempotency_key="1")
    assert (refused["code"], refused["balance"]) == ("balance_exceeded", "1000.00")
    made = await desk.world.post("finance", path, {**body, "amount": "400"}, idempotency_key="2")
    assert (made["kind"], made["amount"]["amount"]) == ("draw_write_off", "400.00")
    assert (await balances(desk))["draw_receivable"] == "600.00"
    refused = await desk.world.post("finance", f"/v1/compensation-runs/{run['id']}/post", expect=409)
    assert refused["code"] == "run_outdated"


async def test_every_journal_balances_and_the_trial_balance_is_zero(desk: Desk) -> None:
    await replan(desk, draws=[draw()], components=[without_floor(holdback=HELD)])
    await desk.sell("2026-01-10", "30000", "sam")
    await desk.take(await desk.posted("2026-M01"), "pay")
    await desk.take(await desk.posted("2026-M02"), "pay")
    rows = await desk.items("finance", "/v1/trial-balance", period_id=desk.periods["2026-M02"])
    assert sum(Decimal(row["closing"]["amount"]) for row in rows) == 0
    by_account = {row["account"]: row for row in rows}
    assert by_account["payroll_clearing"]["opening"]["amount"] == "-2200.00"
    assert by_account["payroll_clearing"]["closing"]["amount"] == "-4200.00"
    assert by_account["commissions_payable"]["closing"]["amount"] == "0.00"


async def give_back(desk: Desk, deal: str, day: str, amount: str) -> str:
    return await desk.sell(day, amount, "sam", kind="return", returns_id=deal)


async def clawbacks(desk: Desk) -> list[str]:
    found = await desk.items("finance", "/v1/balance-movements", kind="clawback")
    return [movement["amount"]["amount"] for movement in found]


async def test_a_deal_returned_within_the_days_is_taken_back_from_the_next_pay(desk: Desk) -> None:
    await replan(desk, components=[without_floor(clawback={"method": "full", "days": 90})])
    deal = await desk.sell("2026-02-10", "10000", "sam")
    await desk.sell("2026-02-11", "10000", "sam")
    await desk.sell("2026-05-02", "30000", "sam")
    assert await told(desk, "2026-Q1") == {"base": "1000.00", "total": "1000.00"}
    await give_back(desk, deal, "2026-05-01", "-10000")
    assert await told(desk, "2026-Q2") == {"base": "1500.00", "recovered": "-500.00", "total": "1000.00"}
    assert await clawbacks(desk) == ["500.00"]
    assert await told(desk, "2026-Q3") == {}
    assert "clawback_receivable" not in await balances(desk)


async def test_after_the_days_nothing_is_taken_back(desk: Desk) -> None:
    await replan(desk, components=[without_floor(clawback={"method": "full", "days": 90})])
    deal = await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    await give_back(desk, deal, "2026-05-11", "-10000")
    assert await told(desk, "2026-Q2") == {}


async def test_the_days_not_served_are_taken_back_pro_rata(desk: Desk) -> None:
    await replan(desk, components=[without_floor(clawback={"method": "pro_rata", "days": 100})])
    deal = await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    # 60 of 100 days were not served, of half of the deal.
    await give_back(desk, deal, "2026-03-22", "-5000")
    assert await told(desk, "2026-Q2") == {}
    assert await clawbacks(desk) == ["150.00"]
    assert (await balances(desk))["clawback_receivable"] == "150.00"


async def test_a_schedule_takes_back_by_age_and_never_more_than_was_paid(desk: Desk) -> None:
    steps = [{"until_day": 30, "share": "1"}, {"until_day": 60, "share": "0.5"}]
    await replan(desk, components=[without_floor(clawback={"method": "schedule", "schedule": steps})])
    deal = await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    await give_back(desk, deal, "2026-03-13", "-10000")
    await desk.posted("2026-Q2")
    assert await clawbacks(desk) == ["250.00"]
    for _ in range(2):
        await give_back(desk, deal, "2026-03-01", "-9000")
    await desk.posted("2026-Q3")
    assert await clawbacks(desk) == ["250.00", "250.00"]


async def test_what_is_still_held_back_was_not_paid_and_is_not_taken_back(desk: Desk) -> None:
    await replan(desk, components=[without_floor(holdback=HELD, clawback={"method": "full", "days": 90})])
    deal = await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    await give_back(desk, deal, "2026-03-01", "-10000")
    await desk.posted("2026-Q2")
    assert await clawbacks(desk) == ["400.00"]


async def test_a_deal_of_last_year_is_taken_back_from_this_years_pay(desk: Desk) -> None:
    terms = without_floor(clawback={"method": "full", "days": 90})
    await replan(desk, components=[terms])
    deal = await desk.sell("2026-12-10", "10000", "sam")
    await desk.posted("2026-Q4")
    desk.periods |= await fiscal_year(desk.world, 2027)
    await desk.publish("AE-2027", components=[terms], fiscal_year=2027, starting="2027-01-01")
    await desk.quota("sam", "120000", "2027")
    await desk.sell("2027-01-10", "20000", "sam")
    await give_back(desk, deal, "2027-01-20", "-10000")
    assert await told(desk, "2027-Q1") == {"base": "1000.00", "recovered": "-500.00", "total": "500.00"}
