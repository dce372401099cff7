"""Attainment: what was credited over what was promised, with where the figures come from."""

from decimal import Decimal
from typing import Any

import pytest

from tests.domain.compensation.desk import COMMISSION, Desk

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
    run = await desk.posted("2026-Q1")
    whole = await row(desk, "sam", period="2026", as_of="2026-12-31")
    # The run ends with March, and so do the figures.
    assert whole["counted_until"] == "2026-04-01"
    assert amounts(whole, "quota_to_date", "credited_to_date", "pace") == ["30000.00", "20000.00", "80000.00"]
    assert (whole["attainment"], whole["attainment_to_date"]) == ("0.166667", "0.666667")
    assert whole["run_id"] == run["id"]
    month = await row(desk, "sam", period="2026-M02", as_of="2026-02-14")
    assert amounts(month, "quota", "quota_to_date", "credited_to_date") == ["10000.00", "5000.00", "15000.00"]
    assert (month["attainment"], month["attainment_to_date"]) == ("1.50", "3.00")


async def test_only_posted_runs_count_unless_asked_and_what_is_not_posted_is_shown_beside(desk: Desk) -> None:
    await desk.sell("2026-02-10", "1000", "sam")
    first = await desk.posted("2026-Q1")
    await desk.sell("2026-05-10", "500", "sam")
    await desk.calculate("2026-Q2", "preview")
    shown = await row(desk, "sam", period="2026", as_of="2026-06-30")
    assert (shown["run_id"], *amounts(shown, "credited_to_date", "credited_unposted")) == (first["id"], "1000.00", None)
    second = await desk.calculate("2026-Q2")
    shown = await row(desk, "sam", period="2026", as_of="2026-06-30")
    assert (shown["run_id"], *amounts(shown, "credited_to_date", "credited_unposted")) == (
        first["id"],
        "1000.00",
        "1500.00",
    )
    asked = await row(desk, "sam", period="2026", as_of="2026-06-30", include_unposted="true")
    assert (asked["run_id"], *amounts(asked, "credited_to_date", "credited_unposted")) == (
        second["id"],
        "1500.00",
        "1500.00",
    )
    await desk.take(second, "review", "approve", "post")
    shown = await row(desk, "sam", period="2026", as_of="2026-06-30")
    assert (shown["run_id"], *amounts(shown, "credited_to_date", "credited_unposted")) == (
        second["id"],
        "1500.00",
        None,
    )


async def test_a_seller_without_quota_is_listed_with_its_credits_and_no_ratio(desk: Desk) -> None:
    body = {"seller_ids": [desk.world.sellers["olga"]], "effective_from": "2026-01-01"}
    await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/enrol", body)
    await desk.sell("2026-02-10", "1000", "olga")
    await desk.posted("2026-Q1")
    found = await row(desk, "finance", "olga", period="2026")
    assert amounts(found, "quota", "credited_to_date", "pace") == [None, "1000.00", None]
    assert found["attainment"] is None


async def test_everybody_sees_its_own_line_of_sellers_and_a_viewer_only_teams(desk: Desk) -> None:
    await desk.sell("2026-02-10", "1000", "sue")
    await desk.posted("2026-Q1")
    names = {
        who: [found["seller_name"] for found in await desk.items(who, PATH)]
        for who in ("finance", "mona", "sam", "otto")
    }
    assert names == {"finance": ["Sue", "Sam"], "mona": ["Sue", "Sam"], "sam": ["Sam"], "otto": []}
    refused = await desk.world.client("viewer").get(PATH)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_required")
    for who in ("viewer", "sam", "otto"):
        (team,) = await desk.items(who, "/v1/reports/team-attainment")
        assert (team["team"], team["sellers"]) == ("Paris", 2)
        assert amounts(team, "quota", "credited_to_date") == ["240000.00", "1000.00"]
        assert "seller_id" not in team


@pytest.mark.parametrize("report", ["attainment", "team-attainment", "territory-attainment", "quota-acceptance-times"])
async def test_a_period_that_does_not_exist_is_refused_not_an_empty_list(desk: Desk, report: str) -> None:
    answer = await desk.world.client("finance").get(f"/v1/reports/{report}", params={"period": "2026-Q9"})
    assert answer.status_code == 422, answer.text
    found = answer.json()
    assert (found["code"], found["errors"][0]["pointer"]) == ("unknown_reference", "/period")
    assert "2026-Q9" in found["detail"]


async def test_forecast_is_credited_plus_won_since_plus_deals_by_the_probability_of_their_stage(desk: Desk) -> None:
    await desk.sell("2026-02-10", "20000", "sam")
    await desk.posted("2026-Q1")
    deals: list[tuple[str, str, dict[str, str]]] = [
        ("1000", "won", {"closed_on": "2026-03-10"}),  # the run reaches it
        ("2000", "won", {"closed_on": "2026-05-10"}),
        ("4000", "won", {"closed_on": "2026-08-10"}),  # after `as_of`, and not expected in the period
        ("10000", "proposal", {"expected_close_on": "2026-09-01", "opened_on": "2026-01-01"}),
        ("10000", "engaging", {"expected_close_on": "2026-12-31", "opened_on": "2026-01-01"}),
        ("10000", "prospecting", {"expected_close_on": "2027-01-01", "opened_on": "2026-01-01"}),
        ("10000", "prospecting", {"expected_close_on": "2026-12-01", "opened_on": "2026-07-01"}),  # opened later
        ("10000", "lost", {"expected_close_on": "2026-09-01", "closed_on": "2026-06-01", "opened_on": "2026-01-01"}),
    ]
    for amount, stage, days in deals:
        body = {"name": "Deal", "seller_id": desk.world.sellers["sam"], "amount": amount, "stage": stage, **days}
        await desk.world.post("sales_ops", "/v1/opportunities", body)
    found = await row(desk, "sam", period="2026", as_of="2026-06-30")
    assert amounts(found, "credited_to_date", "won_since", "pipeline", "forecast") == [
        "20000.00", "2000.00", "9000.00", "31000.00",
    ]  # fmt: skip
    assert found["forecast_attainment"] == "0.258333"


async def test_a_figure_leads_to_its_credits_and_their_transactions(desk: Desk) -> None:
    sold = [await desk.sell(day, "1000", "sam") for day in ("2026-02-10", "2026-03-10")]
    await desk.sell("2026-05-10", "700", "sam")
    await desk.posted("2026-Q2")
    params = {"period": "2026-Q1", "include": "credits,quotas,run"}
    found = await row(desk, "finance", **params)
    assert [credit["transaction_id"] for credit in found["credits"]["items"]] == sold
    total = sum(Decimal(credit["amount"]["amount"]) for credit in found["credits"]["items"])
    assert total == Decimal(found["credited_to_date"]["amount"]) == 2000
    assert [quota["accepted_amount"]["amount"] for quota in found["quotas"]["items"]] == ["120000.00"]


async def test_a_quota_asked_for_anew_counts_as_accepted_before_until_it_is_accepted_again(desk: Desk) -> None:
    (quota,) = await desk.items("sam", "/v1/quotas")
    body = {"amount": "240000.00", "effective_from": "2026-07-01", "comment": "A new product."}
    await desk.world.post("sales_ops", f"/v1/quotas/{quota['id']}/amend", body)
    assert amounts(await row(desk, "sam", as_of="2026-12-31"), "quota", "quota_to_date") == ["120000.00", "120000.00"]
    await desk.world.post("sam", f"/v1/quotas/{quota['id']}/accept")
    assert amounts(await row(desk, "sam", as_of="2026-06-30"), "quota", "quota_to_date") == ["180000.00", "60000.00"]


async def test_graphql_answers_the_report(desk: Desk) -> None:
    query = '{ attainment(period: "2026-Q1") { nodes { sellerName quota { amount } } } }'
    answer = await desk.world.graphql("sam", query)
    assert "errors" not in answer, answer
    assert answer["data"]["attainment"]["nodes"] == [{"sellerName": "Sam", "quota": {"amount": "30000.00"}}]


async def test_a_deal_that_is_booked_and_invoiced_counts_once(desk: Desk) -> None:
    invoiced = {"code": "ON-INVOICE", "trigger": "invoice"}
    await desk.publish(code="SECOND", components=(COMMISSION | invoiced,), takes_part=("sam",))
    await desk.sell("2026-02-10", "1000", "sam")
    await desk.sell("2026-03-10", "1000", "sam", kind="invoice")
    await desk.posted("2026-Q1")
    assert amounts(await row(desk, "sam", period="2026", as_of="2026-03-31"), "credited_to_date") == ["1000.00"]
