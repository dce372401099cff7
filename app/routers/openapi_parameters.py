"""The parameters of requests in the OpenAPI description: headers, paths, lists with their filters."""

from __future__ import annotations

from typing import Any

from app.domain.kernel.resource import Resource
from app.reading.field_types import FieldType, Kind, enum_values, field_type
from app.reading.filters import FilterSpec, filter_specs
from app.routers.wording import filter_text

ID = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "Identifier of the object.",
    "schema": {"type": "string", "format": "uuid"},
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag that was read: the version that is meant.",
    "schema": {"type": "string", "examples": ['"1"']},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that is known already; the answer is 304 while it is the current one.",
    "schema": {"type": "string", "examples": ['"1"']},
}


def idempotency_key(*, required: bool) -> dict[str, Any]:
    """The header that makes a call repeatable."""
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": required,
        "description": "Unique per intent; a repeated call answers as the first and has no second effect.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    }


def list_parameters(resource: Resource) -> list[dict[str, Any]]:
    """What a list takes: paging, order, search, filters, arguments, selection."""
    found = [
        query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "Rows per page."),
        query("cursor", {"type": "string", "maxLength": 4000}, "`next_cursor` of the page before."),
        query("count", {"type": "string", "enum": ["exact", "estimated"]}, "Also count all rows."),
    ]
    sorts = [sign + name for name in (*resource.sorts, "id") for sign in ("", "-")]
    found.append(
        query(
            "sort",
            {"type": "array", "items": {"type": "string", "enum": sorts}},
            "Order; `-` is descending. A missing value counts as the greatest.",
        )
        | {"style": "form", "explode": False}
    )
    if resource.search:
        found.append(query("q", {"type": "string", "maxLength": 200}, f"Text in {', '.join(resource.search)}."))
    for spec in filter_specs(resource).values():
        found += _filter_parameters(spec)
    for name, param in resource.params.items():
        schema = type_schema(field_type(param.type))
        found.append(query(name, schema, param.description) | {"required": param.required})
    return found + selection_parameters(resource)


def selection_parameters(resource: Resource) -> list[dict[str, Any]]:
    """Which links and fields an answer has."""
    found = []
    if resource.links:
        links = {"type": "array", "items": {"type": "string", "enum": sorted(resource.links)}}
        found.append(query("include", links, "Linked objects to put in.") | {"style": "form", "explode": False})
    fields = {"type": "array", "items": {"type": "string", "enum": sorted(resource.view.model_fields)}}
    only = "Only these fields and `id`; the others are absent then, required or not."
    found.append(query("fields", fields, only) | {"style": "form", "explode": False})
    return found


def _filter_parameters(spec: FilterSpec) -> list[dict[str, Any]]:
    schema = type_schema(spec.type)
    found = []
    for op in spec.operators:
        if op == "eq" and "in" in spec.operators:
            found.append(
                query(
                    spec.name,
                    {"type": "array", "items": schema},
                    f"{filter_text(spec.name, spec.description)} Repeat it for one of several.",
                )
            )
        elif op == "eq":
            found.append(query(spec.name, schema, filter_text(spec.name, spec.description)))
        elif op == "is_null":
            text = filter_text(spec.name, spec.description, op)
            found.append(query(f"{spec.name}.is_null", {"type": "boolean"}, text))
        elif op != "in":
            found.append(query(f"{spec.name}.{op}", schema, filter_text(spec.name, spec.description, op)))
    return found


def query(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    """An optional parameter of the query."""
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def path_text(name: str, description: str) -> dict[str, Any]:
    """A text in the path."""
    schema = {"type": "string", "minLength": 1, "maxLength": 200}
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


def type_schema(type_: FieldType) -> dict[str, Any]:
    """The schema of one value of a filter or argument."""
    if type_.kind is Kind.LIST and type_.item is not None:
        return {"type": "array", "items": type_schema(type_.item)}
    if type_.kind is Kind.ENUM:
        return {"type": "string", "enum": list(enum_values(type_))}
    return dict(_VALUE_SCHEMAS[type_.kind])


_DECIMAL = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
_VALUE_SCHEMAS: dict[Kind, dict[str, Any]] = {
    Kind.UUID: {"type": "string", "format": "uuid"},
    Kind.TEXT: {"type": "string", "maxLength": 1000},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DECIMAL: _DECIMAL,
    Kind.MONEY: _DECIMAL,
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.INSTANT: {"type": "string", "format": "date-time"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
}
