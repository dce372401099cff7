"""The SQLAlchemy side of PostgreSQL: sessions for commands. Reads use the lean pool beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from app.database.errors import lost

SET_TENANT = sa.text("select set_config('palier.org_id', :org_id, true)")


def async_dsn(dsn: str) -> str:
    """The same address for SQLAlchemy's asyncpg dialect."""
    for scheme in ("postgresql://", "postgres://"):
        if dsn.startswith(scheme):
            return "postgresql+asyncpg://" + dsn.removeprefix(scheme)
    return dsn


def session_settings(
    role: str, statement_timeout_ms: int, lock_timeout_ms: int, idle_timeout_ms: int
) -> dict[str, str]:
    """Settings of every connection: the role without ownership, UTC, and a bound on everything that waits."""
    settings = {
        "application_name": "palier",
        "timezone": "UTC",
        "statement_timeout": str(statement_timeout_ms),
        "lock_timeout": str(lock_timeout_ms),
        "idle_in_transaction_session_timeout": str(idle_timeout_ms),
        # Pages come from memory or from disks without heads: a look-up by key beats reading a whole small table.
        "random_page_cost": "1.1",
    }
    return settings | ({"role": role} if role else {})


def create_engine(
    dsn: str, settings: dict[str, str], *, pool_size: int = 8, pool_timeout: float = 5.0, statement_cache: bool = True
) -> AsyncEngine:
    """The engine for commands. Behind a transaction pooler switch `statement_cache` off."""
    arguments: dict[str, Any] = {"server_settings": settings}
    options: dict[str, Any] = {}
    if not statement_cache:
        arguments |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
    return create_async_engine(
        async_dsn(dsn),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        pool_pre_ping=False,
        pool_reset_on_return="rollback",
        connect_args=arguments,
        **options,
    )


@asynccontextmanager
async def tenant_session(engine: AsyncEngine, org_id: UUID, *, snapshot: bool = False) -> AsyncIterator[AsyncSession]:
    """A session in a transaction of one organisation, committed at the end.

    All statements of a `snapshot` see the data of one instant. A connection that was lost before anything was asked of
    it is replaced, and with it the others that the same server took along.
    """
    async with AsyncSession(engine, expire_on_commit=False) as session:
        try:
            await _enter(session, org_id, snapshot)
        except Exception as error:
            if not lost(error):
                raise
            await session.invalidate()
            await engine.dispose()
            await _enter(session, org_id, snapshot)
        yield session
        await session.commit()


async def _enter(session: AsyncSession, org_id: UUID, snapshot: bool) -> None:
    if snapshot:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    await enter_tenant(session, org_id)


async def enter_tenant(session: AsyncSession, org_id: UUID) -> None:
    """Show the transaction the rows of one organisation; it ends with the transaction."""
    await session.execute(SET_TENANT, {"org_id": str(org_id)})
