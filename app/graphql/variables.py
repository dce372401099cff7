"""Variables as symbols: what of their values changes the plan of a document, and what is only a value.

A plan is kept for a document and a skeleton of its variables: which are there, which filters they hold, how they sort.
Everything else becomes `Given`, a place in the variables where the value is found when the plan is used.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
)
from graphql.execution.values import VariableValues

from app.domain.kernel.errors import refuse

Source = Callable[[Mapping[str, Any]], Any]
"""Finds a value of the plan in the variables of a request."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value in the variables. `prefix` is the type named by a global id, which decides what is read."""

    path: tuple[str, ...]
    prefix: str = ""

    def find(self, variables: Mapping[str, Any]) -> Any:
        """The value itself."""
        value: Any = variables
        for step in self.path:
            value = value[step]
        return value


def symbolic(values: VariableValues, kept_enums: Collection[str]) -> VariableValues:
    """The variables with `Given` for whatever does not change a plan. The enums named are kept."""
    symbols = {
        name: _symbol(value, values.sources[name].signature.type, (name,), kept_enums)
        for name, value in values.coerced.items()
    }
    return values._replace(coerced=symbols)


def skeleton(values: VariableValues) -> Hashable:
    """What distinguishes plans of one document."""
    return _frozen(values.coerced)


def source_of(value: Any, convert: Callable[[Any], Any]) -> Source:
    """How to find an argument that may hold symbols. What holds none is converted now."""
    if not _holds_symbol(value):
        constant = convert(value)
        return lambda variables: constant
    return lambda variables: convert(_resolved(value, variables))


def plain(value: Any, pointer: str) -> Any:
    """A coerced input value as the engine takes it: enums as their values, no NUL, no null inside."""
    if isinstance(value, list):
        return [plain(item, pointer) for item in value]
    if isinstance(value, Enum):
        return value.value
    if value is None:
        raise refuse("invalid_parameter", "null matches nothing; ask with `isNull`.", pointer=pointer)
    if isinstance(value, str) and "\x00" in value:
        raise refuse("invalid_parameter", "The NUL character is not allowed.", pointer=pointer)
    return value


def _symbol(value: Any, type_: GraphQLInputType, path: tuple[str, ...], kept_enums: Collection[str]) -> Any:
    if value is None:
        return None
    bare: Any = get_nullable_type(type_)
    named: Any = get_named_type(bare)
    if isinstance(bare, GraphQLInputObjectType) and isinstance(value, dict):
        return {key: _symbol(item, bare.fields[key].type, (*path, key), kept_enums) for key, item in value.items()}
    if isinstance(named, GraphQLEnumType) and named.name in kept_enums:
        return value
    if isinstance(bare, GraphQLList):
        return Given(path)
    # Directives take booleans, and a document rarely has many.
    if named.name == "Boolean" and len(path) == 1:
        return value
    return Given(path, str(value).rpartition(":")[0] if named.name == "ID" else "")


def _frozen(value: Any) -> Hashable:
    if isinstance(value, dict):
        return tuple((key, _frozen(item)) for key, item in value.items())
    return tuple(value) if isinstance(value, list) else value


def _holds_symbol(value: Any) -> bool:
    return isinstance(value, Given) or (isinstance(value, list) and any(_holds_symbol(item) for item in value))


def _resolved(value: Any, variables: Mapping[str, Any]) -> Any:
    if isinstance(value, Given):
        return value.find(variables)
    return [_resolved(item, variables) for item in value] if isinstance(value, list) else value
