"""Mutations: each command in its own transaction, one after the other, its answer read as the document selects it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
from graphql import FieldNode, GraphQLEnumType, OperationDefinitionNode, SelectionSetNode, get_named_type

from app.domain.kernel.command import CommandSpec, Kind
from app.domain.kernel.errors import refuse
from app.domain.kernel.money import plain as decimal_text
from app.domain.kernel.scope import Actor
from app.graphql.errors import error_of
from app.graphql.inputs import ID, IDEMPOTENCY_KEY, IF_MATCH
from app.graphql.limits import Limits, check_cost, cost
from app.graphql.naming import camel, enum_name, global_id, id_of, pascal
from app.graphql.plan import Planner
from app.graphql.schema import Published
from app.graphql.types import InputMember
from app.operations import Answer, Ask, Operations, parse
from app.reading.request import Dialect, Node, Root

_ID_ONLY = (Node("id", "id"),)
_VERSION = re.compile(r'(?:W/)?"?(\d{1,9})(?:-[0-9a-f]{12})?"?')


async def perform_all(
    planner: Planner, operation: OperationDefinitionNode, actor: Actor, operations: Operations, limits: Limits
) -> bytes:
    """The answer to a mutation document. A refused field is null and has its error; those after it still run."""
    parts: list[bytes] = []
    errors: list[dict[str, Any]] = []
    for key, fields in planner.collect([operation.selection_set], "Mutation").items():
        try:
            answer = await _perform(planner, fields, actor, operations, limits)
        except Exception as error:
            answer = b"null"
            errors.append(error_of(error, [key]))
        parts.append(orjson.dumps(key) + b":" + answer)
    listed = b',"errors":' + orjson.dumps(errors) if errors else b""
    return b'{"data":{' + b",".join(parts) + b"}" + listed + b"}"


async def _perform(
    planner: Planner, fields: Sequence[FieldNode], actor: Actor, operations: Operations, limits: Limits
) -> bytes:
    name = fields[0].name.value
    if name == "__typename":
        return b'"Mutation"'
    published = planner.published
    spec = published.commands[name]
    given = planner.arguments("Mutation", fields[0])["input"]
    sets = [field.selection_set for field in fields if field.selection_set]
    ask = ask_for(published, spec, given)
    if name in published.results:
        answer = await operations.perform(actor, ask)
        return _project(planner, spec, published.results[name], sets, answer)
    return await _stored(planner, spec, ask, sets, actor, operations, limits)


def ask_for(published: Published, spec: CommandSpec, given: Mapping[str, Any]) -> Ask:
    """The call a mutation's input means. Only what the caller set is in the body, so absent stays absent."""
    apart = {ID, IF_MATCH, IDEMPOTENCY_KEY} - set(published.inputs[f"{pascal(spec.name)}Input"])
    said = {key: value for key, value in given.items() if key not in apart}
    body = _body(published.inputs, f"{pascal(spec.name)}Input", said)
    return Ask(
        spec,
        parse(spec.body, orjson.dumps(body)),
        id=id_of(spec.resource, given[ID], "/id") if ID in apart and ID in given else None,
        dialect=Dialect.GRAPHQL,
        if_match=_version(given.get(IF_MATCH)),
        idempotency_key=given.get(IDEMPOTENCY_KEY),
    )


async def _stored(
    planner: Planner,
    spec: CommandSpec,
    ask: Ask,
    sets: Sequence[SelectionSetNode],
    actor: Actor,
    operations: Operations,
    limits: Limits,
) -> bytes:
    """Perform, and answer with the stored object as the document selects it."""
    resource = planner.published.catalogue.resources[spec.answers]
    subject = planner.slot(ask.id, lambda value: value)
    selection = planner.select(sets, resource.type_name)
    plan = planner.plan([Root("answer", resource.name, selection, id=subject)])
    roots, values = plan.bind({}, operations.reader.cursors)
    check_cost(cost(roots, values), limits)
    whole = len(values) == subject.index + 1
    answer = await operations.perform(actor, replace(ask, selection=roots[0].selection if whole else _ID_ONLY))
    if whole and not answer.replayed:
        # Performed, but its result is no longer visible to the actor: only the bare id is told, in REST's form.
        return b"null" if answer.body == orjson.dumps({"id": str(answer.id)}) else answer.body
    # A list in the selection has arguments, and a replayed answer may have been selected differently: read it again.
    values[subject.index] = answer.id
    compiled = operations.reader.compiled(roots, Dialect.GRAPHQL, actor, bare=True)
    return await operations.reader.run(compiled, actor, values) or b"null"


def _project(
    planner: Planner, spec: CommandSpec, type_name: str, sets: Sequence[SelectionSetNode], answer: Answer
) -> bytes:
    """What a handler answered itself, cut to the selection."""
    value = {"id": global_id(spec.resource, str(answer.id))} if spec.kind is Kind.DELETE else orjson.loads(answer.body)
    return orjson.dumps(_cut(planner, value, planner.select(sets, type_name), type_name))


def _cut(planner: Planner, value: Any, nodes: Sequence[Node], type_name: str) -> Any:
    if isinstance(value, list):
        return [_cut(planner, item, nodes, type_name) for item in value]
    if value is None:
        return None
    shown = {}
    for node in nodes:
        if node.name == "__typename":
            shown[node.key] = type_name
            continue
        inner = planner.published.members[type_name][camel(node.name)].type
        item = value[node.name]
        parent: Any = planner.published.core.type_map[type_name]
        shown[node.key] = (
            _cut(planner, item, node.children, inner) if inner else _shown(item, parent.fields[camel(node.name)].type)
        )
    return shown


def _shown(item: Any, type_: Any) -> Any:
    """A leaf as GraphQL shows it: enums by their names."""
    if isinstance(item, list):
        return [_shown(one, type_) for one in item]
    return enum_name(item) if isinstance(get_named_type(type_), GraphQLEnumType) and item is not None else item


def _body(inputs: Mapping[str, Mapping[str, InputMember]], type_name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """A coerced input with the names and the plain values of the REST body."""
    members = inputs[type_name]
    return {members[key].name: _plain(inputs, members[key].type, value) for key, value in given.items()}


def _plain(inputs: Mapping[str, Mapping[str, InputMember]], type_name: str, value: Any) -> Any:
    match value:
        case list():
            return [_plain(inputs, type_name, item) for item in value]
        case dict():
            return _body(inputs, type_name, value) if type_name else value
        case Enum():
            return value.value
        case Decimal():
            return decimal_text(value)
        case UUID():
            return str(value)
        case date():
            return value.isoformat()
        case _:
            return value


def _version(text: Any) -> int | None:
    """The version in `ifMatch`: a number, or the ETag of REST."""
    if text is None:
        return None
    found = _VERSION.fullmatch(str(text).strip())
    if found is None:
        raise refuse("invalid_parameter", "`ifMatch` takes the `version` that was read.", pointer="/ifMatch")
    return int(found[1])
