"""What the product says to PostgreSQL: every statement of a request, with its values, in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from typing_extensions import override

from app.domain.kernel.scope import Actor
from app.main import create_app
from app.reading.compile import Compiled
from app.reading.engine import Connection, Reader
from app.service import Service
from app.settings import Settings
from benchmarks.requests import Request


@dataclass(frozen=True)
class Statement:
    """One SQL text with the values of `$1`, `$2`, …"""

    sql: str
    values: Sequence[Any] = ()


@dataclass
class Recorder:
    """The product within this process, its statements written down."""

    client: httpx.AsyncClient
    said: list[Statement]

    async def record(self, request: Request) -> list[Statement]:
        """Send a request and give back what the database was told for it, without `begin` and `commit`."""
        self.said.clear()
        answer = await self.client.request(
            request.method,
            request.path,
            content=request.content,
            headers={"content-type": "application/json", **request.headers},
        )
        if not answer.is_success or '"errors"' in answer.text:
            raise SystemExit(f"{request.method} {request.path} answered {answer.status_code}: {answer.text[:600]}")
        return list(self.said)


@asynccontextmanager
async def recorder(dsn: str, folder: Path, key: str) -> AsyncIterator[Recorder]:
    """A recorder for the holder of a key."""
    service = Service(Settings(data_dir=folder, rate_limit=0), dsn)
    said: list[Statement] = []
    reader = _Overheard(service.catalogue, service.pool, service.settings.signing_secret, said)
    service.reader = service.operations.reader = reader

    @sa.event.listens_for(service.engine.sync_engine, "before_cursor_execute")
    def overhear(_: object, __: object, sql: str, values: Sequence[Any], *___: object) -> None:
        said.append(Statement(sql, values))

    headers = {"authorization": f"Bearer {key}"}
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(service)), base_url="http://product", headers=headers
    )
    try:
        made = Recorder(client, said)
        # The first request also asks who is calling.
        await made.record(Request("GET", "/v1/periods?limit=1"))
        yield made
    finally:
        await client.aclose()
        await service.close()


class _Overheard(Reader):
    """The reading engine, which goes past SQLAlchemy even within its transactions."""

    def __init__(self, *arguments: Any) -> None:
        *others, self._said = arguments
        super().__init__(*others)

    @override
    async def _row(
        self,
        compiled: Compiled,
        actor: Actor,
        values: Sequence[Any],
        connection: Connection | None,
        today: date | None,
    ) -> Sequence[Any] | None:
        bound = [self._argument(parameter, actor, values, today) for parameter in compiled.parameters]
        self._said.append(Statement(compiled.sql, bound))
        return await super()._row(compiled, actor, values, connection, today)
