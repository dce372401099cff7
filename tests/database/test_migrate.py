"""Migrations are whole or absent, and two at once are as good as one."""

import asyncio
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

import migrations
from app.database import migrate

MIGRATION = """
from alembic import op
revision, down_revision = {revision!r}, {previous!r}
def upgrade():
    op.execute({statement!r})
def downgrade():
    pass
"""

SCHEMA = """
SELECT 'column', c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v') AND c.relname <> 'alembic_version'
   AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), ''
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> to_regclass('alembic_version')
UNION ALL
SELECT 'index', tablename, indexname, indexdef, ''
  FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
UNION ALL
SELECT 'policy', tablename, policyname, coalesce(qual, ''), coalesce(with_check, '')
  FROM pg_policies WHERE schemaname = 'public'
UNION ALL
SELECT 'function', '', p.oid::regprocedure::text, p.prosrc, ''
  FROM pg_proc p LEFT JOIN pg_depend d ON d.objid = p.oid AND d.deptype = 'e'
 WHERE p.pronamespace = 'public'::regnamespace AND d.objid IS NULL
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), '' FROM pg_trigger WHERE NOT tgisinternal
ORDER BY 1, 2, 3, 4
"""


async def fetch(dsn: str, statement: str) -> list[tuple[str, ...]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


@pytest.fixture
def scratch_migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A migrations folder of our own with no migration in it yet."""
    assert migrations.__file__
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    shutil.copy(Path(migrations.__file__).with_name("env.py"), folder)
    monkeypatch.setattr(migrations, "__file__", str(folder / "__init__.py"))
    return folder / "versions"


async def test_upgrade_reaches_the_head_of_this_release(empty_database: str) -> None:
    assert await migrate.current_revision(empty_database) is None
    await migrate.upgrade(empty_database)
    assert await migrate.current_revision(empty_database) == migrate.head_revision() is not None


async def test_two_upgrades_at_once_both_succeed(empty_database: str) -> None:
    await asyncio.gather(migrate.upgrade(empty_database), migrate.upgrade(empty_database))
    assert await migrate.current_revision(empty_database) == migrate.head_revision()


async def test_upgrade_of_a_current_database_changes_nothing(database: str) -> None:
    before = await fetch(database, SCHEMA)
    await migrate.upgrade(database)
    assert await fetch(database, SCHEMA) == before


async def test_down_leaves_nothing_and_up_again_gives_the_same_schema(database: str) -> None:
    before = await fetch(database, SCHEMA)
    await migrate.downgrade(database, "base")
    assert await fetch(database, SCHEMA) == []
    await migrate.upgrade(database)
    assert await fetch(database, SCHEMA) == before


async def test_failing_migration_leaves_none_of_the_upgrade(empty_database: str, scratch_migrations: Path) -> None:
    good = MIGRATION.format(revision="1", previous=None, statement="CREATE TABLE first_step ()")
    bad = MIGRATION.format(revision="2", previous="1", statement="CREATE TABLE second_step (no such type)")
    (scratch_migrations / "1.py").write_text(good)
    (scratch_migrations / "2.py").write_text(bad)
    with pytest.raises(DBAPIError, match="syntax error"):
        await migrate.upgrade(empty_database)
    assert await migrate.current_revision(empty_database) is None
    assert await fetch(empty_database, SCHEMA) == []


async def test_upgrade_gives_up_on_a_table_others_keep_locked(
    empty_database: str, scratch_migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_WAIT_FOR_TABLES", "100ms")
    (scratch_migrations / "1.py").write_text(
        MIGRATION.format(revision="1", previous=None, statement="ALTER TABLE busy ADD COLUMN more int")
    )
    reader = await asyncpg.connect(empty_database)
    try:
        await reader.execute("CREATE TABLE busy ()")
        async with reader.transaction():
            await reader.execute("SELECT * FROM busy")
            with pytest.raises(DBAPIError, match="lock timeout"):
                await migrate.upgrade(empty_database)
    finally:
        await reader.close()


async def test_ensure_database_creates_it_once_even_when_asked_twice_at_once(empty_database: str) -> None:
    dsn = empty_database.replace("?", "_%C3%9Cn%22usual?")
    quoted = unquote(urlsplit(dsn).path.lstrip("/")).replace('"', '""')
    try:
        created = await asyncio.gather(migrate.ensure_database(dsn), migrate.ensure_database(dsn))
        assert sorted(created) == [False, True]
        assert await migrate.ensure_database(dsn) is False
        assert await fetch(dsn, "SELECT 'there'") == [("there",)]
    finally:
        await fetch(empty_database, f'DROP DATABASE "{quoted}"')
