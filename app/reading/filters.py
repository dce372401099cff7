"""Declared filters: which there are, and how parameters of REST or inputs of GraphQL become conditions with values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

from app.domain.kernel.errors import refuse
from app.domain.kernel.resource import Filter, Resource
from app.reading.field_types import FieldType, Kind, field_type, fields_of
from app.reading.request import Condition, Slot
from app.reading.values import parse

MAX_VALUES = 200
"""Most values of one `in`."""
MAX_SEARCH_LENGTH = 200

_EQUAL = ("eq", "in")
_ORDERED = (*_EQUAL, "gt", "gte", "lt", "lte")
OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    Kind.UUID: _EQUAL,
    Kind.ENUM: _EQUAL,
    Kind.TEXT: _EQUAL,
    Kind.BOOLEAN: ("eq",),
    Kind.DECIMAL: _ORDERED,
    Kind.MONEY: _ORDERED,
    Kind.DATE: _ORDERED,
    Kind.INSTANT: _ORDERED,
    Kind.INTEGER: _ORDERED,
    Kind.NUMBER: _ORDERED,
}
"""What a filter can do by the kind of its values; fields that may be null have `is_null` as well."""


@dataclass(frozen=True)
class FilterSpec:
    """One filter of a resource, as both surfaces describe it. `type` is of one value, also for `in`."""

    name: str
    type: FieldType
    operators: tuple[str, ...]
    description: str


@lru_cache(maxsize=1024)
def filter_specs(resource: Resource) -> Mapping[str, FilterSpec]:
    """The filters of a resource by name, in declared order."""
    return {spec.name: spec for spec in (_spec(resource, declared) for declared in resource.filters)}


def takes_many(declared: Filter) -> bool:
    """Whether a filter's SQL wants an array of values."""
    return "any({value})" in declared.sql or "unnest({value})" in declared.sql


def value_type(declared: Filter) -> FieldType:
    """The type of one value of a declared filter, which may be declared as a list of them."""
    type_ = field_type(declared.type)
    return type_.item if type_.kind is Kind.LIST and type_.item is not None else type_


def _spec(resource: Resource, declared: str | Filter) -> FilterSpec:
    if isinstance(declared, Filter):
        only = "in" if takes_many(declared) else "eq"
        return FilterSpec(declared.name, value_type(declared), (only,), declared.description)
    fields = fields_of(resource.view)
    if declared not in fields or fields[declared].kind not in OPERATORS:
        raise RuntimeError(f"{resource.name}: {declared!r} is no field that can be filtered; declare a Filter")
    type_ = fields[declared]
    operators = (*OPERATORS[type_.kind], "is_null") if type_.nullable or type_.pay else OPERATORS[type_.kind]
    return FilterSpec(declared, type_, operators, resource.view.model_fields[declared].description or "")


class Values(list[Any]):
    """Gathers the values of a request."""

    def add(self, value: Any) -> Slot:
        """Keep a value; the slot stands for it."""
        self.append(value)
        return Slot(len(self) - 1)


def condition(spec: FilterSpec, operator: str, value: Any, values: Values, pointer: str) -> Condition:
    """One condition; its value is checked and put into a slot. A list is taken where the operator is `in`.

    Raises:
        DomainError: `invalid_parameter` at `pointer`.
    """
    if operator not in spec.operators:
        known = ", ".join(spec.operators)
        raise refuse("invalid_parameter", f"{spec.name} knows the operators {known}.", pointer=pointer)
    if operator == "is_null":
        return Condition(spec.name, operator, values.add(parse(_BOOLEAN, value, pointer)))
    if operator != "in":
        return Condition(spec.name, operator, values.add(parse(spec.type, value, pointer)))
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MAX_VALUES:
        raise refuse("invalid_parameter", f"{spec.name} takes a list of at most {MAX_VALUES} values.", pointer=pointer)
    return Condition(spec.name, operator, values.add([parse(spec.type, one, pointer) for one in value]))


def conditions_from_mapping(
    resource: Resource, given: Mapping[str, Mapping[str, Any]], values: Values, *, pointer: str = "/filter"
) -> tuple[Condition, ...]:
    """Conditions of a filter input such as `{"amount": {"gte": Decimal("10")}}`, names in snake case.

    An operator whose value is None was not asked for. Values may be parsed already or be texts.
    """
    specs = filter_specs(resource)
    found = []
    for name, operators in given.items():
        spec = specs.get(name)
        if spec is None:
            raise refuse("unknown_parameter", f"There is no filter {name!r}.", pointer=f"{pointer}/{name}")
        found += [
            condition(spec, operator, value, values, f"{pointer}/{name}/{operator}")
            for operator, value in operators.items()
            if value is not None
        ]
    return in_order(found)


def in_order(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    """The same conditions in one fixed order, so that equal questions have equal shapes."""
    return tuple(sorted(conditions, key=attrgetter("filter", "op")))


_BOOLEAN = FieldType(Kind.BOOLEAN)


def search_pattern(text: str, *, pointer: str = "/q") -> str:
    """The pattern that finds a text anywhere, whatever characters it has."""
    if not text or len(text) > MAX_SEARCH_LENGTH or "\0" in text:
        raise refuse("invalid_parameter", f"q takes 1 to {MAX_SEARCH_LENGTH} characters.", pointer=pointer)
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
