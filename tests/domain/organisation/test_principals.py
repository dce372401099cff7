"""Who is let in, with which keys, and how somebody is shut out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.domain.kernel.permissions import Role, permissions_of
from app.domain.organisation.founding import issue_key_of
from tests.world import World, make_world


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        yield made


async def admit(world: World, role: str = "sales_ops") -> str:
    body = {"kind": "service", "name": "Robot", "roles": [role]}
    return str((await world.post("admin", "/v1/principals", body))["id"])


async def issue(world: World, principal: str, *, expect: int | None = None, key: str = "", **more: Any) -> Any:
    headers = {"idempotency_key": key} if key else {}
    body = {"principal_id": principal, "name": "Robot", **more}
    return await world.post("admin", "/v1/api-keys/issue", body, expect=expect, **headers)


async def test_the_secret_of_a_key_is_never_stored_so_a_repeated_request_is_refused(world: World) -> None:
    robot = await admit(world)
    issued = await issue(world, robot, key="once")
    refused = await issue(world, robot, key="once", expect=409)
    assert refused["code"] == "shown_once"
    connection = await asyncpg.connect(world.service.dsn)
    try:
        kept = await connection.fetchval("select body from idempotency_key where key = 'once'")
        count = await connection.fetchval("select count(*) from api_key where principal_id = $1", UUID(robot))
    finally:
        await connection.close()
    assert (kept, count) == ("", 1)
    assert issued["key"] not in str(refused)


@pytest.mark.parametrize("expires_at", ["2020-01-01T00:00:00Z", "2090-01-01T00:00:00"])
async def test_a_key_expires_at_a_known_instant_in_the_future(world: World, expires_at: str) -> None:
    refused = await issue(world, await admit(world), expires_at=expires_at, expect=422)
    assert refused["errors"][0]["pointer"] == "/expires_at"


async def test_a_principal_that_is_shut_out_is_refused_at_once_until_it_is_let_in_again(world: World) -> None:
    robot = await admit(world)
    world.keys["robot"] = (await issue(world, robot))["key"]
    await world.get("robot", "/v1/sellers")
    client, path = world.client("admin"), f"/v1/principals/{robot}"
    shut = await client.patch(path, json={"active": False}, headers={"if-match": '"1"'})
    assert shut.json()["active"] is False
    assert (await world.client("robot").get("/v1/sellers")).status_code == 401
    await client.patch(path, json={"active": True}, headers={"if-match": shut.headers["etag"]})
    # A refusal is remembered for a few seconds, so that is asked with a key it was not given to.
    world.keys["robot"] = (await issue(world, robot))["key"]
    await world.get("robot", "/v1/sellers")


async def test_nobody_shuts_themselves_out(world: World) -> None:
    path = f"/v1/principals/{world.principals['admin']}"
    answer = await world.client("admin").patch(path, json={"active": False}, headers={"if-match": '"1"'})
    assert answer.json()["code"] == "four_eyes"


async def test_the_trail_tells_who_was_given_which_power(world: World) -> None:
    robot = await admit(world, "finance")
    issued = await issue(world, robot, scopes=["runs:read"])
    (created,) = (await world.get("finance", "/v1/audit-entries", action="principal.created"))["items"]
    assert (created["subject_id"], created["data"]["roles"]) == (robot, ["finance"])
    (given,) = (await world.get("finance", "/v1/audit-entries", action="api_key.issued"))["items"]
    assert given["subject_id"] == issued["id"]
    assert given["data"] == {"principal_id": robot, "scopes": ["runs:read"]}


@pytest.mark.parametrize("role", ["finance", "comp_admin", "manager", "seller"])
async def test_nobody_issues_a_key_that_may_do_more_than_they_may(world: World, role: str) -> None:
    refused = await issue(world, str(world.principals[role]), expect=403)
    assert refused["code"] == "key_exceeds_issuer"
    assert not set(refused["permissions"]) & permissions_of(frozenset({Role.ADMIN}))
    narrowed = await issue(world, str(world.principals[role]), scopes=["accounts:read"])
    assert narrowed["key"]


async def test_the_operator_issues_the_key_of_anybody(world: World) -> None:
    organisation = str(world.org_id)
    transaction = world.service.operations.transaction
    world.keys["given"] = await issue_key_of(transaction, organisation, "laptop", world.principals["finance"])
    assert (await world.client("given").get("/v1/audit-entries")).status_code == 200
