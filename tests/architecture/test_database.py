"""What the catalogue of the database says of every table: walls, keys, states, and a way back for each migration."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from app.database import migrate
from app.domain.catalogue import collect
from app.domain.kernel.command import Kind

NOT_OURS = re.compile(r"alembic_version|pgqueuer.*")
"""The revision of the schema, and the queue behind the jobs port: they hold no row of an organisation's."""

KEYS_WITHOUT_ORGANISATION = {
    "api_key_hash_key": "A key is looked up before the organisation is known; its hash is random.",
    "principal_subject": "A token is looked up before the organisation is known; no constraint, only an index.",
}


@pytest.fixture
async def connection(module_database: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(module_database)
    yield connection
    await connection.close()


async def tables(connection: Any) -> list[str]:
    rows = await connection.fetch(
        "select relname from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by 1"
    )
    return [row["relname"] for row in rows if not NOT_OURS.fullmatch(row["relname"])]


async def test_every_table_has_an_organisation_and_its_wall(connection: Any) -> None:
    wrong = []
    for table in await tables(connection):
        found = await connection.fetchrow(
            "select c.relrowsecurity and c.relforcerowsecurity as walled, a.attnotnull as owned,"
            " (select count(*) from pg_policy p where p.polrelid = c.oid and not p.polpermissive and p.polcmd = '*'"
            "  and pg_get_expr(p.polqual, c.oid) like '%tenant()%'"
            "  and pg_get_expr(p.polwithcheck, c.oid) like '%tenant()%') as restrictive"
            " from pg_class c left join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'"
            " where c.oid = $1::text::regclass",
            table,
        )
        if tuple(found) != (True, True, 1):
            wrong.append((table, tuple(found)))
    assert wrong == []


async def test_the_organisation_comes_first_in_every_key_and_index(connection: Any) -> None:
    rows = await connection.fetch(
        "select i.indexrelid::regclass::text as name, i.indrelid::regclass::text as of,"
        " (select attname from pg_attribute where attrelid = i.indrelid and attnum = i.indkey[0]) as first"
        " from pg_index i join pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace"
    )
    wrong = {row["name"] for row in rows if row["first"] != "org_id" and not NOT_OURS.fullmatch(row["of"])}
    assert wrong == set(KEYS_WITHOUT_ORGANISATION)


async def test_every_reference_stays_within_the_organisation(connection: Any) -> None:
    rows = await connection.fetch(
        "select conname, conrelid::regclass::text as of,"
        " (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) as here,"
        " (select attname from pg_attribute where attrelid = confrelid and attnum = confkey[1]) as there"
        " from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace"
    )
    assert len(rows) > 40
    assert [tuple(row) for row in rows if (row["here"], row["there"]) != ("org_id", "org_id")] == []


async def test_a_reference_that_is_filtered_by_or_whose_target_can_be_deleted_is_indexed(connection: Any) -> None:
    """Or such a list and such a deletion read the whole table."""
    rows = await connection.fetch(
        "select c.conname as name, c.conrelid::regclass::text as of, c.confrelid::regclass::text as to,"
        " array(select a.attname::text from unnest(c.conkey) k join pg_attribute a on a.attrelid = c.conrelid"
        "  and a.attnum = k where a.attname <> 'org_id') as columns, exists ("
        "  select from pg_index i where i.indrelid = c.conrelid and i.indpred is null and i.indkey[1] = any(c.conkey)"
        "  and i.indkey[0] = c.conkey[1]) as indexed"
        " from pg_constraint c where c.contype = 'f' and c.connamespace = 'public'::regnamespace"
        " and cardinality(c.conkey) > 1"
    )
    catalogue = collect()
    deleted = {spec.resource for spec in catalogue.commands.values() if spec.kind is Kind.DELETE}
    filtered = {(r.name, name) for r in catalogue.resources.values() for name in r.filters if isinstance(name, str)}
    needed = [
        row["name"]
        for row in rows
        if not row["indexed"]
        and (row["to"] in deleted or any((row["of"].strip('"'), column) in filtered for column in row["columns"]))
    ]
    assert sorted(needed) == []


async def test_the_states_a_table_admits_are_those_of_its_machine(connection: Any) -> None:
    for machine in collect().machines.values():
        rows = await connection.fetch(
            "select pg_get_constraintdef(oid) as rule from pg_constraint where contype = 'c'"
            " and conrelid = $1::text::regclass and pg_get_constraintdef(oid) ~ '\\mstate\\M.*ANY'"
            " and cardinality(conkey) = 1",
            machine.name,
        )
        admitted = [set(re.findall(r"'(\w+)'::text", row["rule"])) for row in rows]
        assert admitted == [{str(state) for state in machine.states}], machine.name


async def test_the_application_role_owns_nothing_and_bypasses_nothing(connection: Any) -> None:
    found = await connection.fetchrow(
        "select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb as strong,"
        " (select count(*) from pg_class where relowner = r.oid) as owned from pg_roles r where rolname = 'palier_app'"
    )
    assert tuple(found) == (False, 0)


async def test_what_is_financial_or_history_is_append_only_for_everybody(connection: Any) -> None:
    rows = await connection.fetch(
        "select tgrelid::regclass::text as of from pg_trigger where tgname = 'append_only' and tgenabled <> 'D'"
    )
    expected = {
        "audit_entry", "event", "transition", "transaction", "earning", "credit", "journal", "ledger_entry",
        "earning_adjustment", "quota_revision", "plan_review", "opportunity_stage_change",
    }  # fmt: skip
    assert expected <= {row["of"].strip('"') for row in rows}


async def test_every_migration_can_be_undone_and_done_again_without_a_difference(empty_database: str) -> None:
    await migrate.upgrade(empty_database)
    up = await _shape(empty_database)
    await migrate.downgrade(empty_database, "base")
    assert [line for line in await _shape(empty_database) if "alembic_version" not in line] == []
    await migrate.upgrade(empty_database)
    assert await _shape(empty_database) == up


async def _shape(dsn: str) -> list[str]:
    """Every column, constraint, index, policy, trigger, function and grant, as text."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            """
            with ours as (
              select c.oid, c.relname, c.relkind, c.relacl from pg_class c
              where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'S')
            )
            select format('%s %s %s', relname, relkind, relacl) from ours
            union all select format('%s.%s %s %s %s', o.relname, a.attname, format_type(a.atttypid, a.atttypmod),
              a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
              from ours o join pg_attribute a on a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped
              left join pg_attrdef d on d.adrelid = o.oid and d.adnum = a.attnum
            union all select format('%s: %s %s', o.relname, k.conname, pg_get_constraintdef(k.oid))
              from ours o join pg_constraint k on k.conrelid = o.oid
            union all select pg_get_indexdef(i.indexrelid) from ours o join pg_index i on i.indrelid = o.oid
            union all select format('%s %s %s %s', o.relname, p.polname, pg_get_expr(p.polqual, o.oid),
              pg_get_expr(p.polwithcheck, o.oid)) from ours o join pg_policy p on p.polrelid = o.oid
            union all select pg_get_triggerdef(t.oid) from ours o join pg_trigger t on t.tgrelid = o.oid
              where not t.tgisinternal
            union all select pg_get_functiondef(f.oid) || coalesce(f.proacl::text, '') from pg_proc f
              where f.pronamespace = 'public'::regnamespace and f.prokind in ('f', 'p')
              and not exists (select from pg_depend x where x.objid = f.oid and x.deptype = 'e')
            union all select format('type %s', t.typname) from pg_type t where t.typnamespace = 'public'::regnamespace
              and t.typtype in ('e', 'd')
              and not exists (select from pg_depend x where x.objid = t.oid and x.deptype = 'e')
            """
        )
        return sorted(row[0] for row in rows)
    finally:
        await connection.close()
