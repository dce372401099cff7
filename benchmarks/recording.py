"""What the product says to PostgreSQL: every statement of a request, with its values, in order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import sqlalchemy as sa

from app.main import create_app
from app.reading.engine import Pool
from app.service import Service
from app.settings import Settings
from benchmarks.requests import Request


@dataclass(frozen=True)
class Statement:
    """One SQL text with positional values."""

    sql: str
    values: Sequence[Any] = ()


@dataclass
class Recorder:
    """The product within this process, its statements written down."""

    client: httpx.AsyncClient
    said: list[Statement] = field(default_factory=list)

    async def record(self, request: Request) -> list[Statement]:
        """Send a request and give back what the database was told for it."""
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
    transport = httpx.ASGITransport(create_app(service))
    headers = {"authorization": f"Bearer {key}"}
    client = httpx.AsyncClient(transport=transport, base_url="http://product", headers=headers)
    made = Recorder(client)
    # The application shares these objects with the service, so both ways into PostgreSQL are overheard.
    service.reader._pool = _Overheard(service.pool, made.said)

    @sa.event.listens_for(service.engine.sync_engine, "connect")
    def overhear(connection: Any, _: object) -> None:
        connection.driver_connection.add_query_logger(
            lambda query: made.said.append(Statement(query.query, query.args or ()))
        )

    try:
        # The first request also asks who is calling.
        await made.record(Request("GET", "/v1/periods?limit=1"))
        yield made
    finally:
        await client.aclose()
        await service.close()


class _Overheard:
    def __init__(self, pool: Pool, said: list[Statement]) -> None:
        self._pool = pool
        self._said = said

    async def row(self, org_id: UUID, sql: str, arguments: Sequence[Any]) -> Sequence[Any] | None:
        self._said.append(Statement(sql, arguments))
        return await self._pool.row(org_id, sql, arguments)
