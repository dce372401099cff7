"""Every operation of both surfaces as a request somebody could send, derived from the catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, get_named_type

from app.domain.catalogue import Catalogue, collect
from app.domain.kernel.command import CommandSpec, Kind
from app.domain.kernel.permissions import PERMISSIONS, Role
from app.graphql.naming import camel
from app.graphql.schema import Published, build
from app.routers.derived import Endpoint, Shape, endpoints
from tests.examples import NOBODY, Ids, body_of, mutation_of
from tests.world import World

VERSION = {"if-match": '"1"'}


@cache
def published() -> Published:
    """The schema that is served."""
    return build(collect())


def routes(world: World) -> list[Endpoint]:
    """Every derived REST operation."""
    return list(endpoints(world.operations))


@dataclass(frozen=True)
class Call:
    """One request; `needs` is the permission it takes."""

    name: str
    method: str
    path: str
    needs: str
    body: Any = None
    about: str = ""
    """The resource whose id stands in the request, if any."""

    async def send(self, client: httpx.AsyncClient, **headers: str) -> httpx.Response:
        """Send it as a client."""
        return await client.request(self.method, self.path, json=self.body, headers={**VERSION, **headers})


def rest_call(route: Endpoint, ids: Ids) -> Call:
    """The request of a REST operation, about the objects of `ids`."""
    spec, resource = route.spec, route.resource
    about = resource.name
    if route.path.endswith("/transitions"):
        about = route.path.split("/")[2]
        about = next(r.name for r in collected().resources.values() if r.collection == about)
    path = route.path.replace("{id}", ids.get(about, NOBODY)).replace("{source}", "crm").replace("{key}", "k")
    needs = spec.needs if spec else collected().resources[about].needs
    body: Any = None
    if spec is not None:
        body = body_of(spec, ids)
        body = {"items": [body]} if route.shape is Shape.BATCH else body
    headers = {"mode": "partial"} if route.shape is Shape.BATCH else {}
    return Call(
        route.operation_id,
        route.method,
        path,
        needs,
        {**body, **headers} if body is not None else None,
        about if "{id}" in route.path else "",
    )


def calls_by_hand(ids: Ids) -> Iterator[Call]:
    """The REST operations that no declaration derives."""
    yield Call("streamJobEvents", "GET", f"/v1/jobs/{ids.get('job', NOBODY)}/events", "jobs:read", about="job")
    path = f"/v1/payroll-exports/{ids.get('payroll_export', NOBODY)}/file.csv"
    yield Call("downloadPayrollExport", "GET", path, "pay:read", about="payroll_export")
    statement = ids.get("statement", NOBODY)
    for kind, name in (("json", "getStatementDocument"), ("html", "getStatementPage"), ("pdf", "getStatementFile")):
        path = f"/v1/statements/{statement}/document.{kind}"
        yield Call(name, "GET", path, "pay:read_visible", about="statement")
    path = f"/v1/imports/{ids.get('data_import', NOBODY)}/findings.csv"
    yield Call("downloadImportFindings", "GET", path, "imports:write", about="data_import")
    model = ids.get("territory_model", NOBODY)
    for name in ("map.geojson", "map.svg", "balance.svg", f"comparison.svg?with={model}"):
        path = f"/v1/territory-models/{model}/{name}"
        yield Call(name, "GET", path, "territories:read", about="territory_model")
    yield Call("startImport", "POST", "/v1/imports", "imports:write", body={})


def every_call(world: World, ids: Ids) -> list[Call]:
    """Every operation of both surfaces, about the objects of `ids` or about what does not exist."""
    return [*(rest_call(route, ids) for route in routes(world)), *calls_by_hand(ids), *graphql_calls(ids)]


@cache
def collected() -> Catalogue:
    """The catalogue, collected once."""
    return collect()


def graphql_calls(ids: Ids) -> Iterator[Call]:
    """Every mutation, and every query for one object or a list, about the objects of `ids`."""
    catalogue, schema = collected(), published().core
    for spec in catalogue.commands.values():
        yield mutation_call(schema, spec, ids)
    for resource in catalogue.resources.values():
        if resource.hidden:
            continue
        one, many = camel(resource.name), camel(resource.plural)
        fields = schema.query_type.fields if schema.query_type else {}
        if one in fields and one != many:
            query = f"query($id: ID!) {{ {one}(id: $id) {{ id }} }}"
            body = {"query": query, "variables": {"id": ids.get(resource.name, NOBODY)}}
            yield Call(one, "POST", "/graphql", resource.needs, body, resource.name)
        yield Call(
            many, "POST", "/graphql", resource.needs, {"query": f"{{ {many}(first: 1) {{ nodes {{ __typename }} }} }}"}
        )


def mutation_call(schema: GraphQLSchema, spec: CommandSpec, ids: Ids) -> Call:
    """The request of a mutation."""
    more = {}
    if spec.kind in (Kind.UPDATE, Kind.DELETE, Kind.ACTION):
        more["id"] = ids.get(spec.resource, NOBODY)
        if collected().resources[spec.resource].versioned and not spec.unversioned:
            more["ifMatch"] = "1"
    if spec.key_required:
        more["idempotencyKey"] = "key"
    request = mutation_of(schema, spec, body_of(spec, ids), **more)
    return Call(camel(spec.name), "POST", "/graphql", spec.needs, request, spec.resource if "id" in more else "")


def allowed(role: str, needs: str) -> bool:
    """Whether the table of permissions gives the role what is needed."""
    return not needs or Role(role) in PERMISSIONS[needs][1]


def code_of(answer: httpx.Response) -> str:
    """The problem code of an answer of either surface; empty when it was not refused."""
    if not answer.content or "json" not in answer.headers["content-type"]:
        return ""
    found = answer.json()
    if answer.headers["content-type"].startswith("application/problem+json"):
        return str(found["code"])
    if isinstance(found, dict) and (errors := found.get("errors")):
        return str(errors[0]["extensions"]["code"])
    return ""


def everything(type_: Any, depth: int = 1) -> str:
    """A selection of every field of a GraphQL type, `depth` links deep."""
    parts = []
    for name, field in type_.fields.items():
        inner = get_named_type(field.type)
        if any(argument.default_value is None and str(argument.type).endswith("!") for argument in field.args.values()):
            continue
        if not isinstance(inner, GraphQLObjectType | GraphQLInterfaceType):
            parts.append(name)
        elif inner.name.endswith("Connection"):
            if depth:
                node = published().core.type_map[inner.name.removesuffix("Connection")]
                parts.append(f"{name}(first: 2) {{ nodes {{ {everything(node, depth - 1)} }} }}")
        elif is_resource(inner.name):
            if depth:
                parts.append(f"{name} {{ {everything(inner, depth - 1)} }}")
        else:
            parts.append(f"{name} {{ {everything(inner, depth)} }}")
    return " ".join(parts)


@cache
def _type_names() -> frozenset[str]:
    return frozenset(resource.type_name for resource in collected().resources.values())


def is_resource(type_name: str) -> bool:
    """Whether a GraphQL type is a resource, so that a field of the type is a link."""
    return type_name in _type_names()
