"""Activities: planned, done, cancelled, who sees them, and how visits kept to their plan."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.kernel.errors import DomainError

TODAY = datetime.now(UTC).date()


async def refusal(awaitable: Any) -> tuple[str, str]:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value.code, refused.value.errors[0].pointer if refused.value.errors else ""


async def test_a_planned_activity_is_completed_on_a_day_with_its_outcome(company: Any) -> None:
    account = await company.do("bob", "create_account", name="Acme")
    id = await company.do("bob", "create_activity", account_id=account, kind="visit", planned_on="2026-05-04")
    seen = await company.one("bob", "activity", id)
    assert (seen["state"], seen["done_on"], seen["seller_id"]) == ("planned", None, str(company.sellers["bob"]))
    await company.do(
        "bob", "complete_activity", id, done_on="2026-05-06", outcome="Order", distance_km="1042.5", duration_minutes=90
    )
    seen = await company.one("bob", "activity", id)
    told = {
        name: seen[name] for name in ("state", "planned_on", "done_on", "outcome", "distance_km", "duration_minutes")
    }
    assert told == {
        "state": "done", "planned_on": "2026-05-04", "done_on": "2026-05-06", "outcome": "Order",
        "distance_km": "1042.50", "duration_minutes": 90,
    }  # fmt: skip


async def test_without_a_day_it_took_place_today(company: Any) -> None:
    account = await company.do("bob", "create_account", name="Acme")
    id = await company.do("bob", "create_activity", account_id=account, kind="call", planned_on="2026-05-04")
    await company.do("bob", "complete_activity", id)
    assert (await company.one("bob", "activity", id))["done_on"] == TODAY.isoformat()


async def test_what_took_place_is_recorded_at_once_and_has_its_history(company: Any) -> None:
    account = await company.do("bob", "create_account", name="Acme")
    id = await company.do("bob", "create_activity", account_id=account, kind="email", done_on="2026-05-04")
    seen = await company.one("bob", "activity", id, include="transitions")
    assert (seen["state"], seen["planned_on"], seen["done_on"]) == ("done", None, "2026-05-04")
    assert [step["to_state"] for step in seen["transitions"]["items"]] == ["planned", "done"]


async def test_what_is_done_or_cancelled_is_neither_completed_nor_cancelled_again(company: Any) -> None:
    account = await company.do("bob", "create_account", name="Acme")
    done = await company.do("bob", "create_activity", account_id=account, kind="call", done_on="2026-05-04")
    off = await company.do("bob", "create_activity", account_id=account, kind="call", planned_on="2026-05-04")
    await company.do("bob", "cancel_activity", off, comment="Strike.")
    for id in (done, off):
        for action in ("complete_activity", "cancel_activity"):
            assert (await refusal(company.do("bob", action, id)))[0] == "illegal_transition"
    assert (await refusal(company.do("bob", "update_activity", off, notes="x")))[0] == "immutable"
    await company.do("bob", "update_activity", done, done_on="2026-05-03", kind="video")
    seen = await company.one("bob", "activity", done)
    assert (seen["done_on"], seen["kind"]) == ("2026-05-03", "video")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/planned_on"),
        ({"done_on": (TODAY + timedelta(days=1)).isoformat()}, "/done_on"),
    ],
)
async def test_an_activity_without_its_day_is_refused_whole(company: Any, body: Any, pointer: str) -> None:
    account = await company.do("bob", "create_account", name="Acme")
    refused = await refusal(company.do("bob", "create_activity", account_id=account, kind="visit", **body))
    assert refused == ("activity_day_wrong", pointer)
    assert await company.page("bob", "activity") == []


async def test_a_plan_keeps_its_day_and_only_what_is_done_has_one_it_took_place(company: Any) -> None:
    account = await company.do("bob", "create_account", name="Acme")
    id = await company.do("bob", "create_activity", account_id=account, kind="visit", planned_on="2026-05-04")
    for change, pointer in (({"planned_on": None}, "/planned_on"), ({"done_on": "2026-05-04"}, "/done_on")):
        assert await refusal(company.do("bob", "update_activity", id, **change)) == ("activity_day_wrong", pointer)
    assert (await company.one("bob", "activity", id))["planned_on"] == "2026-05-04"


async def test_an_activity_refers_to_what_its_seller_sees_and_to_a_deal_of_its_account(company: Any) -> None:
    acme = await company.do("bob", "create_account", name="Acme")
    other = await company.do("bob", "create_account", name="Other")
    foreign = await company.do("dan", "create_account", name="Foreign")
    deal = await company.do("bob", "create_opportunity", name="Deal", account_id=other)
    person = await company.do("bob", "create_contact", name="Ann", account_id=other)
    plan = {"kind": "visit", "planned_on": "2026-05-04"}
    for body, expected in (
        ({"account_id": foreign}, ("unknown_reference", "/account_id")),
        ({"account_id": acme, "seller_id": company.sellers["dan"]}, ("unknown_reference", "/seller_id")),
        ({"account_id": acme, "opportunity_id": deal}, ("opportunity_of_another_account", "/opportunity_id")),
        ({"account_id": acme, "contact_id": person}, ("contact_of_another_account", "/contact_id")),
    ):
        assert await refusal(company.do("bob", "create_activity", **plan, **body)) == expected
    refused = await refusal(company.do("ops", "create_activity", account_id=acme, **plan))
    assert refused == ("owner_required", "/seller_id")


async def test_an_activity_is_seen_in_the_line_of_its_seller_and_of_the_accounts_owner(company: Any) -> None:
    account = await company.do("ops", "create_account", name="Acme", owner_id=company.sellers["bob"])
    body = {"account_id": account, "seller_id": company.sellers["dan"], "kind": "visit", "planned_on": "2026-05-04"}
    id = await company.do("ops", "create_activity", **body)
    seen = {who: await company.one(who, "activity", id) is not None for who in ("bob", "ada", "dan", "cleo", "finance")}
    assert seen == {"bob": True, "ada": True, "dan": True, "cleo": False, "finance": True}


async def test_visits_are_counted_in_the_month_they_were_planned_for(company: Any) -> None:
    account = await company.do("bob", "create_account", name="Acme")

    async def visit(**body: Any) -> Any:
        return await company.do("bob", "create_activity", **{"account_id": account, "kind": "visit", **body})

    await visit(planned_on="2026-04-02")
    late = await visit(planned_on="2026-04-30")
    await company.do("bob", "complete_activity", late, done_on="2026-05-02")
    off = await visit(planned_on="2026-04-15")
    await company.do("bob", "cancel_activity", off)
    await visit(done_on="2026-04-20")
    await visit(done_on="2026-05-20")
    await visit(kind="call", planned_on="2026-04-16")
    rows = await company.page("ada", "visit_adherence", ("sort", "month"))
    counts = ("month", "planned", "done", "cancelled", "still_open", "done_unplanned", "adherence")
    assert [tuple(row[name] for name in counts) for row in rows] == [
        ("2026-04-01", 3, 1, 1, 1, 1, "0.333333"),
        ("2026-05-01", 0, 0, 0, 0, 1, None),
    ]
    ranged = await company.page("ada", "visit_adherence", ("from", "2026-04-16"), ("to", "2026-05-01"))
    assert [(row["planned"], row["done_unplanned"]) for row in ranged] == [(1, 1)]
    assert await company.page("cleo", "visit_adherence") == []
