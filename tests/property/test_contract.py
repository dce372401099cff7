"""schemathesis reads the description and calls: no failure of ours, and every answer is what was described."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.architecture.test_snapshots import pages
from tests.filled import Filled, open_filled
from tests.surfaces import allowed
from tests.world import ROLES

EXAMPLES = 2
"""Generated requests per operation: every operation is called, none is searched for long."""

NOT_CALLED = {
    "streamJobEvents": "An open stream has no end to wait for.",
    "getMetrics": "Text for Prometheus, not JSON.",
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_LONGEST_URL = 60_000
"""What the client of these tests can send."""
BASE = "http://palier.test"


@pytest.fixture(scope="module")
def call(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Response]]:
    """Sends a prepared request as a role, in a loop and an organisation of its own."""
    loop, stack = asyncio.new_event_loop(), AsyncExitStack()
    world: Filled = loop.run_until_complete(open_filled(stack, module_database, tmp_path_factory.mktemp("contract")))

    def send(role: str, request: requests.PreparedRequest) -> Response:
        body: Any = request.body or b""
        headers: Any = {**request.headers, "Authorization": f"Bearer {world.keys[role]}"}
        asked = httpx.Request(str(request.method), str(request.url), headers=headers, content=body)
        answer = loop.run_until_complete(world.anonymous().send(asked))
        return Response.from_httpx(answer, verify=False)

    yield send
    loop.run_until_complete(stack.aclose())
    loop.close()


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_operation_answers_as_it_is_described(call: Callable[..., Response], mode: GenerationMode) -> None:
    """`positive` requests fit the description, `negative` ones break it somewhere and must be refused."""
    schema = schemathesis.openapi.from_dict(json.loads(pages()["openapi/openapi.json"]))
    found: list[str] = []
    called = 0
    operations: Any = schema.get_all_operations()
    for operation in (result.ok() for result in operations):
        raw = operation.definition.raw
        if raw["operationId"] in NOT_CALLED or (mode.is_negative and not _can_be_wrong(raw)):
            continue
        role = next(role for role in ROLES if allowed(role, raw.get("x-permission") or ""))
        found += _failures(operation, mode, lambda request, role=role: call(role, request))
        called += 1
    assert not found, "\n".join(found)
    assert called > 150


def _can_be_wrong(operation: dict[str, Any]) -> bool:
    return bool(operation.get("parameters") or operation.get("requestBody"))


def _failures(operation: Any, mode: GenerationMode, send: Callable[..., Response]) -> list[str]:
    # A partial batch accepts the request and refuses items, each with its own status.
    partial = operation.definition.raw["operationId"].startswith("batch")
    checks = [*CHECKS, negative_data_rejection] if mode.is_negative and not partial else CHECKS

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        request = requests.Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
        assume(len(str(request.url)) < _LONGEST_URL)
        answer = send(request)
        try:
            # With `fields` only those are answered, required or not.
            partly = "fields" in (case.query or {})
            case.validate_response(
                answer, checks=[c for c in checks if not partly or c is not response_schema_conformance]
            )
        except FailureGroup as group:
            said = "; ".join(f"{type(e).__name__}: {e}" for e in group.exceptions)
            told = f"{request.method} {request.url} {request.body!r} -> {answer.status_code} {answer.text[:300]}"
            raise AssertionError(f"{told}: {said}") from None

    try:
        run()
    except AssertionError as error:
        return [str(error)[:1500]]
    return []
