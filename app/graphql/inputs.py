"""The input types: filters and sorts of a resource, and one input for each command."""

from __future__ import annotations

from typing import Any

from app.domain.kernel.command import CommandSpec, Kind
from app.domain.kernel.resource import Resource
from app.graphql.naming import camel, pascal, sort_name
from app.graphql.types import Types
from app.reading.filters import OPERATORS, FilterSpec, filter_specs

ID, IF_MATCH, IDEMPOTENCY_KEY = "id", "ifMatch", "idempotencyKey"
"""The fields of a command's input that are not part of its body."""

_DESCRIBED = {
    "eq": "Equal to this.",
    "in": "One of these.",
    "gt": "After or above this.",
    "gte": "This, after or above it.",
    "lt": "Before or below this.",
    "lte": "This, before or below it.",
    "is_null": "Whether it is absent.",
}


def filter_input(types: Types, resource: Resource) -> str:
    """The filter input of a resource, empty when it has no filters."""
    name = f"{resource.type_name}Filter"
    if name not in types.names:
        fields = [
            types.optional(camel(spec.name), _operators(types, spec), spec.description)
            for spec in filter_specs(resource).values()
        ]
        if not fields:
            return ""
        types.define_input(name, fields, f"Conditions on {resource.plural.replace('_', ' ')}; all must hold.")
    return name


def _operators(types: Types, spec: FilterSpec) -> str:
    """The input with the operators of a filter: `DateFilter`, `NullableDateFilter`, or `DateEqFilter` for a few."""
    leaf, ops = types.leaf_of(spec.type), spec.operators
    usual = OPERATORS.get(spec.type.kind, ())
    if ops == usual:
        name = f"{leaf}Filter"
    elif ops == (*usual, "is_null"):
        name = f"Nullable{leaf}Filter"
    else:
        name = f"{leaf}{pascal('_'.join(ops))}Filter"
    if name not in types.names:
        fields = [
            types.optional(
                camel(op), f"list[{leaf}]" if op == "in" else "Boolean" if op == "is_null" else leaf, _DESCRIBED[op]
            )
            for op in ops
        ]
        types.define_input(name, fields, f"Conditions on a value of type {leaf}; all must hold.")
    return name


def sort_input(types: Types, resource: Resource) -> str:
    """The enum of a resource's sorts."""
    name = f"{resource.type_name}Sort"
    if name not in types.names:
        keys = dict.fromkeys((*resource.sorts, "id"))
        values = {sort_name(sort): sort for key in keys for sort in (key, f"-{key}")}
        types.sorts.add(name)
        types.choices(name, values, f"Orders of {resource.plural.replace('_', ' ')}.")
    return name


def command_input(types: Types, spec: CommandSpec, resource: Resource) -> str:
    """The input of a command: its body's fields, and what REST has in the path and the headers."""
    name = f"{pascal(spec.name)}Input"
    fields: list[Any] = []
    if spec.kind not in (Kind.CREATE, Kind.COLLECTION):
        fields.append(types.field(ID, "ID", f"The {resource.name.replace('_', ' ')} it is about."))
        if resource.versioned and not spec.unversioned:
            text = "The `version` that was read; refused with `stale_version` when it is no longer the current one."
            fields.append(types.optional(IF_MATCH, "String", text))
    fields += types.input_fields(name, spec.body)
    needed = " This mutation needs it." if spec.key_required else ""
    text = f"A unique value, the same on a retry, so that it happens once.{needed}"
    fields.append(types.optional(IDEMPOTENCY_KEY, "String", text))
    if len({field.python_name for field in fields}) != len(fields):
        raise RuntimeError(f"{spec.name}: a field of the body is called {ID}, {IF_MATCH} or {IDEMPOTENCY_KEY}")
    types.define_input(name, fields, spec.description)
    return name
