"""One engine, one session per request."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession

engine = create_async_engine(
    os.environ["BENCHMARK_DSN"].replace("postgresql://", "postgresql+asyncpg://", 1),
    pool_size=16,
    max_overflow=0,
    connect_args={"server_settings": {"timezone": "UTC", "jit": "off"}},
)


def new_session() -> AsyncSession:
    """A session of one's own, for what runs beside the request's."""
    return AsyncSession(engine, expire_on_commit=False)


async def request_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


Session = Annotated[AsyncSession, Depends(request_session)]
