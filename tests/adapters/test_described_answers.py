"""The OpenAPI description tells the truth: each answer has a described status, and client generators can read it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from app.domain.kernel.errors import DomainError
from app.routers.health import Metrics, health_router
from tests.world import World, make_world


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        yield made


@pytest.fixture
async def document(world: World) -> dict[str, Any]:
    found: dict[str, Any] = (await world.anonymous().get("/openapi.json")).json()
    return found


def check(document: dict[str, Any], method: str, path: str, answer: httpx.Response, status: int) -> None:
    """The answer has the status, the path describes it, and the body is as described."""
    assert answer.status_code == status, answer.text
    described = document["paths"][path][method]["responses"][str(status)]
    if "$ref" in described:
        described = document["components"]["responses"][described["$ref"].rpartition("/")[2]]
    for name in described.get("headers", {}):
        assert name in answer.headers, name
    kind = answer.headers.get("content-type", "").partition(";")[0]
    assert ([kind] if kind else []) == list(described.get("content", {}))
    if kind.endswith("json"):
        schema = {**described["content"][kind]["schema"], "components": document["components"]}
        jsonschema_rs.validator_for(schema).validate(answer.json())


async def test_what_becomes_of_an_account_is_described(world: World, document: dict[str, Any]) -> None:
    ops, many, one = world.client("sales_ops"), "/v1/accounts", "/v1/accounts/{id}"
    made = await ops.post(many, json={"name": "Northwind"})
    check(document, "post", many, made, 201)
    here = made.headers["location"]
    seen = await ops.get(here)
    etag = seen.headers["etag"]
    check(document, "get", one, seen, 200)
    check(document, "get", one, await ops.get(here, headers={"if-none-match": etag}), 304)
    check(document, "patch", one, await ops.patch(here, json={"city": "Lyon"}), 428)
    check(document, "patch", one, await ops.patch(here, json={"city": "Lyon"}, headers={"if-match": '"9"'}), 412)
    check(document, "patch", one, await ops.patch(here, json={"name": "n" * 2_000_000}), 413)
    check(document, "patch", one, await ops.patch(here, json={"city": "Lyon"}, headers={"if-match": etag}), 200)
    check(document, "delete", one, await ops.delete(here, headers={"if-match": '"2"'}), 204)
    check(document, "get", one, await ops.get(here), 404)
    keyed, path = "/v1/accounts/by-external-id/{source}/{key}", "/v1/accounts/by-external-id/crm/K-1"
    check(document, "put", keyed, await ops.put(path, json={"name": "Fabrikam"}), 201)
    check(document, "put", keyed, await ops.put(path, json={"name": "Fabrikam"}), 200)


async def test_a_history_nobody_sees_is_described(world: World, document: dict[str, Any]) -> None:
    answer = await world.client("sales_ops").get(f"/v1/plans/{world.org_id}/transitions")
    check(document, "get", "/v1/plans/{id}/transitions", answer, 404)


async def test_a_batch_that_meets_an_existing_row_is_described(world: World, document: dict[str, Any]) -> None:
    item = {"code": "A", "name": "A", "effective_from": "2026-01-01"}
    answer = await world.client("sales_ops").post("/v1/products:batch", json={"items": [item, item]})
    check(document, "post", "/v1/products:batch", answer, 409)


async def test_operators_need_no_key_and_get_what_is_described(world: World, document: dict[str, Any]) -> None:
    for path in ("/livez", "/readyz", "/metrics"):
        assert document["paths"][path]["get"]["security"] == []
        check(document, "get", path, await world.anonymous().get(path), 200)


@pytest.mark.parametrize(("revision", "detail"), [(None, "cannot be reached"), ("0", "at 0, this version needs 7")])
async def test_a_service_that_cannot_serve_says_why(revision: str | None, detail: str) -> None:
    async def ping() -> str | None:
        return revision

    router = health_router(ping, "7", Metrics())
    ready = next(route for route in router.routes if getattr(route, "path", "") == "/readyz")
    with pytest.raises(DomainError, match=detail) as refused:
        await ready.endpoint()  # type: ignore[attr-defined]
    assert refused.value.code == "unavailable"


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every object within a piece of the document."""
    if isinstance(node, dict):
        yield node
        for inner in node.values():
            yield from objects(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from objects(inner)


async def test_one_name_means_one_schema_in_and_out(document: dict[str, Any]) -> None:
    """Generators refuse a pair such as `Blend-Input` and `Blend-Output`: both are named Blend."""
    assert [name for name in document["components"]["schemas"] if not name.isidentifier()] == []


async def test_nothing_asked_for_defaults_to_null(document: dict[str, Any]) -> None:
    """Generators of TypeScript demand a field that has a default, and others send the default."""
    schemas, waiting, seen = document["components"]["schemas"], [], set()
    for item in document["paths"].values():
        waiting += [operation.get("requestBody", {}) for operation in item.values()]
    while waiting:
        for found in objects(waiting.pop()):
            assert found.get("default", ...) is not None, found
            name = str(found.get("$ref", "")).rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                waiting.append(schemas[name])
    assert len(seen) > 40
