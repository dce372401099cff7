"""A small organisation whose people give commands and read answers, on a migrated database of their own."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.database.engine import create_engine, session_settings
from app.database.pool import ReadPool
from app.domain.catalogue import collect
from app.domain.kernel.command import Kind
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor
from app.operations import Operations, parse
from app.reading.engine import Reader

SETTINGS = session_settings("palier_app", 10_000, 5_000, 10_000)
CATALOGUE = collect()


@dataclass
class Company:
    """Ada manages Bob and Cleo; Dan reports to nobody of them. Ops sees everything, as do the other desk roles."""

    operations: Operations
    reader: Reader
    org_id: UUID
    actors: dict[str, Actor]
    sellers: dict[str, UUID] = field(default_factory=dict)

    async def do(self, who: str, name: str, id: UUID | None = None, /, **body: Any) -> Any:
        """One command in a transaction of its own, its body as JSON; returns what the handler returns."""
        spec = CATALOGUE.commands[name]
        actor = self.actors[who]
        actor.require(spec.needs)
        parsed = parse(spec.body, json.dumps(body, default=str).encode())
        async with self.operations.transaction(actor) as tx:
            if spec.kind in (Kind.CREATE, Kind.COLLECTION):
                return await spec.handler(tx, parsed)
            assert id is not None
            await tx.visible(spec.resource, id, lock=True)
            return await spec.handler(tx, id, parsed)

    async def one(self, who: str, resource: str, id: UUID, **parameters: str) -> Any:
        """One object as its reader gets it, or None."""
        found = await self.reader.one(self.actors[who], resource, id, pairs=parameters.items())
        return found and json.loads(found.body)

    async def page(self, who: str, resource: str, *pairs: tuple[str, str]) -> Any:
        """The items of a list."""
        return json.loads(await self.reader.page(self.actors[who], resource, pairs))["items"]

    async def events(self, name: str) -> list[Any]:
        """The data of the events of a name, oldest first."""
        async with self.operations.transaction(self.actors["admin"]) as tx:
            rows = await tx.rows(
                "select data from event where org_id = :org_id and name = :name order by seq", name=name
            )
            return [row["data"] for row in rows]


@pytest.fixture
async def company(database: str) -> AsyncIterator[Company]:
    engine = create_engine(database, SETTINGS, pool_size=4)
    pool = ReadPool(database, settings=SETTINGS)
    reader = Reader(CATALOGUE, pool, b"a secret of the tests")
    operations = Operations(CATALOGUE, engine, reader)
    org_id = uuid4()
    await _found(database, org_id)
    names = {"ops": Role.SALES_OPS, "admin": Role.ADMIN, "finance": Role.FINANCE, "viewer": Role.VIEWER}
    actors = {name: Actor(org_id, uuid4(), name, frozenset({role})) for name, role in names.items()}
    company = Company(operations, reader, org_id, actors)
    for name, role in {"ada": Role.MANAGER, "bob": Role.SELLER, "cleo": Role.SELLER, "dan": Role.SELLER}.items():
        manager = company.sellers["ada"] if name in ("bob", "cleo") else None
        position = {"job_role": role, "team": "Paris", "manager_id": manager}
        seller = await company.do("admin", "create_seller", name=name, hired_on=date(2020, 1, 1), position=position)
        company.sellers[name] = seller
        actors[name] = Actor(org_id, uuid4(), name, frozenset({role}), seller)
    yield company
    await pool.close()
    await engine.dispose()


async def _found(database: str, org_id: UUID) -> None:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(
            "insert into organisation (org_id, name, currency) values ($1, 'Northwind', 'EUR')", org_id
        )
    finally:
        await connection.close()
