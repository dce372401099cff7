"""A database with the sample's tables, emptied before each test, and a reader on it that counts statements."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from typing_extensions import override

from app.database.pool import ReadPool
from app.reading.engine import Reader
from tests.reading import sample

SECRET = b"a secret of at least thirty-two bytes"


class CountingPool(ReadPool):
    """Counts what is asked of the database."""

    statements = 0

    @override
    async def row(self, org_id: UUID, sql: str, arguments: Sequence[Any]) -> Sequence[Any] | None:
        self.statements += 1
        return await super().row(org_id, sql, arguments)


@pytest.fixture(scope="module")
def sample_database(module_database: str) -> str:
    asyncio.run(sample.create_tables(module_database))
    return module_database


@pytest.fixture
async def owner(sample_database: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection past the tenant wall, for putting rows in place."""
    connection = await asyncpg.connect(sample_database)
    await sample.clear(connection)
    yield connection
    await connection.close()


@pytest.fixture
async def pool(sample_database: str) -> AsyncIterator[CountingPool]:
    pool = CountingPool(sample_database, size=2, settings={"role": "palier_app"})
    yield pool
    await pool.close()


@pytest.fixture
def reader(pool: CountingPool) -> Reader:
    return Reader(sample.CATALOGUE, pool, SECRET)
