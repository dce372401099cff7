"""From Python annotations to GraphQL types: scalars, enums, nested values and their input counterparts.

A type is written as an expression over a namespace of ours (`list[PlanState]`, `Optional[Money]`), which strawberry
evaluates when the schema is built; so types may refer to each other in any order.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from keyword import iskeyword
from typing import Annotated, Any, Literal, Optional, Union, cast, get_args, get_origin
from uuid import UUID

import strawberry
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from app.domain.kernel.resource import PayMark
from app.graphql.naming import camel, enum_name
from app.graphql.scalars import NAMES
from app.reading.field_types import FieldType, Kind, value_type_name

_LEAVES: Mapping[type, str] = {
    UUID: "UUID",
    Decimal: "Decimal",
    datetime: "DateTime",
    date: "Date",
    bool: "Boolean",
    int: "Int",
    float: "Float",
    str: "String",
}

_KINDS: Mapping[Kind, str] = {
    Kind.UUID: "UUID",
    Kind.DECIMAL: "Decimal",
    Kind.MONEY: "Decimal",
    Kind.DATE: "Date",
    Kind.INSTANT: "DateTime",
    Kind.TEXT: "String",
    Kind.BOOLEAN: "Boolean",
    Kind.INTEGER: "Int",
    Kind.NUMBER: "Float",
}


@dataclass(frozen=True)
class Member:
    """A field of an output type: its name for the engine, and what stands behind it.

    `type` names the object type to select in (empty for a leaf); `resource` the resource of a connection or of a
    linked object, `connection` which of both.
    """

    name: str
    type: str = ""
    resource: str = ""
    connection: bool = False


@dataclass(frozen=True)
class InputMember:
    """A field of a command's input: its name in the body, and the input type behind it (empty for a leaf)."""

    name: str
    type: str = ""


@dataclass
class Types:
    """Everything published so far.

    `names` is the namespace of type expressions, `members` the fields of each output type and `inputs` of each input
    type, by their GraphQL names; `sorts` the enums of sorts.
    """

    names: dict[str, Any] = field(default_factory=lambda: {**NAMES, "Optional": Optional, "list": list})
    members: dict[str, dict[str, Member]] = field(default_factory=dict)
    inputs: dict[str, dict[str, InputMember]] = field(default_factory=dict)
    sorts: set[str] = field(default_factory=set)
    _made_from: dict[str, object] = field(default_factory=dict)

    # -- building blocks -----------------------------------------------------------------------------------------

    def field(
        self, name: str, expression: str, description: str = "", arguments: Sequence[StrawberryArgument] = ()
    ) -> StrawberryField:
        """A field without a resolver of its own."""
        made = StrawberryField(
            python_name=f"{name}_" if iskeyword(name) else name,
            graphql_name=name,
            type_annotation=StrawberryAnnotation(expression, namespace=self.names),
            description=_clean(description),
        )
        made.arguments = list(arguments)
        return made

    def argument(
        self, name: str, expression: str, description: str = "", default: object = strawberry.UNSET
    ) -> StrawberryArgument:
        """An argument; without a default it is absent unless given."""
        annotation = StrawberryAnnotation(expression, namespace=self.names)
        return StrawberryArgument(name, name, annotation, description=_clean(description), default=default)

    def define(self, name: str, fields: Iterable[StrawberryField], description: str = "", base: type = object) -> Any:
        """An output type."""
        return self._define(strawberry.type, name, list(fields), description, base)

    def define_input(self, name: str, fields: Iterable[StrawberryField], description: str = "") -> Any:
        """An input type."""
        return self._define(strawberry.input, name, list(fields), description, object)

    def _define(
        self, decorate: Callable[..., Any], name: str, fields: list[StrawberryField], description: str, base: type
    ) -> Any:
        if name in self.names:
            raise RuntimeError(f"two GraphQL types would be called {name}")
        annotations = {made.python_name: made.type_annotation for made in fields}
        bases = () if base is object else (base,)
        plain_class = type(name, bases, {made.python_name: made for made in fields} | {"__module__": __name__})
        defined = decorate(plain_class, name=name, description=_clean(description))
        for made in defined.__strawberry_definition__.fields:
            # The dataclass machinery replaced the annotation by one without our namespace.
            made.type_annotation = annotations.get(made.python_name, made.type_annotation)
        self.names[name] = defined
        return defined

    def new(self, name: str, source: object) -> bool:
        """Whether the type has to be made; the same name from two different sources is refused."""
        if (known := self._made_from.setdefault(name, source)) is not source:
            raise RuntimeError(f"the GraphQL type {name} would mean both {known!r} and {source!r}")
        return name not in self.names

    # -- what annotations mean -----------------------------------------------------------------------------------

    def output(self, info: FieldInfo) -> tuple[str, str]:
        """The type expression of a view's field, and the object type in it, if any. Pay may always be withheld."""
        bare, nullable = plain(info.annotation)
        withheld = any(isinstance(mark, PayMark) for mark in (*info.metadata, *_marks(info.annotation)))
        expression, inner = self._expression(bare, self.value)
        return (f"Optional[{expression}]" if nullable or withheld else expression), inner

    def input(self, info: FieldInfo) -> tuple[str, str]:
        """The type expression of a command's field, and the input type in it, if any."""
        bare, nullable = plain(info.annotation)
        expression, inner = self._expression(bare, self.body)
        return (f"Optional[{expression}]" if nullable or not info.is_required() else expression), inner

    def leaf_of(self, type_: FieldType) -> str:
        """The name of the scalar or enum that the reading engine's type is in GraphQL."""
        if type_.kind is Kind.ENUM and type_.of is not None:
            return self.enum(type_.of)
        return _KINDS.get(type_.kind, "JSON")

    def parameter(self, type_: FieldType) -> str:
        """The type expression of a report's argument."""
        if type_.kind is Kind.LIST and type_.item is not None:
            return f"list[{self.leaf_of(type_.item)}]"
        return self.leaf_of(type_)

    def _expression(self, bare: Any, model: Any) -> tuple[str, str]:
        origin = get_origin(bare)
        if origin in (list, tuple, set, frozenset) and get_args(bare):
            item, nullable = plain(get_args(bare)[0])
            expression, inner = self._expression(item, model)
            return f"list[{f'Optional[{expression}]' if nullable else expression}]", inner
        if origin is Literal and all(isinstance(choice, str) for choice in get_args(bare)):
            return "String", ""
        if not isinstance(bare, type):
            return "JSON", ""
        if issubclass(bare, BaseModel):
            name = model(bare)
            return name, "" if name == "JSON" else name
        if issubclass(bare, Enum):
            return self.enum(bare), ""
        return next((name for leaf, name in _LEAVES.items() if issubclass(bare, leaf)), "JSON"), ""

    def enum(self, source: type[Enum]) -> str:
        """An enum with upper case names; the domain's class stays untouched."""
        name = source.__name__
        if self.new(name, source):
            values = {enum_name(str(member.value)): str(member.value) for member in source}
            # A subclass without a docstring of its own has that of StrEnum, which says nothing here.
            own = source.__doc__ if source.__doc__ != source.__mro__[1].__doc__ else None
            self.names[name] = strawberry.enum(_enum(name, values), name=name, description=_clean(own))
        return name

    def choices(self, name: str, values: Mapping[str, str], description: str) -> str:
        """An enum made of names and values."""
        self.names[name] = strawberry.enum(_enum(name, values), name=name, description=description)
        return name

    def value(self, view: type[BaseModel]) -> str:
        """A nested object."""
        name = value_type_name(view)
        if self.new(name, view):
            members = self.members[name] = {}
            fields = []
            self.names[name] = None  # A view may contain itself.
            for key, info in view.model_fields.items():
                expression, inner = self.output(info)
                members[camel(key)] = Member(key, inner)
                fields.append(self.field(camel(key), expression, info.description or ""))
            del self.names[name]
            self.define(name, fields, view.__doc__ or "")
        return name

    def body(self, model: type[BaseModel]) -> str:
        """A nested input object."""
        name = f"{model.__name__.removesuffix('Input')}Input"
        if self.new(name, model):
            self.names[name] = None
            fields = list(self.input_fields(name, model))
            del self.names[name]
            self.define_input(name, fields, model.__doc__ or "")
        return name

    def input_fields(self, name: str, model: type[BaseModel]) -> Iterator[StrawberryField]:
        """The fields of a model as fields of the input type `name`."""
        members = self.inputs.setdefault(name, {})
        for key, info in model.model_fields.items():
            expression, inner = self.input(info)
            members[camel(key)] = InputMember(key, inner)
            yield self._input_field(camel(key), expression, info.description or "")

    def _input_field(self, name: str, expression: str, description: str) -> StrawberryField:
        made = self.field(name, expression, description)
        if expression.startswith("Optional["):
            made.default = made.default_value = strawberry.UNSET
        return made

    def optional(self, name: str, expression: str, description: str = "") -> StrawberryField:
        """An input field that may be left out."""
        return self._input_field(name, f"Optional[{expression}]", description)


def plain(annotation: Any) -> tuple[Any, bool]:
    """The annotation without `Annotated` and `None`, and whether `None` was in it. A wider union stays itself."""
    nullable = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            members = [member for member in get_args(annotation) if member is not type(None)]
            nullable = nullable or len(members) < len(get_args(annotation))
            if len(members) != 1:
                return Any, nullable
            annotation = members[0]
        else:
            return annotation, nullable


def _marks(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from annotation.__metadata__
    for inner in get_args(annotation):
        yield from _marks(inner)


def _clean(text: str | None) -> str | None:
    return " ".join(text.split()) or None if text else None


def _enum(name: str, values: Mapping[str, str]) -> type[Enum]:
    functional: Any = Enum
    return cast("type[Enum]", functional(name, dict(values)))
