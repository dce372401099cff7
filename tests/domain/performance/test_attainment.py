"""Attainment: what was credited over what was promised, with where the figures come from."""

from typing import Any

from tests.domain.compensation.desk import Desk

PATH = "/v1/reports/attainment"


async def row(desk: Desk, who: str, seller: str = "sam", **params: Any) -> Any:
    (found,) = await desk.items(who, PATH, seller_id=desk.world.sellers[seller], **params)
    return found


def amounts(found: Any, *names: str) -> list[str | None]:
    return [found[name] and found[name]["amount"] for name in names]


async def test_before_the_first_run_nothing_is_said_of_credits(desk: Desk) -> None:
    found = await row(desk, "sam", as_of="2026-03-31")
    assert amounts(found, "quota", "quota_to_date", "credited_to_date") == ["120000.00", "30000.00", None]
    assert (found["attainment"], found["run_id"], found["period_code"]) == (None, None, "2026")


async def test_attainment_is_credits_over_quota_of_the_period_and_to_date(desk: Desk) -> None:
    await desk.sell("2026-02-10", "15000", "sam")
    await desk.sell("2026-03-10", "5000", "sam")
    run = await desk.calculate("2026-Q1")
    whole = await row(desk, "sam", period="2026", as_of="2026-12-31")
    # The run ends with March, and so do the figures.
    assert whole["counted_until"] == "2026-04-01"
    assert amounts(whole, "quota_to_date", "credited_to_date", "pace") == ["30000.00", "20000.00", "80000.00"]
    assert (whole["attainment"], whole["attainment_to_date"]) == ("0.166667", "0.666667")
    assert whole["run_id"] == run["id"]
    month = await row(desk, "sam", period="2026-M02", as_of="2026-02-14")
    assert amounts(month, "quota", "quota_to_date", "credited_to_date") == ["10000.00", "5000.00", "15000.00"]
    assert (month["attainment"], month["attainment_to_date"]) == ("1.50", "3.00")


async def test_the_official_run_that_reaches_furthest_counts_and_previews_do_not(desk: Desk) -> None:
    await desk.sell("2026-02-10", "1000", "sam")
    first = await desk.calculate("2026-Q1")
    await desk.calculate("2026-Q2", "preview")
    assert (await row(desk, "sam", period="2026"))["run_id"] == first["id"]
    second = await desk.calculate("2026-Q2")
    assert (await row(desk, "sam", period="2026"))["run_id"] == second["id"]


async def test_a_seller_without_quota_is_listed_with_its_credits_and_no_ratio(desk: Desk) -> None:
    body = {"seller_ids": [desk.world.sellers["olga"]], "effective_from": "2026-01-01"}
    await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/enrol", body)
    await desk.sell("2026-02-10", "1000", "olga")
    await desk.calculate("2026-Q1")
    found = await row(desk, "finance", "olga", period="2026")
    assert amounts(found, "quota", "credited_to_date", "pace") == [None, "1000.00", None]
    assert found["attainment"] is None


async def test_everybody_sees_its_own_line_of_sellers_and_a_report_is_answered_in_order(desk: Desk) -> None:
    await desk.sell("2026-02-10", "1000", "sue")
    await desk.calculate("2026-Q1")
    names = {
        who: [found["seller_name"] for found in await desk.items(who, PATH)]
        for who in ("viewer", "mona", "sam", "otto")
    }
    assert names == {"viewer": ["Sue", "Sam"], "mona": ["Sue", "Sam"], "sam": ["Sam"], "otto": []}


async def test_graphql_answers_the_report(desk: Desk) -> None:
    query = '{ attainment(period: "2026-Q1") { nodes { sellerName quota { amount } } } }'
    answer = await desk.world.graphql("sam", query)
    assert "errors" not in answer, answer
    assert answer["data"]["attainment"]["nodes"] == [{"sellerName": "Sam", "quota": {"amount": "30000.00"}}]
