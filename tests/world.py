"""A small organisation to test in: one principal per role, callers on the real application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from app.domain.kernel.apikeys import new_key
from app.domain.kernel.ids import uuid7
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor
from app.main import create_app
from app.service import Service
from app.settings import Settings

ROLES = ("admin", "sales_ops", "finance", "comp_admin", "manager", "seller", "viewer")


class World:
    """One organisation: manager Mona leads Sam and Sue; Otto, another manager, leads Olga.

    `client(name)` calls the application as a role or as a seller (`sam`, `sue`, `olga`, `otto`).
    """

    def __init__(self, service: Service, org_id: UUID) -> None:
        self.service = service
        self.operations = service.operations
        self.org_id = org_id
        self.app = create_app(service)
        self.keys: dict[str, str] = {}
        self.principals: dict[str, UUID] = {}
        self.sellers: dict[str, str] = {}
        self._clients: list[httpx.AsyncClient] = []

    def client(self, name: str) -> httpx.AsyncClient:
        """A caller with the key of a role or of a seller."""
        return self.anonymous({"authorization": f"Bearer {self.keys[name]}"})

    def anonymous(self, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        """A caller without a key."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://palier.test", headers=headers)
        self._clients.append(client)
        return client

    def actor(self, role: str, seller: str | None = None) -> Actor:
        """The actor behind a role's key."""
        seller_id = UUID(self.sellers[seller]) if seller else None
        return Actor(self.org_id, self.principals[seller or role], role, frozenset({Role(role)}), seller_id)

    async def get(self, name: str, path: str, **params: Any) -> Any:
        """The JSON of a successful read."""
        answer = await self.client(name).get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, name: str, path: str, body: Any = None, *, expect: int | None = None, **headers: str) -> Any:
        """The JSON of a POST. For actions the present ETag is read and sent first."""
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        client = self.client(name)
        parts = path.strip("/").split("/")
        if len(parts) >= 4 and "if-match" not in named:
            seen = await client.get("/" + "/".join(parts[:3]))
            named["if-match"] = seen.headers.get("etag", '"1"')
        answer = await client.post(path, json={} if body is None else body, headers=named)
        if expect is None:
            assert answer.is_success, answer.text
        else:
            assert answer.status_code == expect, answer.text
        return answer.json() if answer.content else None

    async def graphql(self, name: str, query: str, **variables: Any) -> Any:
        """The whole answer to a GraphQL request."""
        answer = await self.client(name).post("/graphql", json={"query": query, "variables": variables})
        return answer.json()

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()
        await self.service.close()


@asynccontextmanager
async def make_world(dsn: str, folder: Path, name: str = "Test Company") -> AsyncIterator[World]:
    """A world in a migrated database."""
    service = Service(Settings(data_dir=folder, rate_limit=0), dsn)
    world = World(service, uuid7())
    await _found(world, dsn, name)
    await _hire(world)
    try:
        yield world
    finally:
        await world.close()


async def _found(world: World, dsn: str, name: str) -> None:
    """The organisation and its first key: what `palier key bootstrap` does."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(
            "insert into organisation (org_id, name, currency) values ($1, $2, 'EUR')", world.org_id, name
        )
        for role in ROLES:
            await _principal(connection, world, role, [role], None)
    finally:
        await connection.close()


async def _principal(
    connection: asyncpg.Connection[Any], world: World, name: str, roles: list[str], seller: str | None
) -> None:
    key, principal = new_key("test"), uuid7()
    await connection.execute(
        "insert into principal (org_id, id, kind, name, roles, seller_id) values ($1, $2, 'person', $3, $4, $5)",
        world.org_id,
        principal,
        name,
        roles,
        UUID(seller) if seller else None,
    )
    await connection.execute(
        "insert into api_key (org_id, id, principal_id, name, prefix, hash) values ($1, $2, $3, $4, $5, $6)",
        world.org_id,
        uuid7(),
        principal,
        name,
        key.prefix,
        key.hash,
    )
    world.keys[name], world.principals[name] = key.text, principal


async def _hire(world: World) -> None:
    """The sellers, through the API; the manager and seller roles are Mona and Sam."""
    for name, manager in (("mona", None), ("otto", None), ("sam", "mona"), ("sue", "mona"), ("olga", "otto")):
        position = {"job_role": "Manager" if manager is None else "Account executive", "team": "Paris"}
        if manager:
            position["manager_id"] = world.sellers[manager]
        body = {"name": name.title(), "hired_on": "2025-01-01", "email": f"{name}@example.com", "position": position}
        world.sellers[name] = (await world.post("sales_ops", "/v1/sellers", body))["id"]
    connection = await asyncpg.connect(world.service.dsn)
    try:
        for name in ("sue", "olga", "otto", "mona", "sam"):
            roles = ["manager"] if name in ("otto", "mona") else ["seller"]
            await _principal(connection, world, name, roles, world.sellers[name])
        for role, seller in (("manager", "mona"), ("seller", "sam")):
            world.keys[role], world.principals[role] = world.keys[seller], world.principals[seller]
    finally:
        await connection.close()


async def fiscal_year(world: World, year: int = 2026) -> dict[str, str]:
    """A calendar fiscal year; the ids of its periods by code."""
    start = date(year, 1, 1).isoformat()
    await world.post("finance", "/v1/periods/create-year", {"fiscal_year": year, "start_date": start})
    found = await world.get("finance", "/v1/periods", fiscal_year=year, limit=200)
    return {period["code"]: period["id"] for period in found["items"]}
