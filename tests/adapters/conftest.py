"""A GraphQL surface over the small world of `graphql_world`, on real PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from app.domain.kernel.scope import Actor
from app.graphql.execute import GraphQL
from app.graphql.schema import Published, build
from app.reading.engine import Reader
from tests.adapters import graphql_world as world


@dataclass
class Surface:
    """The surface, and what is behind it."""

    graphql: GraphQL
    operations: world.Operations
    pool: world.OnePool

    async def ask(
        self, query: str, *, actor: Actor | None = None, engine: bool = True, extensions: Any = None, **variables: Any
    ) -> dict[str, Any]:
        """The answer to a document as an object."""
        body = {"query": query, "variables": variables, "extensions": extensions or {}}
        _, answer = await self.graphql.execute(json.dumps(body).encode(), actor or world.actor(), engine=engine)
        found: dict[str, Any] = json.loads(answer)
        return found


@pytest.fixture(scope="session")
def published() -> Published:
    """The small world's schema."""
    return build(world.catalogue())


@pytest.fixture(scope="module")
def filled_database(module_database: str) -> str:
    """DSN of a database with the small world's rows."""

    async def fill() -> None:
        connection = await asyncpg.connect(module_database)
        await world.fill(connection)
        await connection.close()

    asyncio.run(fill())
    return module_database


@pytest.fixture
async def make_surface(filled_database: str, published: Published) -> AsyncIterator[Callable[..., Surface]]:
    """Makes surfaces with options of `GraphQL`."""
    connection = await asyncpg.connect(filled_database, server_settings={"timezone": "UTC"})
    pool = world.OnePool(connection)

    def make(**options: Any) -> Surface:
        operations = world.Operations(Reader(published.catalogue, pool, b"secret" * 6))
        return Surface(GraphQL(published, operations, **options), operations, pool)  # type: ignore[arg-type]

    yield make
    await connection.close()


@pytest.fixture
def surface(make_surface: Callable[..., Surface]) -> Surface:
    """A surface with ordinary options."""
    return make_surface()
