"""The book of a seller against its target mix, and how the quadrants of a snapshot performed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.domain.kernel.errors import DomainError

QUADRANTS = ("priority", "big_bet", "quick_win", "deprioritised")
FIXED = {"basis": "fixed", "potential_threshold": "100", "win_probability_threshold": "0.5"}
WORTH = {
    "priority": ("200", "0.8"), "big_bet": ("300", "0.2"), "quick_win": ("50", "0.9"), "deprioritised": ("10", "0.1"),
}  # fmt: skip
MIX = {"priority": "0.5", "big_bet": "0.2", "quick_win": "0.25", "deprioritised": "0.05"}


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


async def account(company: Any, quadrant: str, who: str = "bob", **more: Any) -> UUID:
    potential, chance = WORTH[quadrant]
    body = {"name": quadrant, "potential": potential, "win_probability": chance} | more
    made: UUID = await company.do(who, "create_account", **body)
    return made


async def touch(company: Any, seller: str, account: UUID, day: date, state: str = "done") -> None:
    async with company.operations.transaction(company.actors["ops"]) as tx:
        await tx.execute(
            "insert into activity (org_id, account_id, seller_id, kind, state, done_on)"
            " values (:org_id, :account, :seller, 'call', :state, :day)",
            account=account, seller=company.sellers[seller], state=state, day=day if state == "done" else None,
        )  # fmt: skip


async def test_the_effort_of_a_seller_is_set_against_the_target_mix(company: Any) -> None:
    await company.do("ops", "set_prioritisation", **FIXED, target_mix=MIX)
    today = datetime.now(UTC).date()
    ids = {quadrant: await account(company, quadrant) for quadrant in QUADRANTS}
    await account(company, "priority")
    unsorted = await account(company, "priority", win_probability=None)
    foreign = await account(company, "priority", currency="USD")
    colleagues = await account(company, "quick_win", who="cleo")
    for touched in (ids["priority"], ids["priority"], ids["quick_win"], colleagues, unsorted):
        await touch(company, "bob", touched, today)
    await touch(company, "bob", ids["big_bet"], today - timedelta(400))
    await touch(company, "bob", ids["big_bet"], today, state="cancelled")
    await touch(company, "cleo", ids["big_bet"], today)
    rows = await company.page("bob", "portfolio")
    found = {
        row["quadrant"]: (
            row["account_count"], row["potential"]["amount"], row["expected_value"]["amount"], row["touches"],
            row["share_of_effort"], row["target_share"], row["gap"],
        )
        for row in rows
    }  # fmt: skip
    assert found == {
        "priority": (2, "400.00", "320.00", 2, "0.40", "0.50", "-0.10"),
        "big_bet": (1, "300.00", "60.00", 0, "0.00", "0.20", "-0.20"),
        "quick_win": (1, "50.00", "45.00", 2, "0.40", "0.25", "0.15"),
        "deprioritised": (1, "10.00", "1.00", 0, "0.00", "0.05", "-0.05"),
        None: (2, "200.00", "0.00", 1, "0.20", None, None),
    }
    assert foreign is not None
    window = (("from", str(today - timedelta(401))), ("to", str(today)), ("quadrant", "big_bet"))
    [early] = await company.page("bob", "portfolio", *window)
    assert (early["touches"], early["share_of_effort"]) == (1, "1.00")


async def test_the_book_is_seen_by_the_line_of_its_seller(company: Any) -> None:
    await account(company, "priority")
    seen = {who: {row["seller_name"] for row in await company.page(who, "portfolio")} for who in ("ada", "cleo", "ops")}
    assert seen == {"ada": {"bob"}, "cleo": set(), "ops": {"bob"}}


async def test_without_touches_or_target_there_is_no_share_and_no_gap(company: Any) -> None:
    await company.do("ops", "set_prioritisation", **FIXED)
    await account(company, "priority")
    rows = await company.page("bob", "portfolio")
    assert {(row["share_of_effort"], row["target_share"], row["gap"]) for row in rows} == {(None, None, None)}


async def test_a_target_mix_adds_up_to_one_and_stays_until_it_is_set_again(company: Any) -> None:
    refused = await refusal(company.do("ops", "set_prioritisation", **FIXED, target_mix=MIX | {"priority": "0.4"}))
    assert (refused.code, refused.errors[0].pointer) == ("invalid_input", "/target_mix")
    refused = await refusal(company.do("ops", "set_prioritisation", **FIXED, target_mix=MIX | {"priority": "1.5"}))
    assert refused.errors[0].pointer == "/target_mix/priority"
    id = await company.do("ops", "set_prioritisation", **FIXED, target_mix=MIX)
    await company.do("ops", "set_prioritisation", **FIXED)
    kept = (await company.one("ops", "prioritisation", id))["target_mix"]
    assert {name: Decimal(share) for name, share in kept.items()} == {
        name: Decimal(share) for name, share in MIX.items()
    }


async def test_a_snapshot_keeps_where_accounts_stood(company: Any) -> None:
    assert (await refusal(company.do("ops", "snapshot_quadrants", name="Too early"))).code == "no_thresholds"
    assert (await refusal(company.do("bob", "snapshot_quadrants", name="Mine"))).code == "permission_required"
    await company.do("ops", "set_prioritisation", **FIXED)
    id = await account(company, "priority")
    await account(company, "priority", who="dan", potential=None)
    snapshot = await company.do("ops", "snapshot_quadrants", name="Start")
    await company.do("bob", "update_account", id, potential="1")
    seen = await company.one("ops", "quadrant_snapshot", snapshot)
    assert (seen["account_count"], seen["unsorted_count"], seen["potential_threshold"]["amount"]) == (1, 1, "100.00")
    [placed] = await company.page("bob", "quadrant_placement")
    assert (placed["quadrant"], placed["potential"]["amount"], placed["expected_value"]["amount"]) == (
        "priority", "200.00", "160.00",
    )  # fmt: skip
    assert await company.page("cleo", "quadrant_placement") == []
    assert await company.page("bob", "quadrant_performance") == []
    assert len(await company.page("finance", "quadrant_performance")) == 4


# -- the report against an independent computation ---------------------------------------------------------------------


@dataclass(frozen=True)
class Sale:
    quadrant: str
    won: bool
    amount: Decimal
    currency: str
    days: int
    """From the day of the snapshot on."""


SALES = st.builds(
    Sale,
    st.sampled_from(QUADRANTS),
    st.booleans(),
    st.decimals(0, 5000, places=4),
    st.sampled_from(["EUR", "EUR", "USD"]),
    st.sampled_from([-1, 0, 3, 9, 10]),
)
WORLDS = st.tuples(
    st.dictionaries(st.sampled_from(QUADRANTS), st.integers(1, 3), min_size=1),
    st.lists(SALES, max_size=25),
    st.lists(st.tuples(st.sampled_from(QUADRANTS), st.sampled_from([-1, 0, 9, 10])), max_size=6),
)
UNTIL = 10


def wilson(won: int, closed: int) -> tuple[Decimal, Decimal, Decimal]:
    """Rate and its interval as Wilson (1927) wrote it: the roots of (p - rate)^2 = z^2 p (1 - p) / n."""
    z2 = Decimal("1.959963984540054") ** 2
    n, rate = Decimal(closed), Decimal(won) / Decimal(closed)
    a, b, c = n + z2, -(2 * n * rate + z2), n * rate * rate
    root = (b * b - 4 * a * c).sqrt()
    return rate, (-b - root) / (2 * a), (-b + root) / (2 * a)


def shown(value: Decimal | None, digits: int = 6) -> Decimal | None:
    return None if value is None else value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def expected(accounts: dict[str, int], sales: list[Sale], touches: list[tuple[str, int]]) -> dict[str, dict[str, Any]]:
    inside = [sale for sale in sales if 0 <= sale.days < UNTIL and sale.quadrant in accounts]
    found: dict[str, dict[str, Any]] = {}
    for quadrant in QUADRANTS:
        own = [sale for sale in inside if sale.quadrant == quadrant]
        rest = [sale for sale in inside if sale.quadrant != quadrant]
        count = accounts.get(quadrant, 0)
        rest_count = sum(accounts.values()) - count
        potential, chance = (Decimal(text) for text in WORTH[quadrant])
        worth = potential * chance * count
        revenue, rest_revenue = (
            sum((sale.amount for sale in some if sale.won and sale.currency == "EUR"), Decimal(0))
            for some in (own, rest)
        )
        touched = sum(q == quadrant and 0 <= days < UNTIL for q, days in touches) if count else 0
        mine = wilson(sum(sale.won for sale in own), len(own)) if own else (None,) * 3
        theirs = wilson(sum(sale.won for sale in rest), len(rest)) if rest else (None,) * 3
        low = high = difference = None
        if mine[0] is not None and theirs[0] is not None:
            (p, l1, u1), (q, l2, u2) = mine, theirs
            difference = p - q
            low = difference - ((p - l1) ** 2 + (u2 - q) ** 2).sqrt()
            high = difference + ((u1 - p) ** 2 + (q - l2) ** 2).sqrt()
        verdict = None if low is None or high is None else "better" if low > 0 else "worse" if high < 0 else "open"
        found[quadrant] = {
            "account_count": count,
            "deals_closed": len(own),
            "deals_won": sum(sale.won for sale in own),
            "win_rate": shown(mine[0]),
            "win_rate_low": shown(mine[1]),
            "win_rate_high": shown(mine[2]),
            "won_revenue": revenue,
            "other_currency_count": sum(sale.won and sale.currency != "EUR" for sale in own),
            "expected_value": worth,
            "actual_to_expected": shown(revenue / worth) if worth else None,
            "won_revenue_per_account": shown(revenue / count, 2) if count else None,
            "touches": touched,
            "won_revenue_per_touch": shown(revenue / touched, 2) if touched else None,
            "rest_win_rate": shown(theirs[0]),
            "win_rate_difference": shown(difference),
            "difference_low": shown(low),
            "difference_high": shown(high),
            "verdict": verdict,
            "rest_won_revenue_per_account": shown(rest_revenue / rest_count, 2) if rest_count else None,
        }
    return found


def plain(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """A row of the report with numbers for texts."""

    def number(value: Any) -> Any:
        value = value["amount"] if isinstance(value, dict) else value
        return Decimal(value) if isinstance(value, str) and value[-1].isdigit() else value

    return {name: number(row[name]) for name in names}


async def test_the_report_agrees_with_an_independent_computation(company: Any) -> None:
    await company.do("ops", "set_prioritisation", **FIXED)
    worlds: list[Any] = []

    @settings(
        max_examples=40, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(WORLDS)
    def collect(world: Any) -> None:
        worlds.append(world)

    collect()
    # One that decides: nine of nine against none of nine.
    wins = [Sale("priority", True, Decimal(10), "EUR", 1)] * 9 + [Sale("big_bet", False, Decimal(1), "EUR", 1)] * 9
    worlds.append(({"priority": 1, "big_bet": 1}, wins, []))
    verdicts = set()
    for accounts, sales, touches in worlds:
        rows = await _performance(company, accounts, sales, touches)
        with localcontext(prec=60):
            wanted = expected(accounts, sales, touches)
        assert {row["quadrant"]: plain(row, set(wanted["priority"])) for row in rows} == wanted
        verdicts |= {row["verdict"] for row in rows}
    assert verdicts == {None, "better", "worse", "open"}


async def _performance(company: Any, accounts: dict[str, int], sales: list[Sale], touches: Any) -> Any:
    today, bob = datetime.now(UTC).date(), company.sellers["bob"]
    async with company.operations.transaction(company.actors["ops"]) as tx:
        for table in ("activity", "opportunity", "account"):
            await tx.execute(f"delete from {table} where org_id = :org_id")
        ids = {}
        for quadrant in QUADRANTS:
            for _ in range(accounts.get(quadrant, 0)):
                ids[quadrant] = tx.new_id()
                potential, chance = (Decimal(text) for text in WORTH[quadrant])
                await tx.execute(
                    "insert into account (org_id, id, name, potential, win_probability, currency)"
                    " values (:org_id, :id, 'A', :potential, :chance, 'EUR')",
                    id=ids[quadrant], potential=potential, chance=chance,
                )  # fmt: skip
        for sale in sales:
            if sale.quadrant in ids:
                await tx.execute(
                    "insert into opportunity (org_id, name, account_id, seller_id, stage, amount, currency, closed_on)"
                    " values (:org_id, 'Deal', :account, :seller, :stage, :amount, :currency, :day)",
                    account=ids[sale.quadrant], seller=bob, stage="won" if sale.won else "lost", amount=sale.amount,
                    currency=sale.currency, day=today + timedelta(sale.days),
                )  # fmt: skip
        for quadrant, days in touches:
            if quadrant in ids:
                await tx.execute(
                    "insert into activity (org_id, account_id, seller_id, kind, state, done_on)"
                    " values (:org_id, :account, :seller, 'visit', 'done', :day)",
                    account=ids[quadrant], seller=bob, day=today + timedelta(days),
                )  # fmt: skip
    snapshot = await company.do("ops", "snapshot_quadrants", name="Start")
    until = str(today + timedelta(UNTIL))
    return await company.page("ops", "quadrant_performance", ("snapshot_id", str(snapshot)), ("until", until))
