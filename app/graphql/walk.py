"""The resolvers of the executor's way: a root asks the engine for its selection, what is below walks the answer.

Answers have the keys of the document, so a field is found under its response key and there is one resolver for all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from graphql import GraphQLEnumType, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, get_named_type

Info = GraphQLResolveInfo[Any]


class Asks(Protocol):
    """The context of an operation, as far as roots need it."""

    async def root(self, info: Info) -> Any:
        """Answer one root field with its whole selection."""


class Found(dict[str, Any]):
    """An object found by its global id, which knows its type."""

    def __init__(self, values: dict[str, Any], type_name: str) -> None:
        super().__init__(values)
        self.type_name = type_name


def attach(schema: GraphQLSchema) -> None:
    """Give every field its resolver. Mutations have none: they are performed one by one, outside the executor."""
    for type_ in schema.type_map.values():
        if not isinstance(type_, GraphQLObjectType) or type_.name.startswith("__"):
            continue
        if type_ in (schema.mutation_type, schema.subscription_type):
            continue
        for field in type_.fields.values():
            enum = get_named_type(field.type)
            if type_ is schema.query_type:
                field.resolve = ask
            else:
                field.resolve = _enum_reader(enum) if isinstance(enum, GraphQLEnumType) else _read


def ask(source: Any, info: Info, **arguments: Any) -> Awaitable[Any]:
    """Resolve a root by the context of the operation."""
    context: Asks = info.context
    return context.root(info)


def _read(source: Any, info: Info, **arguments: Any) -> Any:
    return source[info.path.key]


def _enum_reader(enum: GraphQLEnumType) -> Callable[..., Any]:
    """The engine answers with names, the executor wants values."""

    def value_of(name: Any) -> Any:
        if isinstance(name, list):
            return [value_of(item) for item in name]
        return None if name is None else enum.values[name].value

    def read(source: Any, info: Info, **arguments: Any) -> Any:
        return value_of(source[info.path.key])

    return read
