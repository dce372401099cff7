"""The statement being compiled: its parameters, its aliases, and how declared SQL fragments are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.domain.catalogue import Catalogue
from app.domain.kernel.errors import refuse
from app.domain.kernel.resource import Resource
from app.domain.kernel.scope import Actor
from app.reading.field_types import field_type
from app.reading.request import Dialect, Slot


class Context(StrEnum):
    """Values that come with the actor or the service, not with the request."""

    ORG = "org"
    ACTOR = "actor"
    SELLER = "seller"
    TODAY = "today"
    INNER_KEY = "inner_key"
    OUTER_KEY = "outer_key"


_CONTEXT_TYPES = {
    Context.ORG: "uuid",
    Context.ACTOR: "uuid",
    Context.SELLER: "uuid",
    Context.TODAY: "date",
    Context.INNER_KEY: "bytea",
    Context.OUTER_KEY: "bytea",
}


@dataclass(frozen=True)
class Constant:
    """A value that the declaration gives, such as the default of a report's argument."""

    value: Any


Parameter = Slot | Context | Constant


@dataclass(frozen=True)
class Signature:
    """What of an actor changes the compiled text; actors alike in this share it."""

    permissions: frozenset[str]
    sees_all_rows: bool

    def may(self, permission: str) -> bool:
        """Whether the permission is held."""
        return permission in self.permissions


def signature_of(actor: Actor) -> Signature:
    """The actor's capabilities."""
    return Signature(actor.permissions, actor.sees_all_rows)


@dataclass(frozen=True)
class Row:
    """One occurrence of a resource in the statement. `pay` is the SQL of a column that says its pay is visible."""

    resource: Resource
    alias: str
    params: Mapping[str, Slot] = field(default_factory=dict)
    pay: str = ""


class Statement:
    """Collects parameters while the text is put together. Values never become text, only names of ours do."""

    def __init__(self, catalogue: Catalogue, dialect: Dialect, signature: Signature) -> None:
        self.catalogue = catalogue
        self.dialect = dialect
        self.signature = signature
        self._parameters: dict[tuple[str, str], tuple[int, Parameter]] = {}
        self._aliases = 0

    @property
    def graphql(self) -> bool:
        """Whether names and ids are GraphQL's."""
        return self.dialect is Dialect.GRAPHQL

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What to bind, in the order of the numbers in the text."""
        return tuple(parameter for _, parameter in self._parameters.values())

    def bind(self, parameter: Parameter, sql_type: str) -> str:
        """The text that stands for a value, e.g. `$3::uuid`; the same value and type share one parameter."""
        key = (repr(parameter), sql_type)
        number, _ = self._parameters.setdefault(key, (len(self._parameters) + 1, parameter))
        return f"${number}::{sql_type}"

    def context(self, name: Context) -> str:
        """The text that stands for a value of the context."""
        return self.bind(name, _CONTEXT_TYPES[name])

    def row(self, resource: Resource, params: Mapping[str, Slot] | None = None) -> Row:
        """A new occurrence of a resource, with an alias of its own."""
        return Row(resource, self.alias(), params or {})

    def alias(self) -> str:
        """A name for a row source that no other has."""
        self._aliases += 1
        return f"r{self._aliases}"

    def fill(self, fragment: str, row: Row, **more: str) -> str:
        """A declared fragment with its placeholders filled in; only those it names are bound."""
        return fragment.format_map(_Placeholders(self, row, {"row": row.alias, **more}))

    def param(self, row: Row, name: str) -> str:
        """An argument of the row's resource: as given, or its default."""
        declared = row.resource.params[name]
        given = row.params.get(name)
        if given is None and declared.required:
            raise refuse("invalid_parameter", f"{name} is required.", pointer=f"/{name}")
        return self.bind(Constant(declared.default) if given is None else given, field_type(declared.type).sql)


class _Placeholders(dict[str, str]):
    def __init__(self, statement: Statement, row: Row, known: Mapping[str, str]) -> None:
        super().__init__(known)
        self._statement = statement
        self._row = row

    def __missing__(self, name: str) -> str:
        if name in self._row.resource.params:
            return self._statement.param(self._row, name)
        if name == "sees_all":
            return str(self._statement.signature.sees_all_rows).lower()
        return self._statement.context(Context(name))
