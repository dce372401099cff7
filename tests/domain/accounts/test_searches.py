"""Saved searches and their watches, over HTTP: what they find, and what they tell."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.service import job_modules
from app.worker import run_job
from tests.world import World, make_world


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        yield made


async def lead(world: World, who: str, name: str, **more: Any) -> str:
    return str((await world.post(who, "/v1/leads", {"name": name, **more}))["id"])


async def change(world: World, who: str, path: str, **body: Any) -> None:
    client = world.client(who)
    etag = (await client.get(path)).headers["etag"]
    answer = await client.patch(path, json=body, headers={"if-match": etag})
    assert answer.status_code == 200, answer.text


async def keep(world: World, who: str, **body: Any) -> str:
    made = await world.post(who, "/v1/saved-searches", {"name": "Search", "target": "lead", "watched": True, **body})
    return str(made["id"])


async def check(world: World, who: str, search: str) -> tuple[bool, int, int, int, int]:
    found = await world.post(who, f"/v1/saved-searches/{search}/check")
    return found["first"], found["found"], found["appeared"], found["disappeared"], found["changed"]


async def changes(world: World, who: str, search: str) -> list[tuple[str, str, list[tuple[str, Any, Any]]]]:
    found = await world.get(who, "/v1/search-changes", saved_search_id=search, sort="id")
    return [
        (row["kind"], row["subject_name"], [(f["field"], f["before"], f["after"]) for f in row["fields"]])
        for row in found["items"]
    ]


CRITERIA: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"Ada", "Bob", "Cleo"}),
    ({"keyword": "ENG"}, {"Ada"}),
    ({"keyword": "%"}, set()),
    ({"countries": ["FR"]}, {"Ada", "Bob"}),
    ({"countries": ["FR"], "cities": ["Lyon", "Nice"]}, {"Ada"}),
    ({"job_functions": ["Purchasing"]}, {"Ada", "Cleo"}),
    ({"industries": ["Steel"]}, {"Cleo"}),
    ({"min_employees": 10}, {"Ada", "Cleo"}),
    ({"min_employees": 10, "max_employees": 50}, {"Ada"}),
]


async def test_a_search_finds_what_meets_every_condition_and_is_visible(world: World) -> None:
    fr = {"country": "FR"}
    await lead(world, "sam", "Ada", company="Engines", city="Lyon", employees=10, job_function="Purchasing", **fr)
    await lead(world, "sam", "Bob", city="Paris", **fr)
    await lead(world, "sam", "Cleo", country="DE", employees=100, industry="Steel", job_function="Purchasing")
    await lead(world, "olga", "Invisible", company="Engines", **fr)
    criteria = [*CRITERIA, ({"owner_ids": [world.sellers["olga"]]}, set())]
    for wanted, expected in criteria:
        search = await keep(world, "sam", criteria=wanted)
        by_filter = await world.get("sam", "/v1/leads", saved_search_id=search)
        assert {row["name"] for row in by_filter["items"]} == expected, wanted
        linked = await world.get("sam", f"/v1/saved-searches/{search}", include="leads,accounts")
        assert {row["name"] for row in linked["leads"]["items"]} == expected, wanted
        assert linked["accounts"]["items"] == []
        assert (await check(world, "sam", search))[:2] == (True, len(expected)), wanted


async def test_a_search_over_accounts_finds_accounts_of_its_owner(world: World) -> None:
    for who, name in (("sam", "Northwind"), ("sam", "Southwind"), ("olga", "Northern")):
        await world.post(who, "/v1/accounts", {"name": name, "employees": 5})
    search = await keep(world, "sam", target="account", criteria={"keyword": "north"})
    found = await world.get("sam", "/v1/accounts", saved_search_id=search)
    assert [row["name"] for row in found["items"]] == ["Northwind"]
    refused = await world.post(
        "sam",
        "/v1/saved-searches",
        {"name": "S", "target": "account", "criteria": {"job_functions": ["Buyer"]}},
        expect=422,
    )
    assert refused["errors"][0]["pointer"] == "/criteria/job_functions"


async def test_a_search_is_its_owners_alone_but_the_desk_sees_it(world: World) -> None:
    search = await keep(world, "sam")
    seen = {who: (await world.get(who, "/v1/saved-searches"))["items"] != [] for who in ("sam", "mona", "sales_ops")}
    assert seen == {"sam": True, "mona": False, "sales_ops": True}
    await lead(world, "sam", "Ada")
    assert (await world.get("mona", "/v1/leads", saved_search_id=search))["items"] == []


async def test_a_watch_begins_with_what_it_finds_and_then_tells_what_appears_changes_and_disappears(
    world: World,
) -> None:
    ada = await lead(world, "sam", "Ada", country="FR", score=10)
    bob = await lead(world, "sam", "Bob", country="FR")
    search = await keep(world, "sam", criteria={"countries": ["FR"]})
    assert await check(world, "sam", search) == (True, 2, 0, 0, 0)
    assert await check(world, "sam", search) == (False, 2, 0, 0, 0)
    assert await changes(world, "sam", search) == []

    await lead(world, "sam", "Cleo", country="FR")
    await change(world, "sam", f"/v1/leads/{ada}", score=90, city="Lyon")
    await change(world, "sam", f"/v1/leads/{bob}", country="DE")
    assert await check(world, "sam", search) == (False, 2, 1, 1, 1)
    told = sorted(await changes(world, "sam", search))
    assert told == [
        ("appeared", "Cleo", []),
        ("changed", "Ada", [("city", None, "Lyon"), ("score", "10", "90")]),
        ("disappeared", "Bob", []),
    ]
    assert await check(world, "sam", search) == (False, 2, 0, 0, 0)
    events = await world.get("admin", "/v1/events", subject="saved_search")
    data = [event["data"] for event in events["items"] if event["name"] == "saved_search.changed"]
    assert data == [{"found": 2, "appeared": 1, "disappeared": 1, "changed": 1}]


async def test_other_criteria_begin_the_watch_anew_and_its_end_takes_everything_along(world: World) -> None:
    await lead(world, "sam", "Ada", country="FR")
    search = await keep(world, "sam", criteria={"countries": ["DE"]})
    await check(world, "sam", search)
    await change(world, "sam", f"/v1/saved-searches/{search}", criteria={"countries": ["FR"]})
    assert await check(world, "sam", search) == (True, 1, 0, 0, 0)
    await lead(world, "sam", "Bob", country="FR")
    await check(world, "sam", search)
    client, path = world.client("sam"), f"/v1/saved-searches/{search}"
    etag = (await client.get(path)).headers["etag"]
    assert (await client.delete(path, headers={"if-match": etag})).status_code == 204
    assert (await world.get("sales_ops", "/v1/search-changes"))["items"] == []


async def test_all_watches_are_checked_by_a_job_each_with_its_owners_eyes(world: World) -> None:
    watches = {who: await keep(world, who) for who in ("sam", "olga", "mona")}
    unwatched = await keep(world, "sue", watched=False)
    await checked(world)
    await lead(world, "sam", "Ada")
    outcome = await checked(world)
    assert outcome == {"checked": 3, "changed": 2, "refused": []}
    told = {who: [row[1] for row in await changes(world, who, watch)] for who, watch in watches.items()}
    assert told == {"sam": ["Ada"], "olga": [], "mona": ["Ada"]}
    assert (await world.get("sue", f"/v1/saved-searches/{unwatched}"))["checked_at"] is None


async def test_a_watch_whose_owner_left_tells_nothing_and_does_not_stop_the_others(world: World) -> None:
    sams, olgas = await keep(world, "sam"), await keep(world, "olga")
    connection = await asyncpg.connect(world.service.dsn)
    await connection.execute("update principal set active = false where id = $1", world.principals["sam"])
    await connection.close()
    outcome = await checked(world)
    assert (outcome["checked"], [r["saved_search_id"] for r in outcome["refused"]]) == (1, [sams])
    assert outcome["refused"][0]["code"] == "watch_blind"
    assert (await world.get("olga", f"/v1/saved-searches/{olgas}"))["checked_at"] is not None


async def test_a_seller_checks_its_own_watches_only(world: World) -> None:
    await keep(world, "sam")
    await keep(world, "olga")
    assert (await checked(world, "sam"))["checked"] == 1


async def checked(world: World, who: str = "sales_ops") -> Any:
    job_modules()
    job = await world.post(who, "/v1/saved-searches/check-watched")
    assert await run_job(world.service, world.org_id, UUID(job["id"]))
    found = await world.get(who, f"/v1/jobs/{job['id']}")
    assert found["state"] == "succeeded", found["problem"]
    return found["result"]
