"""Cadence: which policy is for an account, what is due, and how well it was kept."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.kernel.errors import DomainError
from app.domain.territories.queries import IDEAL_VISITS_SQL

TODAY = datetime.now(UTC).date()
VISITS = [{"channel": "visit", "share": "1"}]


async def refusal(awaitable: Any) -> tuple[str, str]:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value.code, refused.value.errors[0].pointer if refused.value.errors else ""


async def policy(company: Any, name: str, interval: int = 30, **more: Any) -> UUID:
    made: UUID = await company.do("ops", "create_cadence_policy", name=name, interval_days=interval, **more)
    return made


async def visit(company: Any, account: UUID, day: str, kind: str = "visit") -> None:
    owner = company.sellers["bob"]
    body = {"account_id": account, "seller_id": owner, "kind": kind, "done_on": day}
    await company.do("ops", "create_activity", **body)


async def graded(company: Any, dsn: str, classes: dict[UUID, str], scored_at: datetime) -> None:
    """A published scorecard that gives accounts their class."""
    connection = await asyncpg.connect(dsn)
    try:
        card = await connection.fetchval(
            "insert into scorecard (org_id, code, name, scorecard_version, state, criteria, classes, scored_at)"
            " values ($1, $2, 'Card', 1, 'published', '[]', '[]', $3) returning id",
            company.org_id,
            f"C{scored_at:%Y%m%d}",
            scored_at,
        )
        await connection.executemany(
            "insert into account_score (org_id, scorecard_id, account_id, score, account_class, found, counted,"
            " missing) values ($1, $2, $3, 50, $4, '{}', '{}', '{}')",
            [(company.org_id, card, account, grade) for account, grade in classes.items()],
        )
    finally:
        await connection.close()


async def due(company: Any, who: str = "ops", **parameters: str) -> dict[str, Any]:
    return {row["account_name"]: row for row in await company.page(who, "cadence_due", *parameters.items())}


# -- policies ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"channel_mix": [{"channel": "visit", "share": "0.9"}]}, "/channel_mix"),
        ({"channel_mix": [{"channel": "visit", "share": "0.5"}] * 2}, "/channel_mix"),
        ({"channel_mix": []}, "/channel_mix"),
        ({"interval_days": 14, "window_days": 7}, ""),
        ({"interval_days": 0}, "/interval_days"),
        ({"account_class": "E"}, "/account_class"),
    ],
)
async def test_a_policy_that_makes_no_sense_is_refused(company: Any, body: dict[str, Any], pointer: str) -> None:
    given_ = {"name": "P", "interval_days": 30, **body}
    assert await refusal(company.do("ops", "create_cadence_policy", **given_)) == ("invalid_input", pointer)


async def test_a_change_keeps_the_windows_apart_and_the_mix_whole(company: Any) -> None:
    id = await policy(company, "P", 30, window_days=7)
    for change, pointer in (({"window_days": 15}, "/window_days"), ({"interval_days": 14}, "/window_days")):
        assert await refusal(company.do("ops", "update_cadence_policy", id, **change)) == ("invalid_input", pointer)
    mix = [{"channel": "visit", "share": "0.25"}, {"channel": "call", "share": "0.75"}]
    await company.do("ops", "update_cadence_policy", id, channel_mix=mix, account_class="A")
    seen = await company.one("ops", "cadence_policy", id)
    assert (seen["channel_mix"], seen["account_class"], seen["window_days"]) == (mix, "A", 7)


async def test_there_is_one_policy_for_a_territory_class_and_mode(company: Any) -> None:
    await policy(company, "Everyone")
    assert (await refusal(policy(company, "Everyone again")))[0] == "already_exists"


async def test_the_territory_decides_before_the_class_and_the_class_before_the_mode(
    company: Any, design: Any, database: str
) -> None:
    accounts = {name: await design.account(name) for name in ("Here", "There", "Nowhere")}
    model = await design.model()
    here = await design.territory(model, "HERE", rule={"account_ids": [accounts["Here"]]}, coverage_mode="remote")
    await design.territory(model, "THERE", rule={"account_ids": [accounts["There"]]}, coverage_mode="remote")
    await design.apply(model)
    await design.activate(model)
    await graded(company, database, {accounts["Nowhere"]: "D"}, datetime(2026, 1, 1, tzinfo=UTC))
    await graded(company, database, dict.fromkeys(accounts.values(), "A"), datetime(2026, 2, 1, tzinfo=UTC))

    async def applied() -> tuple[str | None, ...]:
        seen = await due(company, include="policy")
        return tuple((seen[name]["policy"] or {"name": None})["name"] for name in accounts)

    assert await applied() == (None, None, None)
    await policy(company, "any", 100)
    assert await applied() == ("any", "any", "any")
    await policy(company, "remote", 90, coverage_mode="remote")
    assert await applied() == ("remote", "remote", "any")
    await policy(company, "A", 80, account_class="A")
    await policy(company, "D", 80, account_class="D")
    assert await applied() == ("A", "A", "A")
    await policy(company, "A remote", 70, account_class="A", coverage_mode="remote")
    await policy(company, "A field", 70, account_class="A", coverage_mode="field")
    assert await applied() == ("A remote", "A remote", "A")
    await policy(company, "here", 60, territory_id=here)
    await policy(company, "here B", 60, territory_id=here, account_class="B")
    assert await applied() == ("here", "A remote", "A")
    seen = await due(company)
    assert (seen["Here"]["territory_id"], seen["Here"]["account_class"]) == (str(here), "A")
    assert (seen["Here"]["coverage_mode"], seen["Nowhere"]["territory_id"]) == ("remote", None)


async def test_a_clone_of_a_model_keeps_coverage_modes_and_cadences(company: Any, design: Any) -> None:
    model = await design.model()
    territory = await design.territory(model, "NORTH", coverage_mode="hybrid")
    await policy(company, "North", 21, territory_id=territory)
    clone = await company.do("ops", "clone_territory_model", model, starts_on="2027-01-01")
    (copied,) = await company.page("ops", "territory", ("model_id", str(clone)), ("include", "cadence_policies"))
    assert copied["coverage_mode"] == "hybrid"
    assert [(p["name"], p["interval_days"]) for p in copied["cadence_policies"]["items"]] == [("North", 21)]
    await company.do("ops", "delete_territory", territory)
    assert len(await company.page("ops", "cadence_policy")) == 1


# -- what is due -------------------------------------------------------------------------------------------------------


async def test_what_is_due_follows_the_last_touch_that_counts(company: Any) -> None:
    account = await company.do("bob", "create_account", name="Acme")
    await policy(company, "P", 30, window_days=5, channel_mix=VISITS)
    await visit(company, account, "2026-03-01")
    await visit(company, account, "2026-03-20", "call")
    await visit(company, account, "2026-06-01")
    for day, status, overdue in (
        ("2026-03-25", "on_track", 0),
        ("2026-03-26", "due", 0),
        ("2026-04-05", "due", 0),
        ("2026-04-06", "overdue", 6),
    ):
        row = (await due(company, as_of=day))["Acme"]
        assert (row["last_touch_on"], row["next_due_on"]) == ("2026-03-01", "2026-03-31")
        assert (row["status"], row["days_overdue"]) == (status, overdue), day
    assert set(await due(company, as_of="2026-04-06", status="overdue", **{"next_due_on.lt": "2026-04-01"})) == {"Acme"}
    assert await due(company, as_of="2026-04-05", status="overdue") == {}


async def test_without_a_touch_the_cadence_starts_in_the_first_territory_or_when_the_account_was_added(
    company: Any, design: Any
) -> None:
    inside, _ = await design.account("Inside"), await design.account("Outside")
    model = await design.model(starts_on="2026-02-01")
    await design.territory(model, "T", rule={"account_ids": [inside]})
    await design.apply(model)
    await design.activate(model)
    assert {row["status"] for row in (await due(company)).values()} == {"no_policy"}
    await policy(company, "P", 10)
    seen = await due(company)
    assert (seen["Inside"]["since"], seen["Inside"]["next_due_on"]) == ("2026-02-01", "2026-02-11")
    expected = TODAY + timedelta(days=10)
    assert (seen["Outside"]["since"], seen["Outside"]["next_due_on"]) == (TODAY.isoformat(), expected.isoformat())


async def test_what_is_due_is_seen_in_the_owners_line_soonest_first(company: Any) -> None:
    for who, name in (("bob", "Late"), ("bob", "Early"), ("dan", "Other")):
        await company.do(who, "create_account", name=name)
    accounts = {row["name"]: row["id"] for row in await company.page("ops", "account")}
    await policy(company, "P", 30)
    await visit(company, accounts["Late"], "2026-05-01")
    await visit(company, accounts["Early"], "2026-04-01")
    assert list(await due(company, "ada")) == ["Early", "Late"]
    assert list(await due(company, "dan")) == ["Other"]
    with_cadence = await company.one("bob", "account", UUID(accounts["Late"]), include="cadence")
    assert with_cadence["cadence"]["next_due_on"] == "2026-05-31"


# -- how well it was kept ----------------------------------------------------------------------------------------------


def reckoned(
    start: date, touches: set[date], interval: int, window: int, first: date, until: date, today: date
) -> tuple[int, int, int]:
    """Kept, missed and open due days of an account, day by day as the documentation puts it."""
    anchors = sorted(touches if any(day <= start for day in touches) else touches | {start})
    counts = [0, 0, 0]
    for anchor in anchors:
        following = next((day for day in anchors if day > anchor), None)
        due_day = anchor + timedelta(days=interval)
        while due_day < until:
            opens, closes = due_day - timedelta(days=window), due_day + timedelta(days=window)
            if following is not None and following < opens:
                break  # The touch came before the window opened: the clock starts anew.
            if due_day >= max(first, start):
                met = any(opens <= day <= closes for day in touches)
                counts[0 if met else 1 if closes < (following or today) else 2] += 1
            due_day += timedelta(days=interval)
    return counts[0], counts[1], counts[2]


def test_the_reckoning_itself_on_a_case_worked_out_by_hand() -> None:
    start, touches = date(2026, 1, 1), {date(2026, 1, 29), date(2026, 3, 20)}
    # Due on 31 January (kept on the 29th), 28 February (missed), 30 March (superseded by the touch of the 20th),
    # 19 April (open until the 22nd).
    found = reckoned(start, touches, 30, 3, date(2026, 1, 1), date(2026, 5, 1), date(2026, 4, 20))
    assert found == (1, 1, 1)


DAYS = st.integers(min_value=0, max_value=200).map(lambda n: TODAY - timedelta(days=n))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    created=DAYS,
    touches=st.sets(DAYS, max_size=8),
    interval=st.integers(min_value=1, max_value=60),
    window=st.integers(min_value=0, max_value=29),
    first=DAYS,
    length=st.integers(min_value=0, max_value=260),
)
async def test_adherence_is_what_counting_day_by_day_gives(
    company: Any,
    database: str,
    created: date,
    touches: set[date],
    interval: int,
    window: int,
    first: date,
    length: int,
) -> None:
    window = min(window, (interval - 1) // 2)
    until = first + timedelta(days=length)
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("delete from activity; delete from cadence_policy; delete from account")
        account = await connection.fetchval(
            "insert into account (org_id, name, currency, owner_id, created_at) values ($1, 'Acme', 'EUR', $2, $3)"
            " returning id",
            company.org_id,
            company.sellers["bob"],
            datetime.combine(created, datetime.min.time(), UTC),
        )
        await connection.executemany(
            "insert into activity (org_id, account_id, seller_id, kind, state, done_on)"
            " values ($1, $2, $3, $4, 'done', $5)",
            [
                (company.org_id, account, company.sellers["bob"], kind, day)
                for day in touches
                for kind in ("visit", "call", "email")
            ],
        )
    finally:
        await connection.close()
    mix = [{"channel": "visit", "share": "0.5"}, {"channel": "call", "share": "0.5"}]
    await policy(company, "P", interval, window_days=window, channel_mix=mix)
    (row,) = await company.page("ops", "cadence_adherence", ("from", str(first)), ("to", str(until)))
    expected = reckoned(created, touches, interval, window, first, until, TODAY)
    assert (row["kept"], row["missed"], row["still_open"]) == expected
    assert row["due"] == expected[0] + expected[1]
    if row["due"]:
        assert Decimal(row["adherence"]) == round(Decimal(row["kept"]) / row["due"], 6)
    else:
        assert row["adherence"] is None


async def test_adherence_by_seller_adds_up_what_it_is_by_territory_and_by_account(company: Any, design: Any) -> None:
    names = ("One", "Two", "Three")
    accounts = {name: await design.account(name, owner_id=company.sellers["bob"]) for name in names}
    model = await design.model(starts_on="2026-01-01")
    for code, members in (("T1", ("One", "Two")), ("T2", ("Three",))):
        await design.territory(model, code, rule={"account_ids": [accounts[name] for name in members]})
    await design.apply(model)
    await design.activate(model)
    await policy(company, "P", 30, window_days=3)
    for name in ("One", "Three"):
        await visit(company, accounts[name], "2026-01-31")
    asked = (("from", "2026-01-01"), ("to", "2026-03-31"))

    async def rows(per: str) -> list[tuple[int, ...]]:
        found = await company.page("ada", "cadence_adherence", *asked, ("per", per))
        return sorted((row["accounts"], row["kept"], row["missed"]) for row in found)

    # Due on 31 January, 2 March; the next, 1 April, is out of range.
    assert await rows("account") == [(1, 0, 2), (1, 1, 1), (1, 1, 1)]
    assert await rows("territory") == [(1, 1, 1), (2, 1, 3)]
    assert await rows("seller") == [(3, 2, 4)]
    assert await company.page("dan", "cadence_adherence", *asked) == []


async def test_ideal_visits_are_the_share_of_visits_in_the_touches_of_a_year(company: Any) -> None:
    account = await company.do("bob", "create_account", name="Acme")
    mix = [{"channel": "visit", "share": "0.25"}, {"channel": "call", "share": "0.75"}]
    asked = IDEAL_VISITS_SQL.format(org=":org_id", day="cast(:day as date)")

    async def ideal() -> list[Any]:
        async with company.operations.transaction(company.actors["ops"]) as tx:
            return [tuple(row.values()) for row in await tx.rows(asked, day=TODAY)]

    assert await ideal() == []
    await policy(company, "P", 73, channel_mix=mix)
    assert await ideal() == [(account, None, company.sellers["bob"], Decimal("1.25"), Decimal(5))]
