"""Both ways to an answer agree: the engine's single statement and the executor that walks root by root."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import asyncpg
from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    IntValueNode,
    ListValueNode,
    StringValueNode,
    Visitor,
    print_ast,
    visit,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from app.graphql.execute import GraphQL
from app.graphql.schema import Published, build, sdl
from app.reading.engine import Reader
from tests.adapters import graphql_world as world

_IDS = {"shop": f"shop:{world.SHOPS[1]}", "rep": str(world.ADA), "visit": "visit:shop"}
_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "UUID": st.sampled_from([world.ADA, world.SHOPS[1]]).map(lambda value: nodes.String(str(value))),
    "Decimal": st.sampled_from(["0", "1000", "2000.5"]).map(nodes.String),
    "Date": st.sampled_from(["2026-01-02", "2026-02-03"]).map(nodes.String),
    "DateTime": st.just("2026-01-01T00:00:00Z").map(nodes.String),
    "JSON": st.just("x").map(nodes.String),
}


class _Sensible(Visitor):
    """Makes pages small, cursors absent and ids real, so that most documents find something."""

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode:
        name = node.name.value
        kept = [argument for argument in node.arguments or () if argument.name.value != "after"]
        return replace(node, arguments=tuple(_sensible(name, argument) for argument in kept))


def _sensible(field: str, argument: ArgumentNode) -> ArgumentNode:
    given: Any = argument.value
    seed = sum(map(ord, print_ast(argument)))
    match argument.name.value:
        case "first":
            given = IntValueNode(value=str(1 + seed % 4))
        case "id":
            given = StringValueNode(value=_IDS.get(field, f"rep:{world.BOB}"))
        case "year":
            given = IntValueNode(value="2026")
        case "search":
            given = StringValueNode(value="%"[: seed % 2] + "n")
        case "sort" if isinstance(given, ListValueNode):
            given = replace(given, values=given.values[: seed % 2 + 1])
    return replace(argument, value=given)


def _text(document: DocumentNode) -> str:
    return print_ast(visit(document, _Sensible()))


_PUBLISHED: Published = build(world.catalogue())
_READS = ("shop", "shops", "rep", "reps", "visit", "visits", "shopTotals")
_OPTIONS: dict[str, Any] = {"custom_scalars": _SCALARS, "print_ast": _text, "allow_x00": False, "codec": "ascii"}
_ANY_DOCUMENT = queries(sdl(_PUBLISHED), **_OPTIONS)
_READING_DOCUMENT = queries(sdl(_PUBLISHED), fields=_READS, allow_null=False, **_OPTIONS)


def _comparable(answer: bytes) -> Any:
    found = json.loads(answer)
    errors = sorted((error["extensions"]["code"], error.get("path", [])) for error in found.get("errors", ()))
    return found.get("data"), errors


def test_the_engine_and_the_executor_answer_alike(filled_database: str) -> None:
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(filled_database, server_settings={"timezone": "UTC"}))
    pool = world.OnePool(connection)
    graphql = GraphQL(_PUBLISHED, world.Operations(Reader(_PUBLISHED.catalogue, pool, b"secret" * 6)))  # type: ignore[arg-type]
    by_engine = []

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(_READING_DOCUMENT | _ANY_DOCUMENT)
    def compare(document: Any) -> None:
        before = len(pool.statements)
        status, engine = loop.run_until_complete(graphql.execute({"query": document}, world.actor()))
        by_engine.append(len(pool.statements) == before + 1 and b'"errors"' not in engine)
        again, executor = loop.run_until_complete(graphql.execute({"query": document}, world.actor(), engine=False))
        assert status == again
        assert _comparable(engine) == _comparable(executor)

    try:
        compare()
    finally:
        loop.run_until_complete(connection.close())
        loop.close()
    assert sum(by_engine) > len(by_engine) // 5, "too few documents went the engine's way to prove anything"
