"""Every declaration of the product is SQL that PostgreSQL accepts, for every kind of actor, in both dialects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest

from app.domain.catalogue import collect
from app.domain.kernel.permissions import PERMISSIONS, Role
from app.domain.kernel.resource import Many, Resource
from app.domain.kernel.scope import Actor
from app.reading.compile import compile_request
from app.reading.field_types import FieldType, Kind, fields_of
from app.reading.filters import filter_specs
from app.reading.request import Condition, Dialect, ListArgs, Node, Root, Slot
from app.reading.statement import Signature, signature_of

CATALOGUE = collect()


def _signatures(resource: Resource) -> list[Signature]:
    """Everybody who may read the resource: seeing all rows and all pay, some pay, none; and the own line only."""
    found = []
    for hidden in (frozenset[str](), frozenset({"pay:read"}), frozenset({"pay:read", "pay:read_visible"})):
        scopes = frozenset(PERMISSIONS) - hidden | ({resource.needs} if resource.needs else frozenset())
        found.append(signature_of(Actor(uuid4(), uuid4(), "S", frozenset({Role.INTEGRATION}), None, scopes)))
    return [*found, replace(found[1], sees_all_rows=False)]


@pytest.fixture
async def connection(module_database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(module_database)
    yield connection
    await connection.close()


def _nodes(resource: Resource, depth: int, dialect: Dialect) -> tuple[Node, ...]:
    """All fields, and the links below them to a depth."""
    nodes = [Node(name, name, _inside(type_, dialect)) for name, type_ in fields_of(resource.view).items()]
    for name, link in resource.links.items() if depth else ():
        below = _nodes(CATALOGUE.resources[link.to], depth - 1, dialect)
        if isinstance(link, Many) and dialect is Dialect.GRAPHQL:
            below = (Node("nodes", "nodes", below), Node("totalCount", "totalCount"))
        nodes.append(Node(name, name, below))
    return tuple(nodes)


def _inside(type_: FieldType, dialect: Dialect) -> tuple[Node, ...]:
    item = type_.item if type_.item is not None else type_
    if dialect is Dialect.REST or item.of is None or item.kind not in (Kind.OBJECT, Kind.MONEY):
        return ()
    return tuple(Node(name, name, _inside(below, dialect)) for name, below in fields_of(item.of).items())


def _lists(resource: Resource) -> Iterator[ListArgs]:
    params = tuple((name, Slot(9)) for name in sorted(resource.params))
    yield ListArgs(params=params, binding=Slot(1), count="exact")
    yield ListArgs(params=params, search=Slot(2) if resource.search else None, count="estimated")
    for name in resource.sorts:
        yield ListArgs(params=params, sort=(f"-{name}",), after=(Slot(3), Slot(4)), binding=Slot(1))
    for spec in filter_specs(resource).values():
        for operator in spec.operators:
            yield ListArgs((Condition(spec.name, operator, Slot(5)),), params=params)


@pytest.mark.parametrize("name", sorted(CATALOGUE.resources))
async def test_a_declared_resource_can_be_read(connection: asyncpg.Connection, name: str) -> None:
    resource = CATALOGUE.resources[name]
    item = ListArgs(params=tuple((param, Slot(9)) for param in sorted(resource.params)))
    for signature in _signatures(resource):
        for dialect in Dialect:
            nodes = _nodes(resource, 1, dialect)
            one = Root("one", name, nodes, id=Slot(0), list=item)
            await _accepted(connection, compile_request((one,), dialect, signature, CATALOGUE, bare=True).sql)
        first = next(iter(fields_of(resource.view)))
        for args in _lists(resource):
            root = Root("all", name, (Node(first, first),), list=args)
            sql = compile_request((root,), Dialect.REST, signature, CATALOGUE, bare=True).sql
            await _accepted(connection, sql)


async def _accepted(connection: asyncpg.Connection, sql: str) -> None:
    try:
        await connection.prepare(sql)
    except asyncpg.PostgresError as error:
        pytest.fail(f"{error}\n{sql}")
