"""Bad input gets its problem and changes nothing: every field of every command, and every parameter of every list."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from app.domain.kernel.command import CommandSpec
from app.domain.kernel.resource import Resource
from app.graphql.naming import camel
from app.reading.field_types import Kind
from app.reading.filters import filter_specs
from app.routers.derived import Endpoint, Shape
from tests.examples import Path, body_of, changed, is_decimal, leaves, mutation_of, objects
from tests.filled import Filled, fingerprint
from tests.surfaces import VERSION, allowed, collected, published, rest_call, routes
from tests.world import ROLES

pytestmark = pytest.mark.asyncio(loop_scope="session")

COMMANDS = [pytest.param(spec, id=spec.name) for spec in collected().commands.values() if spec.body.model_fields]
LISTS = [pytest.param(resource, id=resource.name) for resource in collected().resources.values() if not resource.hidden]
PROBLEM = {"type", "title", "status", "code", "trace_id", "instance"}


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def _nothing_is_written(filled: Filled) -> AsyncIterator[None]:
    """Rows, audit trail and events of the organisation are after this module what they were before."""
    before = await fingerprint(filled)
    yield
    assert await fingerprint(filled) == before


def pointer(path: Path) -> str:
    return "".join(f"/{part}" for part in path)


def route_of(filled: Filled, spec: CommandSpec) -> Endpoint:
    return next(r for r in routes(filled) if r.operation_id == camel(spec.name) and r.shape is Shape.COMMAND)


def role_for(needs: str) -> str:
    return next(role for role in ROLES if allowed(role, needs))


async def send(filled: Filled, spec: CommandSpec, body: Any) -> tuple[int, Any]:
    """Status and problem of a command about an existing object, with another body."""
    call = rest_call(route_of(filled, spec), filled.ids)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {**VERSION, "idempotency-key": uuid4().hex, "content-type": "application/json"}
    answer = await filled.client(role_for(spec.needs)).request(call.method, call.path, content=raw, headers=headers)
    if answer.is_error:
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) >= PROBLEM
    return answer.status_code, answer.json()


def wrong_values(spec: CommandSpec, body: Any) -> Iterator[tuple[Path, Any]]:
    """For each field a value of the wrong type, and what its kind must refuse."""
    for path, schema in leaves(spec.body, body):
        yield path, {"wrong": "type"}
        if is_decimal(schema):
            yield from ((path, value) for value in (1234.5, 7, "1e5000", "NaN", "12,50", "0.1234567890123"))
        elif schema.get("type") == "string" and not schema.keys() & {"format", "enum", "const"}:
            yield from ((path, value) for value in ("a\0b", 7))
            yield path, "x" * (schema.get("maxLength", 20_000_000) + 1 if "maxLength" in schema else 20_001)
        elif schema.get("format"):
            yield from ((path, value) for value in ("", "not one", 7, "2026-02-30"))
        elif schema.get("type") == "integer":
            yield from ((path, value) for value in ("7", 1.5, 10**30))
        elif schema.get("type") == "boolean":
            yield path, "false"
        elif "enum" in schema:
            yield path, "nothing of the kind"


@pytest.mark.parametrize("spec", COMMANDS)
async def test_each_wrong_value_is_refused_with_a_pointer_to_it(filled: Filled, spec: CommandSpec) -> None:
    body = body_of(spec, filled.ids, full=True)
    wrong = []
    for path, value in wrong_values(spec, body):
        status, problem = await send(filled, spec, changed(body, path, value))
        # A value that is well-formed but wrong is refused by the command itself, with a code of its own.
        found = [error["pointer"] for error in problem.get("errors", ())]
        if status != 422 or not any((p and pointer(path).startswith(p)) or p.startswith(pointer(path)) for p in found):
            wrong.append((pointer(path), str(value)[:40], status, str(problem)[:300]))
    assert wrong == []


@pytest.mark.parametrize("spec", COMMANDS)
async def test_an_unknown_field_is_refused_wherever_it_stands(filled: Filled, spec: CommandSpec) -> None:
    body = body_of(spec, filled.ids, full=True)
    for path in objects(body):
        if _is_free(spec, path):
            continue
        status, problem = await send(filled, spec, changed(body, (*path, "unknown"), 1))
        assert (status, problem["code"]) == (422, "invalid_input"), path
        assert pointer((*path, "unknown")) in [error["pointer"] for error in problem["errors"]], path


def _is_free(spec: CommandSpec, path: Path) -> bool:
    """The sections of a plan are named by its template, which the command looks at."""
    return path == ("sections",) and spec.name in ("create_plan", "update_plan", "contribute_to_plan")


@pytest.mark.parametrize("spec", COMMANDS)
async def test_graphql_refuses_a_number_for_money_and_nul_in_text_like_rest(filled: Filled, spec: CommandSpec) -> None:
    body = body_of(spec, filled.ids, full=True)
    for path, schema in leaves(spec.body, body):
        value: Any = 1234.5 if is_decimal(schema) else "a\0b"
        if not is_decimal(schema) and (schema.get("type") != "string" or schema.keys() & {"format", "enum", "const"}):
            continue
        request = mutation_of(published().core, spec, changed(body, path, value), **_about(filled, spec))
        answer = await filled.client(role_for(spec.needs)).post("/graphql", json=request)
        (error, *_) = answer.json()["errors"]
        assert error["extensions"]["code"] in ("invalid_input", "malformed_request"), (path, error)


def _about(filled: Filled, spec: CommandSpec) -> dict[str, str]:
    member = "{id}" in route_of(filled, spec).path
    return {"id": filled.ids[spec.resource], "idempotencyKey": "bad"} if member else {"idempotencyKey": "bad"}


@pytest.mark.parametrize("spec", COMMANDS[::12])
@pytest.mark.parametrize(
    ("raw", "because"),
    [
        (b"{", "not valid JSON"),
        (b"", None),
        (b'{"name": 1, "name": 1}', "'name' stands twice"),
        (b'"text"', None),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, None),
        (b'{"name": "\xff\xfe"}', "not valid JSON"),
        (b'{"name": "\\ud800"}', None),
        (b'{"name": NaN}', None),
    ],
)
async def test_what_is_not_json_of_the_right_shape_is_refused(
    filled: Filled, spec: CommandSpec, raw: bytes, because: str | None
) -> None:
    if raw == b"" and not any(info.is_required() for info in spec.body.model_fields.values()):
        return
    status, problem = await send(filled, spec, raw)
    assert (status, problem["code"]) in ((400, "malformed_request"), (422, "invalid_input")), problem
    if because:
        assert because in problem["detail"]


def bad_parameters(resource: Resource) -> Iterator[tuple[str, str, str]]:
    """Parameters that a list refuses, with the code."""
    yield from (("limit", value, "invalid_parameter") for value in ("0", "201", "-1", "x", "1.5", "", "٣", "9" * 30))
    yield from (("cursor", value, "cursor_mismatch") for value in ("x", "a" * 5000, "é", "AAAA", "eyJhIjoxfQ"))
    yield from (("sort", value, "invalid_parameter") for value in ("nothing", "id,id", "-", "id;drop table"))
    yield from (("include", "nothing", "invalid_parameter"), ("fields", "nothing", "invalid_parameter"))
    yield from (("count", "all", "invalid_parameter"), ("unknown", "1", "unknown_parameter"))
    yield from (("org_id", "1", "unknown_parameter"), ("id.sql", "1", "unknown_parameter"))
    for spec in filter_specs(resource).values():
        yield f"{spec.name}.like", "x", "unknown_parameter"
        if spec.type.kind not in (Kind.TEXT, Kind.LIST):
            yield from ((spec.name, value, "invalid_parameter") for value in ("wrong", "", "a\0b", "9" * 400))
        elif spec.type.kind is Kind.TEXT:
            yield spec.name, "a\0b", "invalid_parameter"


@pytest.mark.parametrize("resource", LISTS)
async def test_a_bad_parameter_is_refused_by_name(filled: Filled, resource: Resource) -> None:
    client, wrong = filled.client(role_for(resource.needs)), []
    needed = {name: "2026" for name, param in resource.params.items() if param.required}
    for name, value, code in bad_parameters(resource):
        answer = await client.get(f"/v1/{resource.collection}", params={**needed, name: value})
        problem = answer.json()
        found = [error["pointer"] for error in problem.get("errors", ())]
        if (answer.status_code, problem.get("code"), found) != (400, code, [f"/{name}"]):
            wrong.append((name, value[:20], answer.status_code, answer.text[:300]))
    assert wrong == []


@pytest.mark.parametrize("resource", LISTS)
async def test_the_largest_values_are_a_refusal_or_an_empty_page_never_a_failure(
    filled: Filled, resource: Resource
) -> None:
    client = filled.client(role_for(resource.needs))
    for spec in filter_specs(resource).values():
        for value in (
            "2147483648",
            "9223372036854775808",
            "-1",
            "0001-01-01",
            "9999-12-31",
            "0.0000001",
            "9" * 38,
            "'",
            "%",
            "\\",
        ):
            for op in spec.operators:
                name = spec.name if op in ("eq", "in") else f"{spec.name}.{op}"
                answer = await client.get(f"/v1/{resource.collection}", params={name: value})
                assert answer.status_code in (200, 400), (name, value, answer.text)


async def test_a_cursor_is_bound_to_its_list_its_filters_and_its_order(filled: Filled) -> None:
    client = filled.client("admin")
    page = (await client.get("/v1/sellers", params={"limit": 2})).json()["page"]
    cursor = page["next_cursor"]
    assert (await client.get("/v1/sellers", params={"limit": 3, "cursor": cursor})).status_code == 200
    flipped = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    for path, params in (
        ("/v1/sellers", {"cursor": cursor, "team": "Paris"}),
        ("/v1/sellers", {"cursor": cursor, "sort": "-name"}),
        ("/v1/sellers", {"cursor": cursor, "q": "s"}),
        ("/v1/segments", {"cursor": cursor}),
        ("/v1/sellers", {"cursor": flipped}),
    ):
        answer = await client.get(path, params=params)
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_mismatch"), params


async def test_a_body_too_large_is_refused_whether_declared_or_streamed(filled: Filled) -> None:
    client, limit = filled.client("admin"), filled.service.settings.body_limit

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(limit // 65_536 + 2):
            yield b" " * 65_536

    for content in (b" " * (limit + 1), chunks()):
        answer = await client.post("/v1/segments", content=content)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
        assert answer.json()["limit"] == limit
    for length in ("-1", "x", "1e3"):
        answer = await client.post("/v1/segments", content=b"{}", headers={"content-length": length})
        assert answer.status_code in (400, 413)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_problem_is_told_in_the_callers_language_and_names_its_request(filled: Filled, language: str) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"accept-language": f"{language}-FR,en;q=0.5", "traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    answer = await filled.client("admin").get("/v1/segments?limit=0", headers=headers)
    problem = answer.json()
    assert answer.headers["content-language"] == language
    assert (
        problem["title"]
        == {"en": "A query parameter has a wrong value", "fr": "Un paramètre a une valeur incorrecte"}[language]
    )
    assert problem["trace_id"] == answer.headers["x-request-id"] == trace
    assert (problem["instance"], problem["status"], answer.status_code) == ("/v1/segments", 400, 400)
    page = await filled.anonymous().get(problem["type"])
    assert page.status_code == 200
    assert problem["title"] in page.text


async def test_ids_that_are_none_and_paths_that_lead_nowhere_are_not_found(filled: Filled) -> None:
    client = filled.client("admin")
    for path in (
        "/v1/accounts/1", "/v1/accounts/%00", "/v1/nothing", "/v1/accounts/", "/nothing",
        "/problems/nothing", f"/v1/accounts/{filled.ids['account']}/nothing", "/v1/jobs/1/events",
    ):  # fmt: skip
        answer = await client.get(path)
        assert answer.status_code in (400, 404), (path, answer.status_code)
        assert answer.json()["code"] in ("not_found", "invalid_parameter"), path


async def test_head_answers_as_get_does(filled: Filled) -> None:
    client = filled.client("sales_ops")
    for path in ("/v1/accounts?limit=1", "/v1/sellers?limit=1"):
        read, asked = await client.get(path), await client.head(path)
        assert asked.status_code == read.status_code == 200
        assert asked.headers["content-type"] == read.headers["content-type"]


async def test_a_method_the_path_does_not_know_is_405(filled: Filled) -> None:
    for method, path in (("DELETE", "/v1/segments"), ("PUT", "/v1/segments"), ("POST", "/v1/events")):
        answer = await filled.client("admin").request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed"), path


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer palier_x", "Bearer é", "Bearer a.b.c"]
)
async def test_credentials_that_are_none_are_refused(filled: Filled, value: str) -> None:
    headers = {b"authorization": value.encode("latin-1")}
    answer = await filled.anonymous().get("/v1/segments", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_headers_that_make_no_sense_are_refused(filled: Filled) -> None:
    client = filled.client("admin")
    path = f"/v1/accounts/{filled.ids['account']}"
    for name, value in (("if-match", "*"), ("if-match", "1"), ("if-match", '"x"'), ("if-match", '"1", "2"')):
        answer = await client.patch(path, json={"name": "x"}, headers={name: value})
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter"), value
    for key in (b"", b"k" * 201, b"\x80"):
        headers = {b"idempotency-key": key}
        answer = await client.post("/v1/segments", json={"code": "X", "name": "X"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter"), key
    for value in ("x", "-1", "²", "9" * 5000):
        answer = await client.get(
            f"/v1/jobs/{filled.ids['job']}/events",
            headers={b"last-event-id": value.encode("latin-1")},
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter"), value
