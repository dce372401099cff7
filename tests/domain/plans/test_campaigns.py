"""A campaign over HTTP: two hundred account plans from launch to approval, some of them below the bar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.world import World, fiscal_year, make_world

CRITERIA = ("insight", "people", "strategy", "actions")
TEXTS = {
    "situation": "It merges two sites.",
    "strategy": "Start in operations.",
    "revenue": {"2026": {"amount": "1000.00", "currency": "EUR"}},
    "actions": [{"what": "Visit", "who": "Sam", "due": "2026-03-01"}],
}
TODAY = datetime.now(UTC).date()


def scores(score: str) -> list[dict[str, str]]:
    return [{"criterion": key, "score": score} for key in CRITERIA]


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        made.periods = await fiscal_year(made)  # type: ignore[attr-defined]
        await made.post("sales_ops", "/v1/plan-templates/install-shipped")
        yield made


async def template(world: World, kind: str) -> str:
    return str((await world.get("sam", "/v1/plan-templates", kind=kind))["items"][0]["id"])


async def campaign(world: World, who: str = "sales_ops", kind: str = "account_plan", **more: Any) -> str:
    body = {"name": "Account plans", "template_id": await template(world, kind), "period_id": world.periods["2026"]}  # type: ignore[attr-defined]
    made = await world.post(who, "/v1/plan-campaigns", {**body, "due_on": str(TODAY + timedelta(days=3)), **more})
    return str(made["id"])


async def accounts(world: World, count: int) -> None:
    """So many accounts of Sam's and Sue's by turns, each with a contact and a product to win."""
    product = await world.post(
        "sales_ops", "/v1/products", {"code": "P", "name": "P", "effective_from": "2026-01-01", "list_price": "1.00"}
    )
    connection = await asyncpg.connect(world.service.dsn)
    try:
        await connection.execute(
            "insert into account (org_id, name, currency, owner_id, potential, win_probability)"
            " select $1, 'Account ' || lpad(n::text, 4, '0'), 'EUR', ($2::uuid[])[1 + n % 2], n * 10, 0.5"
            " from generate_series(1, $3) n",
            world.org_id, [world.sellers["sam"], world.sellers["sue"]], count,
        )  # fmt: skip
        await connection.execute(
            "insert into contact (org_id, account_id, name, relation_strength, decision_role)"
            " select org_id, id, 'Bea', 3, 'decision_maker' from account where org_id = $1", world.org_id,
        )  # fmt: skip
        await connection.execute(
            "insert into holding (org_id, account_id, product_id, status, potential, currency)"
            " select org_id, id, $2::uuid, 'open', 500, 'EUR' from account where org_id = $1",
            world.org_id, product["id"],
        )  # fmt: skip
    finally:
        await connection.close()


async def plans_of(world: World, who: str, held: str, **more: str) -> list[Any]:
    found: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await world.get(who, "/v1/plans", campaign_id=held, limit=200, sort="title", **more, **cursor)
        found += page["items"]
        if not page["page"].get("next_cursor"):
            return found
        cursor = {"cursor": page["page"]["next_cursor"]}


async def progress(world: World, held: str, per: str = "campaign", who: str = "sales_ops") -> list[Any]:
    return list((await world.get(who, "/v1/campaign-progress", campaign_id=held, per=per))["items"])


async def test_two_hundred_account_plans_go_through_review_to_approval_with_some_below_the_bar(world: World) -> None:
    await accounts(world, 200)
    held = await campaign(world, manager_id=world.sellers["mona"])
    launched = await world.post("sales_ops", f"/v1/plan-campaigns/{held}/launch")
    assert launched == {"expected": 200, "created": 200, "adopted": 0}
    again = await world.post("sales_ops", f"/v1/plan-campaigns/{held}/launch")
    assert again == {"expected": 200, "created": 0, "adopted": 0}
    for who in ("sam", "sue"):
        mine = await plans_of(world, who, held)
        assert len(mine) == 100
        assert {len(plan["sections"]["whitespace"]) + len(plan["sections"]["people"]) for plan in mine} == {2}
        await _write(world, who, mine)
        done = await world.post(who, "/v1/plans/submit-many", {"plan_ids": [plan["id"] for plan in mine]})
        assert (len(done["moved"]), done["refused"]) == (100, [])
    whole = await plans_of(world, "manager", held)
    weak = {plan["id"] for n, plan in enumerate(whole) if n % 10 == 0}
    reviews = [{"plan_id": p["id"], "scores": scores("3" if p["id"] in weak else "4")} for p in whole]
    reviewed = await world.post("manager", "/v1/plans/review-many", {"reviews": reviews})
    assert len(reviewed["moved"]) == 200
    approved = await world.post("finance", "/v1/plans/approve-many", {"plan_ids": [p["id"] for p in whole]})
    assert len(approved["moved"]) == 180
    assert {entry["plan_id"] for entry in approved["refused"]} == weak
    told = {(e["code"], e["quality"], e["minimum_quality"]) for e in approved["refused"]}
    assert told == {("quality_below_bar", "0.60", "0.70")}
    sent_back = {"plan_ids": sorted(weak), "comment": "Say how."}
    assert len((await world.post("manager", "/v1/plans/request-changes-of-many", sent_back))["moved"]) == 20
    (row,) = await progress(world, held)
    counted = {name: row[name] for name in ("expected", "draft", "reviewed", "approved", "below_bar", "late")}
    assert counted == {"expected": 200, "draft": 20, "reviewed": 0, "approved": 180, "below_bar": 20, "late": 0}
    assert row["quality"] == "0.78"
    sellers = await progress(world, held, "seller", "manager")
    assert {(row["owner_name"], row["expected"]) for row in sellers} == {("Sam", 100), ("Sue", 100)}


async def _write(world: World, who: str, plans: list[Any]) -> None:
    client = world.client(who)
    for plan in plans:
        path, headers = f"/v1/plans/{plan['id']}", {"if-match": f'"{plan["version"]}"'}
        answer = await client.patch(path, json={"sections": TEXTS}, headers=headers)
        assert answer.json()["completeness"] == "1.00", answer.text


async def test_a_campaign_adopts_the_plans_that_are_there_and_starts_the_rest(world: World) -> None:
    await accounts(world, 4)
    account = (await world.get("sam", "/v1/accounts"))["items"][0]["id"]
    body = {"title": "Mine", "template_id": await template(world, "account_plan"), "account_id": account}
    await world.post("sam", "/v1/plans", {**body, "period_id": world.periods["2026"]})  # type: ignore[attr-defined]
    held = await campaign(world, minimum_potential="20.00")
    launched = await world.post("sales_ops", f"/v1/plan-campaigns/{held}/launch")
    assert launched["expected"] == launched["created"] + launched["adopted"] == 3
    assert launched["adopted"] == 1


async def test_a_campaign_is_of_the_line_and_the_team_it_names_and_of_whom_its_author_leads(world: World) -> None:
    for who, more, expected in (
        ("sales_ops", {"manager_id": world.sellers["mona"]}, {"Sam 2026", "Sue 2026"}),
        ("otto", {}, {"Otto 2026", "Olga 2026"}),
        ("sales_ops", {"team": "Nowhere"}, set()),
    ):
        held = await campaign(world, who, "revenue_plan", **more)
        path = f"/v1/plan-campaigns/{held}/launch"
        if expected:
            await world.post(who, path)
        else:
            assert (await world.post(who, path, expect=409))["code"] == "campaign_empty"
        assert {plan["title"] for plan in await plans_of(world, "sales_ops", held)} == expected
    refused = await world.post("manager", f"/v1/plan-campaigns/{await campaign(world)}/launch", expect=403)
    assert refused["code"] == "not_concerned"


async def test_owners_are_reminded_once_a_day_until_they_submit(world: World) -> None:
    held = await campaign(world, "manager", "revenue_plan", manager_id=world.sellers["mona"])
    await world.post("manager", f"/v1/plan-campaigns/{held}/launch")
    assert await world.post("manager", "/v1/plans/remind", {"within_days": 2}) == {"reminded": 0, "already": 0}
    assert await world.post("otto", "/v1/plans/remind", {"within_days": 3}) == {"reminded": 0, "already": 0}
    both = await asyncio.gather(*(world.post("manager", "/v1/plans/remind", {"within_days": 3}) for _ in range(2)))
    assert sorted((told["reminded"], told["already"]) for told in both) == [(0, 2), (2, 0)]
    events = (await world.get("admin", "/v1/events", limit=200))["items"]
    told = [event["data"] for event in events if event["name"] == "plan.reminded"]
    assert {(data["owner_id"], data["days_left"]) for data in told} == {
        (world.sellers["sam"], 3), (world.sellers["sue"], 3),
    }  # fmt: skip


async def test_what_is_not_submitted_by_the_due_day_is_late(world: World) -> None:
    held = await campaign(
        world, "sales_ops", "revenue_plan", manager_id=world.sellers["mona"], due_on=str(TODAY - timedelta(days=1))
    )
    await world.post("sales_ops", f"/v1/plan-campaigns/{held}/launch")
    (row,) = await progress(world, held)
    assert (row["expected"], row["late"]) == (2, 2)
    version = (await world.get("sales_ops", f"/v1/plan-campaigns/{held}"))["version"]
    moved = {"due_on": str(TODAY)}
    client = world.client("sales_ops")
    await client.patch(f"/v1/plan-campaigns/{held}", json=moved, headers={"if-match": f'"{version}"'})
    (row,) = await progress(world, held)
    assert row["late"] == 0
