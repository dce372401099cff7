"""What changes after a period was posted is paid in the open one, charged to the period that earned it."""

from __future__ import annotations

from typing import Any

from tests.domain.compensation.desk import Desk
from tests.world import fiscal_year


async def lines(desk: Desk, run: Any, seller: str = "sam") -> dict[str, tuple[str, str]]:
    """Kind and amount of a seller's lines by the code of the period that earned them; zero lines are left out."""
    found = await desk.items("finance", "/v1/earnings", run_id=run["id"], seller_id=desk.world.sellers[seller])
    told = {line["origin_period_code"]: (line["kind"], line["amount"]["amount"]) for line in found if line["amount"]}
    return {origin: line for origin, line in told.items() if line[1] != "0.00"}


async def next_year(desk: Desk) -> None:
    """2027 begins with the same plan and quotas."""
    desk.periods |= await fiscal_year(desk.world, 2027)
    await desk.publish("AE-2027", fiscal_year=2027, starting="2027-01-01")
    for seller in ("sam", "sue"):
        await desk.quota(seller, "120000", "2027")


async def test_each_true_up_is_charged_to_the_period_that_earned_it(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    await desk.sell("2026-05-10", "4000", "sam")
    await desk.posted("2026-Q2")
    await desk.sell("2026-03-10", "2000", "sam")
    await desk.sell("2026-06-10", "1000", "sam")
    run = await desk.posted("2026-Q3")
    assert await lines(desk, run) == {"2026-Q1": ("true_up", "100.00"), "2026-Q2": ("true_up", "50.00")}
    told = await desk.statement("sam", run, "sam")
    assert (told["base"]["amount"], told["true_up"]["amount"]) == ("0.00", "150.00")
    assert await lines(desk, await desk.posted("2026-Q4")) == {}


async def test_a_period_that_was_never_run_is_trued_up_under_its_own_name(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.sell("2026-05-10", "4000", "sam")
    run = await desk.posted("2026-Q3")
    assert await lines(desk, run) == {"2026-Q1": ("true_up", "500.00"), "2026-Q2": ("true_up", "200.00")}


async def test_months_and_quarters_follow_one_another_without_a_gap(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.sell("2026-04-10", "4000", "sam")
    await desk.sell("2026-06-10", "2000", "sam")
    assert await lines(desk, await desk.posted("2026-Q1")) == {"2026-Q1": ("base", "500.00")}
    assert await lines(desk, await desk.posted("2026-M04")) == {"2026-M04": ("base", "200.00")}
    assert await lines(desk, await desk.posted("2026-Q2")) == {"2026-Q2": ("base", "100.00")}


async def test_a_sale_of_last_year_is_paid_in_this_one_at_last_years_rates(desk: Desk) -> None:
    await desk.sell("2026-02-10", "120000", "sam")
    await desk.posted("2026-Q4")
    await next_year(desk)
    late = await desk.sell("2026-11-10", "2000", "sam")
    await desk.sell("2027-02-10", "10000", "sam")
    run = await desk.posted("2027-Q1")
    # Beyond the quota of 2026 it earns 10 %; within that of 2027 5 %.
    assert await lines(desk, run) == {"2026-Q4": ("true_up", "200.00"), "2027-Q1": ("base", "500.00")}
    (year,) = run["earlier_years"]
    assert (year["fiscal_year"], year["calculated"]) == (2026, True)
    (line,) = await desk.items(
        "sam", "/v1/earnings", run_id=run["id"], origin_period_id=desk.periods["2026-Q4"], include="credits"
    )
    assert late in {credit["transaction_id"] for credit in line["credits"]["items"]}
    assert {credit["credit_date"][:4] for credit in line["credits"]["items"]} == {"2026"}
    assert (await desk.statement("sam", run, "sam"))["total"]["amount"] == "700.00"
    again = await desk.posted("2027-Q2")
    assert await lines(desk, again) == {}


async def test_an_earlier_year_is_looked_through_again_only_when_something_changed(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q4")
    await next_year(desk)
    looked = []
    for period in ("2027-M01", "2027-M02"):
        looked.append((await desk.posted(period))["earlier_years"][0]["calculated"])
    await desk.sell("2026-02-11", "1", "sam")
    looked.append((await desk.posted("2027-M03"))["earlier_years"][0]["calculated"])
    assert looked == [True, False, True]


async def test_years_back_says_how_far_differences_are_looked_for(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q4")
    await next_year(desk)
    await desk.sell("2026-11-10", "2000", "sam")
    run = await desk.calculate("2027-Q1", years_back=0)
    assert run["earlier_years"] == []
    assert await lines(desk, run) == {}


async def test_a_retired_plan_leaves_its_year_as_it_was_paid(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q4")
    await next_year(desk)
    await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/retire")
    await desk.sell("2026-11-10", "2000", "sam")
    run = await desk.posted("2027-Q1")
    assert run["earlier_years"] == []
    assert await lines(desk, run) == {}


async def test_closing_a_period_keeps_its_statement_and_moves_the_difference_to_the_open_one(desk: Desk) -> None:
    await desk.sell("2026-02-10", "10000", "sam")
    first = await desk.take(await desk.posted("2026-Q1"), "pay")
    before = await desk.statement("sam", first, "sam")
    await desk.world.post("finance", f"/v1/periods/{desk.periods['2026-Q1']}/close")
    await desk.sell("2026-03-10", "-4000", "sam")
    run = await desk.posted("2026-Q2")
    assert await lines(desk, run) == {"2026-Q1": ("true_up", "-200.00")}
    assert await desk.statement("sam", first, "sam") == before


async def test_a_transaction_dated_in_a_closed_period_is_accepted_and_told(desk: Desk) -> None:
    in_time = await desk.sell("2026-02-10", "10000", "sam")
    await desk.take(await desk.posted("2026-Q1"), "pay")
    await desk.world.post("finance", f"/v1/periods/{desk.periods['2026-Q1']}/close")
    body: dict[str, Any] = {"kind": "booking", "amount": {"amount": "2000", "currency": "EUR"}}
    body |= {"transaction_date": "2026-03-10", "splits": [{"seller_id": desk.world.sellers["sam"], "share": "1"}]}
    late = await desk.world.post("comp_admin", "/v1/transactions", body)
    (notice,) = late["notices"]
    assert {name: notice[name] for name in ("code", "pointer", "period_code", "period_id")} == {
        "code": "date_in_closed_period",
        "pointer": "/transaction_date",
        "period_code": "2026-Q1",
        "period_id": desk.periods["2026-Q1"],
    }
    assert notice["detail"] == notice["in_words"]["en"]
    assert notice["detail"].startswith("2026-Q1 is closed and stays as it was paid")
    assert notice["in_words"]["fr"].startswith("2026-Q1 est close et reste telle qu'elle a été payée")
    after = await desk.world.post("comp_admin", "/v1/transactions", body | {"transaction_date": "2026-04-10"})
    assert (after["notices"], after["closed_period_id"]) == ([], None)
    listed = await desk.items("comp_admin", "/v1/transactions", late="true", include="closed_period")
    assert [(t["id"], t["closed_period"]["code"]) for t in listed] == [(late["id"], "2026-Q1")]
    by_period = await desk.items("comp_admin", "/v1/transactions", closed_period_id=desk.periods["2026-Q1"])
    assert [t["id"] for t in by_period] == [late["id"]]
    others = {t["id"] for t in await desk.items("comp_admin", "/v1/transactions", late="false")}
    assert {in_time, after["id"]} <= others
    assert late["id"] not in others
    corrected = await desk.world.post(
        "comp_admin", f"/v1/transactions/{late['id']}/correct", {"reason": "April.", "transaction_date": "2026-04-11"}
    )
    assert corrected["notices"] == []
    run = await desk.calculate("2026-Q2")
    assert (await lines(desk, run))["2026-Q2"] == ("base", "200.00")
