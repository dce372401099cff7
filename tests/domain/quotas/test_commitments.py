"""Commitments: a seller's own figure beside the quota, adjusted level by level, and the gap at each."""

from typing import Any

import pytest

from tests.domain.quotas.test_allocation import findings, refusal


async def said(desk: Any, who: str, amount: str, scope: str = "own", **more: Any) -> Any:
    body = {"period_id": desk.periods["2026"], "amount": amount, "scope": scope, **more}
    return await desk.company.do(who, "create_commitment", **body)


async def gaps(desk: Any, who: str = "ops", *more: tuple[str, str]) -> dict[str, tuple[str | None, ...]]:
    rows = await desk.company.page(who, "commitment_gap", ("period", "2026"), *more)
    names = {str(id): name for name, id in desk.company.sellers.items()}
    shown = ("quota", "commitment", "gap")
    return {names[row["seller_id"]]: tuple(row[n] and row[n]["amount"] for n in shown) for row in rows}


async def test_the_gap_at_each_level_follows_who_says_what(desk: Any) -> None:
    await desk.allocate(total="90.00", cascade=True, include_managers=True)
    await said(desk, "bob", "40.00")
    assert await gaps(desk) == {
        "ada": ("60.00", "40.00", "-20.00"),
        "bob": ("30.00", "40.00", "10.00"),
        "cleo": ("30.00", None, None),
        "dan": ("30.00", None, None),
    }
    [dan] = await desk.company.page(
        "ops", "commitment_gap", ("period", "2026"), ("seller_id", str(desk.company.sellers["dan"]))
    )
    assert dan["gap_share"] is None
    await said(desk, "cleo", "25.00")
    assert (await gaps(desk))["ada"] == ("60.00", "65.00", "5.00")
    rows = await desk.company.page("ada", "commitment_gap", ("period", "2026"), ("level", "0"))
    assert [(row["leads"], row["manager_quota"]["amount"], row["gap_share"]) for row in rows] == [
        (True, "60.00", "0.083333")
    ]
    assert (rows[0]["sellers"], rows[0]["committed"]) == (2, 2)
    # A manager's figure for its team stands from there upwards, and says nothing of those below.
    await said(desk, "ada", "55.00", "team")
    assert {name: row[1] for name, row in (await gaps(desk)).items()} == {
        "ada": "55.00",
        "bob": "40.00",
        "cleo": "25.00",
        "dan": None,
    }
    assert set(await gaps(desk, "bob")) == {"bob"}
    below = await gaps(desk, "ops", ("manager_id", str(desk.company.sellers["ada"])))
    assert set(below) == {"bob", "cleo"}


async def test_those_above_count_with_their_own_figure_and_the_sellers_stays_beside_it(desk: Any) -> None:
    await desk.allocate(total="90.00")
    mine = await said(desk, "bob", "40.00", comment="Two renewals.")
    await desk.company.do("ada", "adjust_commitment", mine, amount="35.00", comment="One renewal is late.")
    shown = await desk.company.one("bob", "commitment", mine)
    assert (shown["amount"]["amount"], shown["adjusted"]["amount"]) == ("40.00", "35.00")
    assert (shown["comment"], shown["adjustment_comment"]) == ("Two renewals.", "One renewal is late.")
    assert {name: row[1] for name, row in (await gaps(desk)).items()} == {
        "ada": "35.00", "bob": "35.00", "cleo": None, "dan": None,
    }  # fmt: skip
    await desk.company.do("bob", "update_commitment", mine, amount="42.00")
    assert (await gaps(desk))["ada"][1] == "35.00"
    await desk.company.do("ada", "adjust_commitment", mine, amount=None, comment="It came.")
    assert (await gaps(desk))["ada"][1] == "42.00"
    assert len(await desk.company.events("commitment.adjusted")) == 2


async def test_nobody_speaks_for_another_or_adjusts_oneself(desk: Any) -> None:
    mine, hers = await said(desk, "bob", "40.00"), await said(desk, "ada", "9.00", "team")
    assert (await refusal(desk.company.do("ada", "update_commitment", mine, amount="1.00"))).code == "not_concerned"
    refused = await refusal(desk.company.do("ada", "adjust_commitment", hers, amount="1.00", comment="More."))
    assert refused.code == "four_eyes"
    refused = await refusal(desk.company.do("cleo", "update_commitment", mine, amount="1.00"))
    assert refused.code == "not_found"


@pytest.mark.parametrize(
    ("who", "body", "pointer"),
    [
        ("bob", {"scope": "team"}, "/scope"),
        ("bob", {"amount": "-1"}, "/amount"),
        ("bob", {"amount": "1.001"}, "/amount"),
        ("bob", {"measure": "units", "currency": "EUR"}, "/currency"),
    ],
)
async def test_a_figure_that_makes_no_sense_is_refused(desk: Any, who: str, body: dict[str, Any], pointer: str) -> None:
    refused = await refusal(said(desk, who, **{"amount": "1.00", **body}))
    assert [place for place, _ in findings(refused)] == [pointer]
    assert await desk.company.page("ops", "commitment") == []


async def test_one_figure_per_period_measure_and_scope_while_the_period_is_open(desk: Any) -> None:
    mine = await said(desk, "bob", "40.00")
    assert (await refusal(said(desk, "bob", "41.00"))).code == "already_exists"
    await desk.company.do("finance", "close_fiscal_period", desk.periods["2026"])
    for attempt in (
        said(desk, "bob", "1", measure="units"),
        desk.company.do("bob", "update_commitment", mine, amount="1.00"),
        desk.company.do("ada", "adjust_commitment", mine, amount="1.00", comment="Late."),
    ):
        assert (await refusal(attempt)).code == "quota_period_closed"
