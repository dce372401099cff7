"""The service put together from its settings: what API, worker and command line share."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import asyncpg

from app.database.engine import create_engine, session_settings
from app.database.errors import lost
from app.database.pool import ReadPool
from app.domain.catalogue import collect
from app.operations import Operations, raw_connection_of
from app.reading.engine import Reader
from app.security.authenticate import Authenticator
from app.security.jwks import RemoteKeys
from app.security.tokens import TokenVerifier
from app.settings import Settings

_JOB_MODULES = (
    "app.domain.accounts.scoring_job",
    "app.domain.accounts.watch_job",
    "app.domain.compensation.differences_job",
    "app.domain.compensation.estimate_job",
    "app.domain.compensation.run_job",
    "app.domain.compensation.verification_job",
    "app.domain.imports.job",
    "app.domain.quotas.simulation_job",
    "app.domain.territories.scenarios.job",
)


def job_modules() -> None:
    """Load the handlers of every kind of job. Only the worker does: they bring the calculation libraries."""
    for name in _JOB_MODULES:
        import_module(name)


class Service:
    """Owns the connections; nothing is opened before the first use."""

    def __init__(self, settings: Settings, dsn: str) -> None:
        self.settings = settings
        self.dsn = dsn
        options = session_settings(
            settings.database_role,
            int(settings.statement_timeout * 1000),
            int(settings.lock_timeout * 1000),
            int(settings.idle_timeout * 1000),
        )
        # The queue's own connections listen for long and wait without a bound.
        self.queue_settings = {"application_name": "palier worker", "timezone": "UTC", "role": settings.database_role}
        self.engine = create_engine(
            dsn,
            options,
            pool_size=settings.write_pool_size,
            pool_timeout=settings.pool_timeout,
            statement_cache=settings.statement_cache,
        )
        self.pool = ReadPool(
            dsn,
            size=settings.read_pool_size,
            settings=options,
            prepared=settings.statement_cache,
            wait_timeout=settings.pool_timeout,
            connect_timeout=settings.connect_timeout,
        )
        self.catalogue = collect()
        self.reader = Reader(self.catalogue, self.pool, settings.signing_secret)
        self._keys = RemoteKeys(str(settings.oidc_jwks_url)) if settings.oidc_jwks_url else None
        self.authenticator = Authenticator(self._fetchrow, verifier=self._verifier())
        self.operations = Operations(self.catalogue, self.engine, self.reader, forget=self.authenticator.forget)

    def _verifier(self) -> TokenVerifier | None:
        settings = self.settings
        if self._keys is None or settings.oidc_issuer is None or settings.oidc_audience is None:
            return None
        return TokenVerifier(settings.oidc_issuer, settings.oidc_audience, self._keys, leeway=int(settings.oidc_leeway))

    async def _fetchrow(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        """One statement outside any organisation: who is this? Asked again when the connection turns out lost."""
        try:
            return await self._ask(sql, *arguments)
        except Exception as error:
            if not lost(error):
                raise
            await self.engine.dispose()
            return await self._ask(sql, *arguments)

    async def _ask(self, sql: str, *arguments: Any) -> asyncpg.Record | None:
        async with self.engine.begin() as connection:
            raw = await raw_connection_of(connection)
            found: asyncpg.Record | None = await raw.fetchrow(sql, *arguments)
            return found

    async def ping(self) -> str | None:
        """The revision of the schema, or None while the database cannot be reached."""
        try:
            row = await self._fetchrow("select version_num from alembic_version")
        except Exception:
            return None
        return str(row[0]) if row else None

    async def close(self) -> None:
        """Give every connection back."""
        await self.pool.close()
        await self.engine.dispose()
        if self._keys is not None:
            await self._keys.close()
