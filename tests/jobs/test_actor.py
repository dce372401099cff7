"""A job acts as whoever asked for it, with no more than the key that asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.domain.kernel.jobs import JobContext, enqueue, job
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor
from app.worker import run_job
from tests.world import World, make_world


@job("test_permissions")
async def tell_permissions(context: JobContext) -> Mapping[str, Any]:
    """Tells what its actor may do."""
    return {"permissions": sorted(context.actor.permissions)}


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        yield made


async def permissions_in_job(world: World, actor: Actor) -> Any:
    async with world.operations.transaction(actor) as tx:
        id = await enqueue(tx, "test_permissions", {}, needs="imports:write")
    await run_job(world.service, world.org_id, id)
    return (await world.get("admin", f"/v1/jobs/{id}"))["result"]["permissions"]


async def change(world: World, sql: str, principal: UUID) -> None:
    connection = await asyncpg.connect(world.service.dsn)
    try:
        await connection.execute(sql, principal)
    finally:
        await connection.close()


async def test_a_job_may_do_what_its_key_may_and_not_what_its_role_may(world: World) -> None:
    actor = world.actor("sales_ops")
    assert await permissions_in_job(world, actor) == sorted(actor.permissions)
    narrow = replace(actor, scopes=frozenset({"imports:write", "accounts:write"}))
    assert await permissions_in_job(world, narrow) == ["accounts:write", "imports:write"]


async def test_a_job_of_an_integration_may_do_what_its_key_lists(world: World) -> None:
    await change(world, "update principal set roles = '{integration}' where id = $1", world.principals["viewer"])
    scopes = frozenset({"imports:write", "accounts:write"})
    actor = replace(world.actor("viewer"), roles=frozenset({Role.INTEGRATION}), scopes=scopes)
    assert await permissions_in_job(world, actor) == ["accounts:write", "imports:write"]


async def test_a_job_of_a_principal_that_was_shut_out_may_do_nothing(world: World) -> None:
    await change(world, "update principal set active = false where id = $1", world.principals["sales_ops"])
    assert await permissions_in_job(world, world.actor("sales_ops")) == []
