"""What the annotations of a view mean to the engine: how a value is stored, shown, filtered and sorted."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from functools import lru_cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel

from app.domain.kernel.money import Money
from app.domain.kernel.resource import AllowedAction, PayMark


class Kind(StrEnum):
    """Families of values that are treated alike."""

    UUID = "uuid"
    ENUM = "enum"
    DECIMAL = "decimal"
    MONEY = "money"
    DATE = "date"
    INSTANT = "instant"
    TEXT = "text"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    ACTIONS = "actions"
    OBJECT = "object"
    LIST = "list"
    JSON = "json"


SQL_TYPES: Mapping[Kind, str] = {
    Kind.UUID: "uuid",
    Kind.ENUM: "text",
    Kind.DECIMAL: "numeric",
    Kind.MONEY: "numeric",
    Kind.DATE: "date",
    Kind.INSTANT: "timestamptz",
    Kind.TEXT: "text",
    Kind.BOOLEAN: "boolean",
    Kind.INTEGER: "bigint",
    Kind.NUMBER: "double precision",
}
"""How values are cast in SQL; kinds that are missing here can be neither filtered nor sorted."""

_SIMPLE: tuple[tuple[type, Kind], ...] = (
    (Enum, Kind.ENUM),
    (UUID, Kind.UUID),
    (Decimal, Kind.DECIMAL),
    (datetime, Kind.INSTANT),
    (date, Kind.DATE),
    (bool, Kind.BOOLEAN),
    (int, Kind.INTEGER),
    (float, Kind.NUMBER),
    (str, Kind.TEXT),
    (Money, Kind.MONEY),
    (BaseModel, Kind.OBJECT),
)


@dataclass(frozen=True)
class FieldType:
    """The type of a field. `of` is the enum or model class; `item` is the type of a list's items."""

    kind: Kind
    nullable: bool = False
    of: type | None = None
    item: FieldType | None = None
    pay: bool = False

    @property
    def sql(self) -> str:
        """The SQL type its values are bound as."""
        if self.kind is Kind.LIST and self.item is not None:
            return f"{self.item.sql}[]"
        return SQL_TYPES[self.kind]


@lru_cache(maxsize=4096)
def field_type(annotation: Any) -> FieldType:
    """Classify an annotation such as `Amount | None` or `list[Step]`."""
    nullable = pay = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *marks = get_args(annotation)
            pay = pay or any(isinstance(mark, PayMark) for mark in marks)
        elif origin in (Union, types.UnionType):
            given = get_args(annotation)
            present = [option for option in given if option is not type(None)]
            nullable = nullable or len(present) < len(given)
            if len(present) != 1:
                return FieldType(Kind.JSON, nullable, pay=pay)
            annotation = present[0]
        else:
            break
    kind, of, item = _plain(annotation, origin)
    return FieldType(kind, nullable, of, item, pay)


def _plain(annotation: Any, origin: Any) -> tuple[Kind, type | None, FieldType | None]:
    if origin in (list, tuple, set, frozenset):
        item = field_type(get_args(annotation)[0])
        return (Kind.ACTIONS if item.of is AllowedAction else Kind.LIST), None, item
    if origin is Literal:
        return Kind.TEXT, None, None
    if isinstance(annotation, type):
        for base, kind in _SIMPLE:
            if issubclass(annotation, base):
                return kind, (annotation if issubclass(annotation, Enum | BaseModel) else None), None
    return Kind.JSON, None, None


@lru_cache(maxsize=1024)
def fields_of(model: type[BaseModel]) -> Mapping[str, FieldType]:
    """The fields of a view by name, in the order they are shown."""
    return dict(_fields(model))


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldType]]:
    for name, info in model.model_fields.items():
        annotation: Any = info.annotation
        yield name, field_type(Annotated[annotation, *info.metadata] if info.metadata else annotation)


def enum_values(type_: FieldType) -> tuple[str, ...]:
    """The values an enum field can have."""
    return tuple(str(member.value) for member in type_.of) if type_.kind is Kind.ENUM else ()  # type: ignore[union-attr]


def value_type_name(model: type[BaseModel]) -> str:
    """The name in GraphQL of an object that is a field's value: `StepView` is `Step`."""
    return model.__name__.removesuffix("View")
