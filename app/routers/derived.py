"""Every REST route that the catalogue implies: lists, objects, histories, commands, batches and upserts.

A route is one small function of a request. The gateway finds it by dictionary, FastAPI knows it as a route, and the
OpenAPI description is derived from the same table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2b
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from pydantic_core import to_json

from app.domain.kernel.command import CommandSpec, Kind
from app.domain.kernel.errors import DomainError, refuse
from app.domain.kernel.resource import Resource, View
from app.domain.kernel.scope import Tx
from app.exchange import JSON, Handler, Header, Incoming, Reply
from app.exchange import endpoint as as_endpoint
from app.operations import Answer, Ask, Operations, parse
from app.routers.problems import problem

_ETAG = re.compile(r'(?:W/)?"(\d{1,9})(?:-[0-9a-f]{12})?"')
_NEXT = re.compile(rb'"page":\{"next_cursor":"([A-Za-z0-9_-]+)"')
_MOST_ITEMS = 500


class Shape(StrEnum):
    """What kind of route it is."""

    LIST = "list"
    ONE = "one"
    COMMAND = "command"
    BATCH = "batch"
    UPSERT = "upsert"


@dataclass(frozen=True, eq=False)
class Endpoint:
    """One derived route."""

    operation_id: str
    method: str
    path: str
    handler: Handler
    shape: Shape
    description: str
    resource: Resource
    spec: CommandSpec | None = None
    of: Resource | None = None
    """Whose rows they belong to, where the route answers with rows of another resource."""


class BatchItem(View):
    """What became of one item of a batch."""

    index: int
    """Its place in the request, from 0."""
    status: int
    """The status it would have had alone."""
    id: UUID | None = None
    problem: dict[str, Any] | None = None


class BatchResult(View):
    """What became of a batch."""

    items: list[BatchItem]


def camel(name: str) -> str:
    """`submit_plan` as `submitPlan`."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def endpoints(operations: Operations) -> Iterator[Endpoint]:
    """The routes of every resource and command, in the order of the catalogue."""
    catalogue = operations.catalogue
    for resource in catalogue.resources.values():
        if resource.hidden:
            continue
        base, title = f"/v1/{resource.collection}", resource.type_name
        words = resource.name.replace("_", " ")
        many = camel(resource.plural)
        yield Endpoint(
            f"list{many[0].upper()}{many[1:]}",
            "GET",
            base,
            _list(operations, resource),
            Shape.LIST,
            resource.description,
            resource,
        )
        if "id" in resource.view.model_fields:
            one = _one(operations, resource)
            yield Endpoint(f"get{title}", "GET", base + "/{id}", one, Shape.ONE, f"One {words}.", resource)
        if resource.machine:
            yield Endpoint(
                f"list{title}Transitions",
                "GET",
                base + "/{id}/transitions",
                _history(operations, resource),
                Shape.LIST,
                f"The history of one {words}, oldest first.",
                catalogue.resources["transition"],
                of=resource,
            )
        for spec in catalogue.commands_of(resource.name):
            yield from _of_command(operations, resource, spec, base)


def router(found: list[Endpoint]) -> APIRouter:
    """The routes, so that FastAPI knows every path; they read the request and are described by ours."""
    made = APIRouter()
    for endpoint in found:
        made.add_route(
            endpoint.path,
            as_endpoint(endpoint.handler),
            methods=[endpoint.method],
            name=endpoint.operation_id,
            include_in_schema=False,
        )
    return made


def _of_command(operations: Operations, resource: Resource, spec: CommandSpec, base: str) -> Iterator[Endpoint]:
    def endpoint(method: str, path: str) -> Endpoint:
        handler = _command(operations, spec)
        return Endpoint(camel(spec.name), method, path, handler, Shape.COMMAND, spec.description, resource, spec)

    action = (spec.action or spec.name).replace("_", "-")
    match spec.kind:
        case Kind.UPDATE:
            yield endpoint("PATCH", base + "/{id}")
        case Kind.DELETE:
            yield endpoint("DELETE", base + "/{id}")
        case Kind.ACTION:
            yield endpoint("POST", f"{base}/{{id}}/{action}")
        case Kind.COLLECTION:
            yield endpoint("POST", f"{base}/{action}")
        case Kind.CREATE:
            yield endpoint("POST", base)
            if spec.key_required or spec.answers != resource.name:
                return
            batch = f"Many of {spec.name} at once; `atomic` for all or nothing, `partial` for each alone."
            yield Endpoint(
                f"batch{camel('x_' + spec.name)[1:]}",
                "POST",
                f"{base}:batch",
                _batch(operations, spec),
                Shape.BATCH,
                batch,
                resource,
                spec,
            )
            if resource.external_ids and f"update_{resource.name}" in operations.catalogue.commands:
                yield Endpoint(
                    f"upsert{resource.type_name}",
                    "PUT",
                    f"{base}/by-external-id/{{source}}/{{key}}",
                    _upsert(operations, spec),
                    Shape.UPSERT,
                    f"Create the {resource.name} an external system knows by a key, or bring it up to date.",
                    resource,
                    spec,
                )


def _list(operations: Operations, resource: Resource) -> Handler:
    reader, name = operations.reader, resource.name

    async def handle(asked: Incoming) -> Reply:
        return _page(asked, await reader.page(asked.acting, name, asked.pairs))

    return handle


def _page(asked: Incoming, body: bytes) -> Reply:
    found = _NEXT.search(body, max(0, len(body) - 5_000))
    if found is None:
        return Reply(200, body, (JSON,))
    kept = [part for part in asked.query.split(b"&") if part and not part.startswith(b"cursor=")]
    query = b"&".join([*kept, b"cursor=" + found[1]])
    link = b'<%s?%s>; rel="next"' % (asked.path.encode(), query)
    return Reply(200, body, (JSON, (b"link", link)))


def _one(operations: Operations, resource: Resource) -> Handler:
    reader, name = operations.reader, resource.name

    async def handle(asked: Incoming) -> Reply:
        found = await reader.one(asked.acting, name, asked.id, pairs=asked.pairs)
        if found is None:
            raise refuse("not_found")
        if found.version is None:
            return Reply(200, found.body, (JSON,))
        # What is shown can change while the version does not: a link, a figure, what is allowed today.
        etag = f'"{found.version}-{blake2b(found.body, digest_size=6).hexdigest()}"'.encode()
        headers = ((b"etag", etag), (b"vary", b"authorization"))
        if etag in asked.headers.get(b"if-none-match", b""):
            return Reply(304, b"", headers)
        return Reply(200, found.body, (JSON, *headers))

    return handle


def _history(operations: Operations, resource: Resource) -> Handler:
    reader = operations.reader

    async def handle(asked: Incoming) -> Reply:
        actor, id = asked.acting, asked.id
        if await reader.one(actor, resource.name, id, pairs=(("fields", "id"),)) is None:
            raise refuse("not_found")
        pairs = [pair for pair in asked.pairs if pair[0] not in ("machine", "subject_id")]
        body = await reader.page(actor, "transition", (*pairs, ("machine", resource.name), ("subject_id", str(id))))
        return _page(asked, body)

    return handle


def _command(operations: Operations, spec: CommandSpec) -> Handler:
    answered = operations.catalogue.resources[spec.answers]
    has_target = spec.kind in (Kind.UPDATE, Kind.DELETE, Kind.ACTION)

    async def handle(asked: Incoming) -> Reply:
        actor = asked.acting
        if asked.query:
            raise refuse("unknown_parameter", "This operation takes no query parameters.")
        body = parse(spec.body, await asked.body())
        ask = Ask(
            spec,
            body,
            asked.id if has_target else None,
            if_match=_if_match(asked) if has_target else None,
            idempotency_key=_key(asked),
        )
        return _answer(await operations.perform(actor, ask), answered, spec)

    return handle


def _answer(answer: Answer, resource: Resource, spec: CommandSpec) -> Reply:
    headers: list[Header] = [JSON] if answer.body else []
    if answer.version is not None:
        headers.append((b"etag", b'"%d"' % answer.version))
    if answer.id is not None and (answer.status in (201, 202)):
        headers.append((b"location", f"/v1/{resource.collection}/{answer.id}".encode()))
    if answer.replayed:
        headers.append((b"idempotency-replayed", b"true"))
    return Reply(answer.status, answer.body or b"", tuple(headers))


def _if_match(asked: Incoming) -> int | None:
    value = asked.header(b"if-match")
    if value is None:
        return None
    found = _ETAG.fullmatch(value.strip())
    if found is None:
        raise refuse("invalid_parameter", 'If-Match takes one ETag such as "3".', pointer="/If-Match")
    return int(found[1])


def _key(asked: Incoming) -> str | None:
    key = asked.header(b"idempotency-key")
    if key is not None and not (1 <= len(key) <= 200 and key.isprintable()):
        raise refuse(
            "invalid_parameter", "Idempotency-Key takes 1 to 200 printable characters.", pointer="/Idempotency-Key"
        )
    return key


def _batch(operations: Operations, spec: CommandSpec) -> Handler:
    async def handle(asked: Incoming) -> Reply:
        given = parse(_Batch, await asked.body())

        async def run(tx: Tx, batch: _Batch) -> BatchResult:
            atomic = batch.mode is _Mode.ATOMIC
            results = await operations.batch(tx, spec, [_one_of(spec, item) for item in batch.items], atomic=atomic)
            return BatchResult(items=[_item(n, result, asked) for n, result in enumerate(results)])

        # A command like any other, so that its key and a deadlock are dealt with as theirs are.
        whole = replace(
            spec, name=f"batch_{spec.name}", kind=Kind.COLLECTION, body=_Batch, handler=run, result=BatchResult
        )
        answer = await operations.perform(asked.acting, Ask(whole, given, idempotency_key=_key(asked)))
        return _answer(answer, operations.catalogue.resources[spec.resource], whole)

    return handle


def _one_of(spec: CommandSpec, item: dict[str, Any]) -> BaseModel | DomainError:
    try:
        return parse(spec.body, to_json(item))
    except DomainError as error:
        return error


class _Mode(StrEnum):
    ATOMIC = "atomic"
    PARTIAL = "partial"


class _Batch(BaseModel):
    model_config = {"extra": "forbid"}

    mode: _Mode = _Mode.ATOMIC
    items: list[dict[str, Any]] = Field(min_length=1, max_length=_MOST_ITEMS)


def _item(index: int, result: Answer | DomainError, asked: Incoming) -> BatchItem:
    if isinstance(result, Answer):
        return BatchItem(index=index, status=result.status, id=result.id)
    found = problem(result, instance=asked.path, trace_id=asked.trace_id)
    return BatchItem(index=index, status=found["status"], problem=found)


def _upsert(operations: Operations, spec: CommandSpec) -> Handler:
    resource = operations.catalogue.resources[spec.resource]

    async def handle(asked: Incoming) -> Reply:
        actor = asked.acting
        source, key = (unquote(asked.path_params[name]) for name in ("source", "key"))
        if "\0" in source + key or not (0 < len(source) <= 200 and 0 < len(key) <= 200):
            raise refuse("invalid_parameter", "source and key take 1 to 200 characters.", pointer="/key")
        answer = await operations.upsert(actor, spec, source, key, parse(spec.body, await asked.body()))
        return _answer(answer, resource, spec)

    return handle
