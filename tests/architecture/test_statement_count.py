"""A read is one statement, and a command takes as many for one row as for fifty: there is no hidden loop of queries."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.kernel.resource import Resource
from app.graphql.naming import camel
from tests.filled import Filled
from tests.surfaces import allowed, collected, everything, published

pytestmark = pytest.mark.asyncio(loop_scope="session")

LISTS = [pytest.param(resource, id=resource.name) for resource in collected().resources.values() if not resource.hidden]


@asynccontextmanager
async def counted(filled: Filled) -> AsyncIterator[list[str]]:
    """The statements of the read pool and of the commands' engine, without what only enters the organisation."""
    found: list[str] = []
    pool, engine = filled.service.pool, filled.service.engine.sync_engine
    read = pool.row

    async def row(org_id: Any, sql: str, arguments: Any) -> Any:
        found.append(sql)
        return await read(org_id, sql, arguments)

    def wrote(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        found.append(statement)

    pool.row = row  # type: ignore[method-assign]
    sa.event.listen(engine, "before_cursor_execute", wrote)
    try:
        yield found
    finally:
        pool.row = read  # type: ignore[method-assign]
        sa.event.remove(engine, "before_cursor_execute", wrote)


def reader_of(resource: Resource) -> str:
    """A role that sees all rows of the resource."""
    return "finance" if allowed("finance", resource.needs) else "admin"


@pytest.mark.parametrize("resource", LISTS)
async def test_a_list_with_every_link_is_one_statement(filled: Filled, resource: Resource) -> None:
    who = reader_of(resource)
    client, include = filled.client(who), {"include": ",".join(resource.links)} if resource.links else {}
    await client.get("/v1/segments", params={"limit": 1})  # The key is known from here on.
    for limit in (1, 50):
        async with counted(filled) as statements:
            answer = await client.get(f"/v1/{resource.collection}", params={"limit": limit, **include})
            assert answer.status_code == 200, answer.text
        assert len(statements) == 1, statements


@pytest.mark.parametrize("resource", LISTS)
async def test_a_graphql_list_two_links_deep_is_one_statement(filled: Filled, resource: Resource) -> None:
    who = reader_of(resource)
    type_ = published().core.type_map[resource.type_name]
    await filled.client(who).get("/v1/segments", params={"limit": 1})  # The key is known from here on.
    query = f"{{ {camel(resource.plural)}(first: 3) {{ nodes {{ id {_links(type_)} }} }} }}"
    await filled.client(who).get("/v1/segments", params={"limit": 1})  # The key is known from here on.
    async with counted(filled) as statements:
        answer = await filled.graphql(who, query)
    assert "errors" not in answer, answer
    assert len(statements) == 1, statements


def _links(type_: Any) -> str:
    """Every link of a type with the links below it."""
    found = []
    for name in collected().resources[_resource_of(type_.name)].links:
        field = type_.fields[camel(name)]
        inner = field.type.of_type if hasattr(field.type, "of_type") else field.type
        if inner.name.endswith("Connection"):
            node = published().core.type_map[inner.name.removesuffix("Connection")]
            found.append(f"{camel(name)}(first: 2) {{ nodes {{ {everything(node, 0)} }} }}")
        else:
            found.append(f"{camel(name)} {{ {everything(inner, 0)} }}")
    return " ".join(found)


def _resource_of(type_name: str) -> str:
    return next(r.name for r in collected().resources.values() if r.type_name == type_name)


async def test_a_command_takes_as_many_statements_whatever_is_there_already(filled: Filled) -> None:
    async def create() -> int:
        async with counted(filled) as statements:
            n = filled.next()
            await filled.post("sales_ops", "/v1/segments", {"code": f"S{n}", "name": f"Segment {n}"})
        return len(statements)

    await create()  # The key is known from here on.
    first = await create()
    later = [await create() for _ in range(5)]
    assert later == [first] * 5
    assert first <= 8


async def test_a_transition_is_a_fixed_number_of_statements(filled: Filled) -> None:
    counts = []
    for _ in range(2):
        period = (await filled.run("finance", "create_fiscal_year", **_year(filled)))["id"]
        async with counted(filled) as statements:
            headers = {"if-match": '"1"'}
            answer = await filled.client("finance").post(f"/v1/periods/{period}/close", json={}, headers=headers)
        assert answer.status_code == 200, answer.text
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 10


def _year(filled: Filled) -> dict[str, Any]:
    year = 2130 + filled.next()
    return {"fiscal_year": year, "start_date": f"{year}-01-01"}
