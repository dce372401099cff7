"""Quotas by hand: amounts, months, one live quota at a time, who sees them, and what compensation reads."""

from decimal import Decimal
from typing import Any

import pytest

from app.domain.kernel.errors import DomainError
from app.domain.quotas.contract.quotas import QuotaState
from app.domain.quotas.queries import QUOTA_SQL


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


def findings(refused: DomainError) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in refused.errors]


async def test_a_quota_is_phased_evenly_into_the_months_of_its_period(desk: Any) -> None:
    quota = await desk.draft(amount="100.00", period="2026-Q2")
    months = (await desk.show(quota, include="months"))["months"]["items"]
    assert [(month["starts_on"], month["amount"]["amount"]) for month in months] == [
        ("2026-04-01", "33.34"),
        ("2026-05-01", "33.33"),
        ("2026-06-01", "33.33"),
    ]


async def test_units_and_activities_are_whole_numbers_without_a_currency(desk: Any) -> None:
    quota = await desk.draft(amount="100", measure="units")
    assert (await desk.show(quota))["amount"] == {"amount": "100.00", "currency": "XXX"}
    refused = await refusal(desk.draft("cleo", amount="100.5", measure="units"))
    assert findings(refused) == [("/amount", "invalid_input")]
    refused = await refusal(desk.draft("cleo", amount="100", measure="activity", currency="EUR"))
    assert findings(refused) == [("/currency", "invalid_input")]


@pytest.mark.parametrize("amount", ["100.001", "-1", 100, "1e30", "NaN"])
async def test_an_amount_is_an_exact_number_of_the_smallest_unit(desk: Any, amount: Any) -> None:
    assert [pointer for pointer, _ in findings(await refusal(desk.draft(amount=amount)))] == ["/amount"]


async def test_a_seller_has_one_live_quota_per_measure_and_day(desk: Any) -> None:
    first = await desk.draft()
    for period in ("2026", "2026-Q3", "2026-M12"):
        refused = await refusal(desk.draft(period=period))
        assert (refused.code, refused.facts["sellers"]) == ("quota_exists", [str(desk.company.sellers["bob"])])
    await desk.draft(measure="margin")
    await desk.draft(period="2025")
    await desk.draft("cleo")
    await desk.company.do("ops", "cancel_quota", first)
    await desk.draft(period="2026-Q3")
    await desk.draft(period="2026-Q4")


async def test_the_database_has_the_last_word_on_one_live_quota(desk: Any) -> None:
    quota = await desk.draft()

    async def double() -> None:
        async with desk.company.operations.transaction(desk.company.actors["ops"]) as tx:
            await tx.execute(
                "insert into quota (org_id, seller_id, measure, period_id, valid, amount, currency, state)"
                " select org_id, seller_id, measure, period_id, valid, amount, currency, state from quota"
                " where org_id = :org_id and id = :id",
                id=quota,
            )

    assert (await refusal(double())).code == "period_overlap"


async def test_quotas_are_seen_along_the_sellers_line(desk: Any) -> None:
    quota = await desk.in_state(QuotaState.PROPOSED)
    for who in ("ada", "bob", "finance"):
        shown = await desk.show(quota, who, include="seller,months,revisions,period")
        assert (shown["seller"]["name"], shown["period"]["code"]) == ("bob", "2026")
        assert (len(shown["months"]["items"]), len(shown["revisions"]["items"])) == (12, 1)
    for who in ("cleo", "dan"):
        assert await desk.show(quota, who) is None
        assert await desk.company.page(who, "quota") == []


async def test_a_seller_sees_its_quota_from_the_first_proposal_on(desk: Any) -> None:
    await desk.owns("bob", "100.00")
    quota = await desk.draft()
    for hidden in ("quota", "quota_fairness", "quota_dispute"):
        assert await desk.company.page("bob", hidden) == []
    assert (await desk.show(quota, "ada"))["state"] == "draft"
    await desk.take(quota, "propose")
    assert (await desk.show(quota, "bob"))["state"] == "proposed"
    assert len(await desk.company.page("bob", "quota_fairness")) == 1


async def test_compensation_reads_what_sellers_accepted_by_month(desk: Any) -> None:
    accepted, _ = await desk.draft(amount="1200.00"), await desk.draft("cleo")
    await desk.take(accepted, "propose", "accept")
    sql = QUOTA_SQL.format(org=":org_id", currency=":currency", fiscal_year=":year")
    async with desk.company.operations.transaction(desk.company.actors["finance"]) as tx:
        found = await tx.rows(f"{sql} order by period_code", currency="EUR", year=2026)
        other = await tx.rows(sql, currency="USD", year=2026)
    assert [(row["seller_id"], row["period_code"], row["amount"]) for row in found] == [
        (desk.company.sellers["bob"], f"2026-M{month:02d}", Decimal(100)) for month in range(1, 13)
    ]
    assert other == []


async def test_fairness_shows_quotas_against_potential(desk: Any) -> None:
    for seller, potential in (("ada", "100.00"), ("bob", "200.00"), ("cleo", "400.00"), ("dan", None)):
        await desk.owns(seller, potential)
        await desk.take(await desk.draft(seller, amount="200.00"), *(["propose"] if seller == "bob" else []))
    rows = await desk.company.page("ops", "quota_fairness", ("include", "seller"))
    loads = {row["seller"]["name"]: (row["load"], row["deviation"], row["outlier"]) for row in rows}
    assert loads == {
        "ada": ("2.00", "1.00", False),
        "bob": ("1.00", "0.00", False),
        "cleo": ("0.50", "-0.50", False),
        "dan": (None, None, False),
    }
    assert [row["seller_id"] for row in await desk.company.page("bob", "quota_fairness")] == [
        str(desk.company.sellers["bob"])
    ]
