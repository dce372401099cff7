"""Two organisations in one database: each operation of both surfaces, asked about what belongs to the other one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from app.database.engine import session_settings
from tests.filled import Filled, fingerprint, tenant_tables
from tests.surfaces import Call, allowed, code_of, every_call
from tests.world import ROLES

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOREIGN = {"not_found", "unknown_reference", "invalid_parameter"}
"""How a foreign id is refused: as if there were no such thing."""


def role_for(call: Call) -> str:
    return next(role for role in ROLES if allowed(role, call.needs))


async def trespasses(filled: Filled, stranger: Filled) -> list[tuple[str, ...]]:
    """Send every operation as the stranger, with the ids of the filled organisation; name those that let it in."""
    found: list[tuple[str, ...]] = []
    for call in every_call(stranger, filled.ids):
        answer = await call.send(stranger.client(role_for(call)), **{"idempotency-key": call.name})
        text, said = answer.text, code_of(answer)
        if answer.status_code >= 500 or said == "internal_error":
            found.append((call.name, call.path, "failed", text[:300]))
        elif call.about and call.about != "organisation" and not said and not _empty(answer):
            found.append((call.name, call.path, "let in", text[:300]))
        elif call.method == "GET" and any(
            id in text.replace(call.path.partition("?")[0], "") for id in filled.ids.values()
        ):
            found.append((call.name, call.path, "told", text[:300]))
    return found


def _empty(answer: Any) -> bool:
    """A GraphQL query for one object that finds nothing, without an error."""
    found = answer.json() if "json" in answer.headers.get("content-type", "") else None
    return isinstance(found, dict) and list((found.get("data") or {0: 0}).values()) == [None]


async def test_the_same_requests_do_reach_what_is_ones_own(filled: Filled) -> None:
    """Or the tests below would prove nothing."""
    reached = 0
    for call in every_call(filled, filled.ids):
        if call.about and (call.method == "GET" or "query(" in str(call.body)):
            answer = await call.send(filled.client(role_for(call)))
            # The desk sees all rows, but a job is seen by who asked for it and pay by who may see it.
            assert (answer.status_code, code_of(answer)) in ((200, ""), (404, "not_found")), (call.name, answer.text)
            reached += answer.status_code == 200 and not _empty(answer)
    assert reached > 80


async def test_no_operation_reads_or_changes_what_is_another_organisations(filled: Filled, stranger: Filled) -> None:
    before = await fingerprint(filled)
    assert await trespasses(filled, stranger) == []
    assert await fingerprint(filled) == before


async def test_a_foreign_id_is_refused_as_one_that_does_not_exist(filled: Filled, stranger: Filled) -> None:
    for call in every_call(stranger, filled.ids):
        if not call.about or call.about == "organisation":
            continue
        answer = await call.send(stranger.client(role_for(call)), **{"idempotency-key": f"foreign {call.name}"})
        if call.path != "/graphql":
            assert (answer.status_code, code_of(answer)) == (404, "not_found"), (call.name, answer.text)
        else:
            assert _empty(answer) or code_of(answer) in FOREIGN, (call.name, answer.text)


async def test_the_queries_of_the_application_hold_without_row_level_security(filled: Filled, stranger: Filled) -> None:
    before = await fingerprint(filled)
    async with _without_row_level_security(filled):
        assert await trespasses(filled, stranger) == []
    assert await fingerprint(filled) == before


@asynccontextmanager
async def _without_row_level_security(world: Filled) -> AsyncIterator[None]:
    connection = await asyncpg.connect(world.service.dsn)
    tables = await tenant_tables(connection)
    try:
        for table in tables:
            await connection.execute(f"alter table {table} disable row level security")
        yield
    finally:
        for table in tables:
            await connection.execute(f"alter table {table} enable row level security")
        await connection.close()


async def test_row_level_security_holds_without_the_queries_of_the_application(
    filled: Filled, stranger: Filled
) -> None:
    before = await fingerprint(filled)
    connection = await asyncpg.connect(
        filled.service.dsn, server_settings=session_settings("palier_app", 10_000, 5_000, 10_000)
    )
    try:
        for tenant in (str(stranger.org_id), ""):
            await connection.execute("select set_config('palier.org_id', $1, false)", tenant)
            for table in await tenant_tables(connection):
                seen = await connection.fetchval(f"select count(*) from {table} where org_id = $1", filled.org_id)
                assert seen == 0, table
                for change in (f"update {table} set org_id = org_id", f"delete from {table}"):
                    await _refused_or_empty(connection, f"{change} where org_id = '{filled.org_id}'")
    finally:
        await connection.close()
    assert await fingerprint(filled) == before


async def _refused_or_empty(connection: Any, statement: str) -> None:
    try:
        assert (await connection.execute(statement)).endswith(" 0"), statement
    except asyncpg.InsufficientPrivilegeError:
        return


async def test_no_row_can_be_written_into_another_organisation(filled: Filled, stranger: Filled) -> None:
    connection = await asyncpg.connect(
        filled.service.dsn, server_settings=session_settings("palier_app", 10_000, 5_000, 10_000)
    )
    try:
        await connection.execute("select set_config('palier.org_id', $1, false)", str(stranger.org_id))
        for table in await tenant_tables(connection):
            # The wall is looked at before any other rule of the table.
            with pytest.raises(asyncpg.PostgresError) as refused:
                await connection.execute(f"insert into {table} (org_id) values ($1)", filled.org_id)
            assert refused.value.sqlstate in ("42501", "23502", "23503"), table
    finally:
        await connection.close()
