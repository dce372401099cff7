"""Bodies made from the contracts themselves, so that a test of every command needs no list of commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, GraphQLNonNull, GraphQLSchema
from pydantic import BaseModel

from app.domain.kernel.command import CommandSpec
from app.graphql.naming import camel, enum_name, pascal

NOBODY = "00000000-0000-7000-8000-000000000000"
"""An id that nothing has."""

Ids = Mapping[str, str]
Path = tuple[str | int, ...]


def body_of(spec: CommandSpec, ids: Ids | None = None, *, full: bool = False) -> dict[str, Any]:
    """A body the command's contract accepts; `ids` are used for fields such as `account_id`. `full`: every field."""
    schema = schema_of(spec.body)
    made: dict[str, Any] = _value(schema, schema, "", ids or {}, full)
    return made


@cache
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a body."""
    return model.model_json_schema()


def leaves(model: type[BaseModel], body: Any) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every scalar in a body with its schema."""
    schema = schema_of(model)
    yield from _leaves(schema, schema, body, ())


def changed(body: Any, path: Path, value: Any) -> Any:
    """The body with another value at a path."""
    if not path:
        return value
    head, rest = path[0], path[1:]
    if isinstance(body, list):
        return [changed(item, rest, value) if n == head else item for n, item in enumerate(body)]
    return {**body, head: changed(body.get(head), rest, value)}


def objects(body: Any, path: Path = ()) -> Iterator[Path]:
    """Every object in a body."""
    if isinstance(body, dict):
        yield path
        for key, value in body.items():
            yield from objects(value, (*path, key))
    elif isinstance(body, list):
        for n, value in enumerate(body):
            yield from objects(value, (*path, n))


def is_decimal(schema: Mapping[str, Any]) -> bool:
    """Whether a leaf is an exact number."""
    return "d+" in str(schema.get("pattern", "")) and schema.get("maxLength") == 32


def resolve(root: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema without `$ref` and without null."""
    while True:
        if "$ref" in schema:
            kept = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**root["$defs"][schema["$ref"].rpartition("/")[2]], **kept}
        elif choices := [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]:
            kept = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
            schema = {**choices[0], **kept}
        else:
            return dict(schema)


def _value(root: Mapping[str, Any], schema: Mapping[str, Any], name: str, ids: Ids, full: bool) -> Any:
    schema = resolve(root, schema)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object" if "properties" in schema:
            wanted = schema["properties"] if full else schema.get("required", ())
            return {key: _value(root, schema["properties"][key], key, ids, full) for key in wanted}
        case "object":
            return {}
        case "array":
            count = max(schema.get("minItems", 0), 1 if full else 0)
            return [_value(root, schema["items"], name.removesuffix("s"), ids, full) for _ in range(count)]
        case "integer":
            return schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return False
        case _:
            return _text(schema, name, ids)


def _text(schema: Mapping[str, Any], name: str, ids: Ids) -> str:
    match schema.get("format"):
        case "uuid":
            return ids.get(name.removesuffix("_id"), NOBODY)
        case "date":
            return "2026-02-01"
        case "date-time":
            return "2026-02-01T12:00:00Z"
    if examples := schema.get("examples"):
        return str(examples[0])
    return "Words"[: schema.get("maxLength", 5)]


def _leaves(root: Mapping[str, Any], schema: Mapping[str, Any], value: Any, path: Path) -> Any:
    schema = resolve(root, schema)
    if isinstance(value, dict):
        for key, item in value.items():
            if key in schema.get("properties", {}):
                yield from _leaves(root, schema["properties"][key], item, (*path, key))
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from _leaves(root, schema["items"], item, (*path, n))
    else:
        yield path, schema


def mutation_of(schema: GraphQLSchema, spec: CommandSpec, body: Any, **more: Any) -> dict[str, Any]:
    """The request whose mutation means what the body means on REST; `more` are `id`, `ifMatch` and the like."""
    type_name = f"{pascal(spec.name)}Input"
    given = {**more, **_input(schema.type_map[type_name], body)}
    name = camel(spec.name)
    return {
        "query": f"mutation($i: {type_name}!) {{ {name}(input: $i) {{ __typename }} }}",
        "variables": {"i": given},
    }


def _input(type_: Any, value: Any) -> Any:
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if isinstance(type_, GraphQLList):
        return [_input(type_.of_type, item) for item in value]
    if isinstance(type_, GraphQLEnumType) and isinstance(value, str):
        return enum_name(value)
    if isinstance(type_, GraphQLInputObjectType) and isinstance(value, dict):
        return {camel(key): _input(type_.fields[camel(key)].type, item) for key, item in value.items()}
    return value
