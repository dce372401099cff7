"""When the database goes away, is slow or is busy: a clear answer, nothing half-written, and recovery by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app.domain.kernel.errors import refuse
from app.service import Service
from app.settings import Settings
from tests.surfaces import code_of
from tests.world import World, make_world


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as world:
        yield world


@pytest.fixture
async def owner(database: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database)
    yield connection
    await connection.close()


async def tight(database: str, folder: Path, world: World, **options: Any) -> World:
    """The same organisation behind a service with tighter bounds."""
    other = World(
        Service(Settings(data_dir=folder, rate_limit=options.pop("rate_limit", 0), **options), database), world.org_id
    )
    other.keys, other.principals, other.sellers = world.keys, world.principals, world.sellers
    return other


async def cut(owner: Any) -> None:
    """End every connection of the service."""
    await owner.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )


async def test_reads_and_changes_work_again_after_every_connection_was_cut(world: World, owner: Any) -> None:
    body = {"code": "A", "name": "A"}
    await world.post("sales_ops", "/v1/segments", body)
    for n in range(3):
        await cut(owner)
        assert (await world.client("viewer").get("/v1/segments")).status_code == 200
        await cut(owner)
        answers = [
            await world.client("sales_ops").post("/v1/segments", json={"code": f"B{n}{m}", "name": "B"})
            for m in range(10)
        ]
        # What was under way may be refused, never failed, and the next one works.
        assert {answer.status_code for answer in answers} <= {201, 503}
        assert {code_of(answer) for answer in answers} <= {"", "unavailable"}
        assert answers[-1].status_code == 201
        assert await owner.fetchval("select count(*) from segment where code like $1", f"B{n}%") == sum(
            answer.status_code == 201 for answer in answers
        )


async def test_a_row_somebody_else_holds_is_a_conflict_and_not_a_hang(
    database: str, tmp_path: Path, world: World, owner: Any
) -> None:
    made = await world.post("sales_ops", "/v1/segments", {"code": "A", "name": "A"})
    other = await tight(database, tmp_path, world, lock_timeout=0.2)
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("select 1 from segment for update")
    try:
        async with asyncio.timeout(10):
            answer = await other.client("sales_ops").patch(
                f"/v1/segments/{made['id']}", json={"name": "B"}, headers={"if-match": '"1"'}
            )
        assert (answer.status_code, code_of(answer)) == (409, "busy")
        assert (await other.client("sales_ops").get(f"/v1/segments/{made['id']}")).json()["name"] == "A"
    finally:
        await transaction.rollback()
        await other.close()


async def test_a_slow_statement_is_ended_and_told(database: str, tmp_path: Path, world: World, owner: Any) -> None:
    other = await tight(database, tmp_path, world, statement_timeout=0.3, lock_timeout=5)
    assert (await other.client("viewer").get("/v1/segments")).status_code == 200
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("lock table segment in access exclusive mode")
    try:
        async with asyncio.timeout(10):
            answer = await other.client("viewer").get("/v1/segments")
        assert (answer.status_code, code_of(answer)) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) >= 1
    finally:
        await transaction.rollback()
        await other.close()


async def test_an_exhausted_pool_is_503_with_retry_after_on_both_ways_to_the_database(
    database: str, tmp_path: Path, world: World, owner: Any
) -> None:
    other = await tight(
        database,
        tmp_path,
        world,
        read_pool_size=1,
        write_pool_size=1,
        pool_timeout=0.3,
        statement_timeout=3,
        lock_timeout=3,
    )
    assert (await other.client("sales_ops").get("/v1/segments")).status_code == 200
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("lock table segment in access exclusive mode")
    client = other.client("sales_ops")
    reads = [client.get("/v1/segments") for _ in range(3)]
    writes = [client.post("/v1/segments", json={"code": f"A{n}", "name": "A"}) for n in range(3)]
    try:
        async with asyncio.timeout(20):
            answers = await asyncio.gather(*reads, *writes)
        assert {answer.status_code for answer in answers} <= {503, 409}
        assert {code_of(answer) for answer in answers} <= {"unavailable", "busy"}
        assert all("retry-after" in answer.headers for answer in answers if answer.status_code == 503)
    finally:
        await transaction.rollback()
    try:
        assert (await client.get("/v1/segments")).json()["items"] == []
        assert (await client.post("/v1/segments", json={"code": "Z", "name": "Z"})).status_code == 201
    finally:
        await other.close()


async def test_without_a_database_the_process_lives_but_is_not_ready(tmp_path: Path) -> None:
    service = Service(Settings(data_dir=tmp_path, connect_timeout=1), "postgresql://nobody@127.0.0.1:1/none")
    world = World(service, uuid4())
    client = world.anonymous()
    assert (await client.get("/livez")).status_code == 200
    assert (await client.get("/readyz")).status_code == 503
    answer = await world.anonymous({"authorization": "Bearer nothing"}).get("/v1/segments")
    assert answer.status_code in (401, 503)
    await world.close()


async def test_a_commit_that_fails_is_not_answered_as_success(world: World, owner: Any) -> None:
    await owner.execute(
        "create function refuse_late() returns trigger language plpgsql as"
        " $$ begin raise exception 'late' using errcode = 'check_violation'; end $$"
    )
    await owner.execute(
        "create constraint trigger late after insert on segment deferrable initially deferred"
        " for each row execute function refuse_late()"
    )
    before = await owner.fetchval("select count(*) from event")
    for headers in ({}, {"idempotency-key": "late"}):
        answer = await world.client("sales_ops").post("/v1/segments", json={"code": "A", "name": "A"}, headers=headers)
        assert (answer.status_code, code_of(answer)) == (422, "constraint_violated")
    assert await owner.fetchval("select count(*) from segment") == 0
    assert await owner.fetchval("select count(*) from event") == before
    assert await owner.fetchval("select count(*) from idempotency_key") == 0


async def test_a_command_that_breaks_half_way_leaves_nothing(
    world: World, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = world.service.catalogue.commands["create_segment"]
    handler = spec.handler

    async def breaks(tx: Any, body: Any) -> Any:
        await handler(tx, body)
        raise refuse("still_referenced") if body.name == "refused" else RuntimeError("a defect")

    object.__setattr__(spec, "handler", breaks)
    before = await owner.fetchval("select count(*) from event")
    try:
        for name, status, code in (("refused", 409, "still_referenced"), ("defect", 500, "internal_error")):
            answer = await world.client("sales_ops").post("/v1/segments", json={"code": name, "name": name})
            assert (answer.status_code, code_of(answer)) == (status, code)
            assert "defect" not in answer.text.replace('"defect"', "")
    finally:
        object.__setattr__(spec, "handler", handler)
    assert await owner.fetchval("select count(*) from segment") == 0
    assert await owner.fetchval("select count(*) from event") == before


async def test_a_deadlock_is_tried_again_and_both_callers_succeed(world: World, owner: Any) -> None:
    made = [await world.post("sales_ops", "/v1/segments", {"code": code, "name": code}) for code in ("A", "B")]
    spec = world.service.catalogue.commands["update_segment"]
    handler, met = spec.handler, asyncio.Barrier(2)
    tries: list[str] = []

    async def crossing(tx: Any, id: Any, body: Any) -> Any:
        tries.append(str(id))
        if len(tries) <= 2:
            await met.wait()
        other = next(m["id"] for m in made if m["id"] != str(id))
        await tx.rows(
            "select 1 from segment where org_id = :org_id and id = cast(:other as uuid) for update", other=other
        )
        return await handler(tx, id, body)

    object.__setattr__(spec, "handler", crossing)
    try:
        client = world.client("sales_ops")
        calls = [client.patch(f"/v1/segments/{m['id']}", json={"name": "x"}, headers={"if-match": '"1"'}) for m in made]
        async with asyncio.timeout(20):
            answers = await asyncio.gather(*calls)
    finally:
        object.__setattr__(spec, "handler", handler)
    assert [answer.status_code for answer in answers] == [200, 200], [answer.text for answer in answers]
    assert len(tries) == 3


async def test_too_many_requests_are_refused_with_the_time_to_wait(database: str, tmp_path: Path, world: World) -> None:
    other = await tight(database, tmp_path, world, rate_limit=3)
    answers = [await other.client("viewer").get("/v1/segments") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert code_of(answers[-1]) == "rate_limited"
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert answers[0].headers["ratelimit-limit"] == "3"
    assert (await other.client("sales_ops").get("/v1/segments")).status_code == 200
    await other.close()
