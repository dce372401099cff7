"""The OpenAPI description, derived from the catalogue; handwritten routes keep what FastAPI says of them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.domain.catalogue import Catalogue
from app.domain.kernel.command import CommandSpec
from app.domain.kernel.command import Kind as Act
from app.domain.kernel.errors import PROBLEMS
from app.domain.kernel.resource import One, Resource
from app.routers.derived import BatchResult, Endpoint, Shape
from app.routers.openapi_parameters import (
    ID,
    IF_MATCH,
    IF_NONE_MATCH,
    idempotency_key,
    list_parameters,
    path_text,
    selection_parameters,
)
from app.routers.problems import MEDIA_TYPE, status_of
from app.routers.wording import field_text

_DESCRIPTION = """Sales performance management: territories, accounts, plans, quotas and compensation plans.

Money is an exact string, never a number. Lists are paged by cursor. Changes say the version they mean (`If-Match`) and
may be repeated safely with an `Idempotency-Key`. Every refusal is an RFC 9457 problem with a stable `code`."""

_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "A refusal (RFC 9457).",
    "required": ["type", "title", "status", "code", "trace_id"],
    "properties": {
        "type": {
            "type": "string",
            "description": "Page that explains the problem.",
            "examples": ["/problems/not_found"],
        },
        "title": {"type": "string", "description": "What it is, in the caller's language."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What it is this time."},
        "instance": {"type": "string", "description": "Path of the request."},
        "code": {"type": "string", "description": "Stable code, never reused.", "examples": ["not_found"]},
        "trace_id": {"type": "string", "description": "Names this request in logs."},
        "remedy": {"type": "string", "description": "What the caller can do."},
        "errors": {
            "type": "array",
            "description": "Findings on single fields.",
            "items": {"$ref": "#/components/schemas/FieldProblem"},
        },
    },
}
_FIELD_PROBLEM = {
    "type": "object",
    "title": "FieldProblem",
    "description": "A finding on one field of the input.",
    "required": ["pointer", "code", "detail"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer to the field.", "examples": ["/potential/amount"]},
        "code": {"type": "string", "description": "Stable code of the finding."},
        "detail": {"type": "string", "description": "What is wrong."},
    },
}
_PAGE_INFO = {
    "type": "object",
    "title": "PageInfo",
    "description": "How to go on.",
    "required": ["next_cursor", "has_next_page"],
    "properties": {
        "next_cursor": {"type": ["string", "null"], "description": "Pass as `cursor` for the next page."},
        "has_next_page": {"type": "boolean", "description": "Whether there is one."},
        "total": {"type": "integer", "description": "Rows in all, only when asked for with `count`."},
    },
}


def describe(app: FastAPI, catalogue: Catalogue, endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The whole OpenAPI 3.1 document of the service."""
    document = get_openapi(
        title="Palier", version=app.version, description=_DESCRIPTION, routes=app.routes, openapi_version="3.1.0"
    )
    endpoints = list(endpoints)
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(catalogue, endpoint)
    for path, item in document.get("paths", {}).items():
        for method, operation in item.items():
            if operation.get("security") != []:
                operation["responses"] |= _refusals(400, 401, 403, 404, 422)
            for parameter in operation.get("parameters", ()):
                parameter.setdefault("description", field_text(parameter["name"]))
            paths.setdefault(path, {})[method] = operation
    document["paths"] = dict(sorted(paths.items()))
    components = document.setdefault("components", {})
    components["schemas"] = dict(sorted((components.get("schemas", {}) | _schemas(catalogue)).items()))
    for leftover in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(leftover, None)
    for schema in components["schemas"].values():
        for name, field in schema.get("properties", {}).items():
            field.setdefault("description", field_text(name))
    components["responses"] = {f"Problem{status}": _refusal(status) for status in _STATUSES}
    components["securitySchemes"] = {
        "apiKey": {"type": "http", "scheme": "bearer", "description": "An API key."},
        "oidc": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "A token of the issuer."},
    }
    document["security"] = [{"apiKey": []}, {"oidc": []}]
    document["tags"] = [{"name": name, "description": text} for name, text in _tags(catalogue).items()]
    document["x-problem-codes"] = sorted(PROBLEMS)
    return document


_STATUSES = (400, 401, 403, 404, 409, 412, 413, 422, 428, 429, 503)


def _refusals(*statuses: int) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in (*statuses, 429, 503)}


def _refusal(status: int) -> dict[str, Any]:
    codes = sorted(code for code, known in PROBLEMS.items() if status_of(known.kind(code, "")) == status)
    return {
        "description": f"Refused. Codes: {', '.join(codes)}.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _operation(catalogue: Catalogue, endpoint: Endpoint) -> dict[str, Any]:
    resource, spec = endpoint.resource, endpoint.spec
    summary, _, rest = endpoint.description.partition("\n")
    needs = spec.needs if spec else resource.needs
    operation: dict[str, Any] = {
        "operationId": endpoint.operation_id,
        "tags": [_tag(catalogue.context_of[(endpoint.of or endpoint.resource).name])],
        "summary": summary.rstrip("."),
        "description": f"{summary}{rest}\n\nPermission: `{needs or 'none'}`.",
        "x-permission": needs,
        "parameters": [],
        "responses": {},
    }
    parameters = operation["parameters"]
    if "{id}" in endpoint.path:
        parameters.append(ID)
    match endpoint.shape:
        case Shape.LIST:
            parameters += list_parameters(resource)
            operation["responses"]["200"] = _ok(f"{resource.type_name}Page", "A page.")
            operation["responses"] |= _refusals(400, 401, 403, *((404,) if "{id}" in endpoint.path else ()))
        case Shape.ONE:
            parameters += selection_parameters(resource)
            operation["responses"]["200"] = _ok(resource.type_name, "The object.", etag=resource.versioned)
            if resource.versioned:
                parameters.append(IF_NONE_MATCH)
                operation["responses"]["304"] = {"description": "It is still the version named in `If-None-Match`."}
            operation["responses"] |= _refusals(400, 401, 403, 404)
        case Shape.BATCH:
            assert spec is not None
            parameters.append(idempotency_key(required=False))
            operation["requestBody"] = _body_of(_batch(spec))
            operation["responses"]["200"] = _ok(BatchResult.__name__, "A result per item.")
            operation["responses"] |= _refusals(400, 401, 403, 404, 409, 413, 422)
        case Shape.UPSERT:
            assert spec is not None
            parameters += [path_text("source", "The external system."), path_text("key", "The id it has there.")]
            operation["requestBody"] = _json_body(spec)
            operation["responses"]["200"] = _ok(resource.type_name, "It existed.", etag=resource.versioned)
            operation["responses"]["201"] = _ok(
                resource.type_name, "It is new.", etag=resource.versioned, location=True
            )
            operation["responses"] |= _refusals(400, 401, 403, 404, 409, 413, 422)
        case Shape.COMMAND:
            assert spec is not None
            operation |= _command(catalogue, spec, parameters)
    return operation


def _command(catalogue: Catalogue, spec: CommandSpec, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    member = spec.kind in (Act.UPDATE, Act.DELETE, Act.ACTION)
    versioned = member and catalogue.resources[spec.resource].versioned and not spec.unversioned
    if versioned:
        parameters.append(IF_MATCH)
    if spec.kind is not Act.DELETE:
        parameters.append(idempotency_key(required=spec.key_required))
    found: dict[str, Any] = {}
    if spec.kind is not Act.DELETE:
        found["requestBody"] = _json_body(spec)
    answered = catalogue.resources[spec.answers]
    responses: dict[str, Any] = {}
    if spec.kind is Act.DELETE:
        responses["204"] = {"description": "It is gone."}
    elif spec.result is not None:
        responses["200"] = _ok(spec.result.__name__, "The result.")
    else:
        status = "202" if spec.returns_job else "201" if spec.kind is Act.CREATE else "200"
        responses[status] = _ok(
            answered.type_name, "What it is now.", etag=answered.versioned, location=status != "200"
        )
    body = () if spec.kind is Act.DELETE else (413,)
    refused = (400, 401, 403, 404, 409, 422, *body, *((412, 428) if versioned else ()))
    return found | {"responses": responses | _refusals(*refused)}


def _ok(schema: str, text: str, *, etag: bool = False, location: bool = False) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": text,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }
    headers = {"ETag": "The version."} if etag else {}
    if location:
        headers["Location"] = "Where it is read."
    if headers:
        response["headers"] = {
            name: {"description": said, "schema": {"type": "string"}} for name, said in headers.items()
        }
    return response


def _json_body(spec: CommandSpec) -> dict[str, Any]:
    required = any(field.is_required() for field in spec.body.model_fields.values())
    return _body_of({"$ref": f"#/components/schemas/{spec.body.__name__}"}, required=required)


def _body_of(schema: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"required": required, "content": {"application/json": {"schema": schema}}}


def _batch(spec: CommandSpec) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["items"],
        "properties": {
            "mode": {
                "type": "string",
                "enum": ["atomic", "partial"],
                "default": "atomic",
                "description": "All or nothing, or each for itself.",
            },
            "items": {
                "type": "array",
                "minItems": 1,
                "maxItems": 500,
                "description": "What to create.",
                "items": {"$ref": f"#/components/schemas/{spec.body.__name__}"},
            },
        },
    }


def _schemas(catalogue: Catalogue) -> dict[str, Any]:
    """Every view under its resource's name, every command body, every page."""
    views: dict[str, type[BaseModel]] = {r.type_name: r.view for r in catalogue.resources.values()}
    bodies = {spec.body for spec in catalogue.commands.values()}
    results = {spec.result for spec in catalogue.commands.values() if spec.result} | {BatchResult}
    refs, definitions = models_json_schema(
        [(view, "serialization") for view in views.values()]
        + [(body, "validation") for body in sorted(bodies, key=lambda m: m.__name__)]
        + [(result, "serialization") for result in sorted(results, key=lambda m: m.__name__)],
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Any] = dict(definitions["$defs"])
    _drop_null_defaults(schemas, [refs[body, "validation"] for body in bodies])
    for resource in catalogue.resources.values():
        reference = refs[resource.view, "serialization"]["$ref"].rpartition("/")[2]
        schemas[resource.type_name] = _with_links(catalogue, resource, schemas[reference])
        schemas[f"{resource.type_name}Page"] = _page(resource.type_name)
    for resource in catalogue.resources.values():
        if (name := refs[resource.view, "serialization"]["$ref"].rpartition("/")[2]) != resource.type_name:
            schemas.pop(name, None)
    return schemas | {"Problem": _PROBLEM, "FieldProblem": _FIELD_PROBLEM, "PageInfo": _PAGE_INFO}


def _drop_null_defaults(schemas: dict[str, Any], bodies: Iterable[Any]) -> None:
    """An absent field is not a null one: a client that sends its defaults must not empty what it leaves out.

    Besides, a generator of TypeScript demands whatever has a default.
    """
    waiting, seen = list(bodies), set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            if "default" in node and node["default"] is None:
                del node["default"]
            waiting += node.values()
            name = str(node.get("$ref", "")).rpartition("/")[2]
            if name in schemas and name not in seen:
                seen.add(name)
                waiting.append(schemas[name])


def _with_links(catalogue: Catalogue, resource: Resource, schema: dict[str, Any]) -> dict[str, Any]:
    properties = dict(schema["properties"])
    for name, link in resource.links.items():
        target = catalogue.resources[link.to].type_name
        if isinstance(link, One):
            shape: dict[str, Any] = {"anyOf": [{"$ref": f"#/components/schemas/{target}"}, {"type": "null"}]}
        else:
            shape = {"$ref": f"#/components/schemas/{target}Page"}
        properties[name] = shape | {"description": f"{link.description} Only with `include={name}`.".strip()}
    return schema | {"title": resource.type_name, "properties": properties}


def _page(name: str) -> dict[str, Any]:
    return {
        "type": "object",
        "title": f"{name}Page",
        "description": f"A page of {name}.",
        "required": ["items", "page"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}, "description": "The rows."},
            "page": {"$ref": "#/components/schemas/PageInfo"},
        },
    }


_PLATFORM = "platform"


def _tag(context: str) -> str:
    return _PLATFORM if context == "kernel" else context


def _tags(catalogue: Catalogue) -> dict[str, str]:
    contexts = [name for name in dict.fromkeys(catalogue.context_of.values()) if name != "kernel"]
    tags = {name: (import_module(f"app.domain.{name}").__doc__ or "").split("\n")[0] for name in contexts}
    return tags | {_PLATFORM: "Jobs, events, the audit trail, and how the service is."}
