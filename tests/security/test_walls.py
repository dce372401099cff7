from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import pytest

from app.database import migrate
from app.domain.kernel.apikeys import new_key
from app.domain.kernel.ids import uuid7
from tests.security.rows import Rows

BY_KEY = "select * from authenticate_key($1)"
BY_SUBJECT = "select * from authenticate_subject($1, $2, $3)"
ISSUER = "https://id.example.com/"


async def choose(connection: Any, org: UUID) -> None:
    await connection.execute("select set_config('palier.org_id', $1, false)", str(org))


async def test_without_an_organisation_no_key_and_no_principal_is_seen_yet_a_key_is_found(
    rows: Rows, app_connection: Any
) -> None:
    org = await rows.organisation()
    seller = await rows.seller(org)
    principal = await rows.principal(org, "manager", "seller", seller=seller)
    key, key_id = await rows.key(org, principal, scopes=["accounts:read"])
    assert await app_connection.fetchval("select count(*) from api_key") == 0
    assert await app_connection.fetchval("select count(*) from principal") == 0
    assert dict(await app_connection.fetchrow(BY_KEY, key.hash)) == {
        "org_id": org,
        "principal_id": principal,
        "name": "Ada",
        "roles": ["manager", "seller"],
        "seller_id": seller,
        "scopes": ["accounts:read"],
        "expires_at": None,
        "api_key_id": key_id,
    }


async def test_each_organisation_sees_its_own_keys_only(rows: Rows, app_connection: Any) -> None:
    first, second = await rows.organisation("A"), await rows.organisation("B")
    _, key_id = await rows.key(first, await rows.principal(first))
    await rows.key(second, await rows.principal(second))
    await choose(app_connection, first)
    assert [row["id"] for row in await app_connection.fetch("select id from api_key")] == [key_id]
    assert await app_connection.execute("update api_key set name = 'x' where org_id = $1", second) == "UPDATE 0"


async def test_the_application_cannot_change_whose_key_it_is_nor_its_secret_nor_remove_it(
    rows: Rows, app_connection: Any
) -> None:
    org = await rows.organisation()
    await rows.key(org, await rows.principal(org))
    await choose(app_connection, org)
    for change in (
        "update api_key set hash = sha256('x')",
        "update api_key set principal_id = uuidv7()",
        "update api_key set scopes = null",
        "update api_key set last_used_at = null",
        "delete from api_key",
        "truncate api_key",
        "alter table api_key disable row level security",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app_connection.execute(change)
    assert await app_connection.execute("update api_key set revoked_at = now()") == "UPDATE 1"


async def test_a_key_can_be_issued_for_the_own_organisation_only(rows: Rows, app_connection: Any) -> None:
    first, second = await rows.organisation("A"), await rows.organisation("B")
    insert = "insert into api_key (org_id, principal_id, name, prefix, hash) values ($1, $2, 'k', 'p', $3)"
    ours, theirs = await rows.principal(first), await rows.principal(second)
    await choose(app_connection, first)
    await app_connection.execute(insert, first, ours, new_key().hash)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await app_connection.execute(insert, second, theirs, new_key().hash)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await app_connection.execute(insert, first, theirs, new_key().hash)


async def test_only_the_application_may_knock(rows: Rows) -> None:
    await rows.owner.execute("create role passer_by nologin")
    try:
        for function in ("authenticate_key(bytea)", "authenticate_subject(text, text, uuid)"):
            for role, may in (("passer_by", False), ("palier_app", True)):
                held = await rows.owner.fetchval("select has_function_privilege($1, $2, 'execute')", role, function)
                assert held is may
    finally:
        await rows.owner.execute("drop role passer_by")


async def test_the_doors_owner_owns_nothing_else_and_nobody_of_the_application_becomes_it(rows: Rows) -> None:
    found = await rows.owner.fetchrow(
        "select r.rolcanlogin or r.rolsuper or r.rolbypassrls or r.rolcreaterole as strong,"
        " (select count(*) from pg_class c where c.relowner = r.oid) as tables,"
        " (select array_agg(p.proname::text order by 1) from pg_proc p where p.proowner = r.oid) as functions,"
        " has_schema_privilege(r.rolname, 'public', 'create') as creates,"
        " pg_has_role('palier_app', r.oid, 'member') as reachable"
        " from pg_roles r where r.rolname = 'palier_auth'"
    )
    assert tuple(found) == (False, 0, ["authenticate_key", "authenticate_subject"], False, False)


async def test_a_table_of_the_callers_cannot_stand_in_for_the_real_one(rows: Rows, app_connection: Any) -> None:
    await app_connection.execute("create temp table principal as select 1 as id")
    await app_connection.execute("create temp table api_key as select 1 as id")
    await app_connection.execute("set search_path = pg_temp, public")
    org = await rows.organisation()
    key, key_id = await rows.key(org, await rows.principal(org))
    assert (await app_connection.fetchrow(BY_KEY, key.hash))["api_key_id"] == key_id


async def test_revoked_expired_and_orphaned_keys_are_not_found(rows: Rows, app_connection: Any) -> None:
    org = await rows.organisation()
    principal = await rows.principal(org)
    past, future = datetime.now(UTC) - timedelta(seconds=1), datetime.now(UTC) + timedelta(hours=1)
    revoked, key_id = await rows.key(org, principal)
    await rows.owner.execute("update api_key set revoked_at = now() where id = $1", key_id)
    expired, _ = await rows.key(org, principal, expires_at=past)
    good, _ = await rows.key(org, principal, expires_at=future)
    for key, found in ((revoked, False), (expired, False), (good, True), (new_key(), False)):
        assert (await app_connection.fetchrow(BY_KEY, key.hash) is not None) is found
    await rows.owner.execute("update principal set active = false")
    assert await app_connection.fetchrow(BY_KEY, good.hash) is None


async def test_the_last_use_is_recorded_at_most_once_a_minute(rows: Rows, app_connection: Any) -> None:
    org = await rows.organisation()
    key, _ = await rows.key(org, await rows.principal(org))
    last = "select last_used_at from api_key"
    await app_connection.fetchrow(BY_KEY, key.hash)
    first = await rows.owner.fetchval(last)
    assert first is not None
    await app_connection.fetchrow(BY_KEY, key.hash)
    assert await rows.owner.fetchval(last) == first
    await rows.owner.execute("update api_key set last_used_at = now() - interval '61 seconds'")
    await app_connection.fetchrow(BY_KEY, key.hash)
    assert await rows.owner.fetchval(last) > first


async def test_a_refused_key_counts_as_unused(rows: Rows, app_connection: Any) -> None:
    org = await rows.organisation()
    key, _ = await rows.key(org, await rows.principal(org), expires_at=datetime.now(UTC) - timedelta(seconds=1))
    await app_connection.fetchrow(BY_KEY, key.hash)
    assert await rows.owner.fetchval("select last_used_at from api_key") is None


async def test_nobody_waits_for_a_key_that_is_being_changed(rows: Rows, app_connection: Any) -> None:
    org = await rows.organisation()
    key, _ = await rows.key(org, await rows.principal(org))
    async with rows.owner.transaction():
        await rows.owner.execute("update api_key set name = 'renamed'")
        async with asyncio.timeout(5):
            assert await app_connection.fetchrow(BY_KEY, key.hash) is not None


async def test_a_subject_is_found_by_issuer_in_one_or_every_organisation(rows: Rows, app_connection: Any) -> None:
    first, second = await rows.organisation("A"), await rows.organisation("B")
    for org in (first, second):
        await rows.principal(org, "finance", subject="ada")
    fetch = app_connection.fetch
    assert {row["org_id"] for row in await fetch(BY_SUBJECT, ISSUER, "ada", None)} == {first, second}
    assert [row["org_id"] for row in await fetch(BY_SUBJECT, ISSUER, "ada", second)] == [second]
    assert await fetch(BY_SUBJECT, "https://other.example.com/", "ada", None) == []
    assert await fetch(BY_SUBJECT, ISSUER, "eve", None) == []
    await rows.owner.execute("update principal set active = false where org_id = $1", first)
    assert [row["org_id"] for row in await fetch(BY_SUBJECT, ISSUER, "ada", None)] == [second]


@pytest.fixture
async def humble_owner(empty_database: str, template_database: str) -> AsyncIterator[str]:
    """DSN of an empty database whose owner is no superuser, as on a managed server: row-level security binds it."""
    name = f"palier_owner_{secrets.token_hex(4)}"
    database = urlsplit(empty_database).path.lstrip("/")
    server = await asyncpg.connect(template_database, database="postgres")
    await server.execute(f"create role {name} login createrole password 'humble'")
    await server.execute(f"grant palier_app, palier_auth to {name} with admin option")
    await server.execute(f"alter database {database} owner to {name}")
    parts = urlsplit(empty_database)
    host = parts.netloc.rpartition("@")[2]
    yield urlunsplit(parts._replace(netloc=f"{quote(name)}:humble@{host}"))
    await server.execute(f"drop database {database} with (force)")
    await server.execute(f"drop role {name}")
    await server.close()


async def test_the_door_works_where_the_owner_of_the_database_is_no_superuser(humble_owner: str) -> None:
    await migrate.upgrade(humble_owner, "2026_11_22_0002")
    owner = await asyncpg.connect(humble_owner)
    rows, org = Rows(owner), uuid7()
    await choose(owner, org)
    await owner.execute("insert into organisation (org_id, name, currency) values ($1, 'Northwind', 'EUR')", org)
    key, key_id = await rows.key(org, await rows.principal(org, subject="ada"))
    await owner.execute("reset palier.org_id")
    assert await owner.fetchval("select count(*) from api_key") == 0
    await owner.execute("set role palier_app")
    assert (await owner.fetchrow(BY_KEY, key.hash))["api_key_id"] == key_id
    assert (await owner.fetchrow(BY_SUBJECT, ISSUER, "ada", None))["org_id"] == org
    await owner.close()


async def test_the_migration_can_be_undone_and_repeated(empty_database: str) -> None:
    await migrate.upgrade(empty_database, "2026_11_22_0002")
    before = await _walls(empty_database)
    await migrate.downgrade(empty_database, "2026_11_22_0001")
    assert "palier_auth" not in str(await _walls(empty_database))
    await migrate.upgrade(empty_database, "2026_11_22_0002")
    assert await _walls(empty_database) == before


async def _walls(dsn: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(dsn)
    found = await connection.fetch(
        "select relname::text, relacl::text, relforcerowsecurity, (select array_agg(p.polname || pg_get_expr(p.polqual,"
        " p.polrelid) order by 1) from pg_policy p where p.polrelid = c.oid) from pg_class c"
        " where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1"
    )
    await connection.close()
    return [tuple(row) for row in found]
