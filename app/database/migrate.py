"""Bring a database to a revision of the schema, whole or not at all, whoever else tries the same at that moment."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import migrations

Result = TypeVar("Result")

# Any number will do, as long as every release uses the same one.
_LOCK = 7_203_615_811
_WAIT_FOR_OTHERS = "300s"
_WAIT_FOR_TABLES = "10s"


async def ensure_database(dsn: str) -> bool:
    """Create the database that `dsn` names unless it exists; tell whether it was created."""
    name = unquote(urlsplit(dsn).path.lstrip("/"))
    connection = await asyncpg.connect(dsn, database="postgres")
    try:
        if await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
            return False
        quoted = '"' + name.replace('"', '""') + '"'
        # Somebody else may create it in between; either error is how PostgreSQL says so.
        with suppress(asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            await connection.execute(f"CREATE DATABASE {quoted}")
            return True
        return False
    finally:
        await connection.close()


async def upgrade(dsn: str, revision: str = "head") -> None:
    """Apply the missing migrations up to `revision` in one transaction.

    Raises:
        sqlalchemy.exc.DBAPIError: a statement failed, or a table stayed locked by others for ten seconds. Nothing
            changed.
    """
    await _run(dsn, lambda config: command.upgrade(config, revision))


async def downgrade(dsn: str, revision: str) -> None:
    """Undo migrations down to `revision` (`base` undoes all) in one transaction. Data they introduced is lost."""
    await _run(dsn, lambda config: command.downgrade(config, revision))


async def current_revision(dsn: str) -> str | None:
    """Revision the database is at; None for an empty one."""
    return await _connected(dsn, lambda connection: MigrationContext.configure(connection).get_current_revision())


@cache
def head_revision() -> str | None:
    """Revision this release expects; None while there are no migrations."""
    return ScriptDirectory.from_config(_config()).get_current_head()


async def _run(dsn: str, step: Callable[[Config], None]) -> None:
    def migrate(connection: Connection) -> None:
        # Held until the commit: a second replica waits here, then finds nothing left to do.
        connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_FOR_OTHERS}'"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        # A migration queueing for a table lock makes every later reader queue behind it, so it gives up soon.
        connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_FOR_TABLES}'"))
        config = _config()
        config.attributes["connection"] = connection
        step(config)

    await _connected(dsn, migrate)


async def _connected(dsn: str, work: Callable[[Connection], Result]) -> Result:
    # asyncpg reads the address itself, so that it means the same here as everywhere else.
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(dsn, statement_cache_size=0),
        poolclass=NullPool,
    )
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    return config
