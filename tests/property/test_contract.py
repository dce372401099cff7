"""schemathesis reads the description and calls: no failure of ours, and every answer is what was described."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.openapi import checks as conformance
from schemathesis.specs.openapi.checks import negative_data_rejection

from tests.architecture.test_snapshots import pages
from tests.filled import Filled, open_filled
from tests.surfaces import allowed
from tests.world import ROLES

EXAMPLES = 3
"""Generated requests per operation: every operation is called, none is searched for long."""

NOT_CALLED = {
    "streamJobEvents": "An open stream has no end to wait for.",
    "getMetrics": "Text for Prometheus, not JSON.",
}
BASE = "http://palier.test"


@pytest.fixture(scope="module")
def call(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Response]]:
    """Sends a prepared request as a role, in a loop and an organisation of its own."""
    loop, stack = asyncio.new_event_loop(), AsyncExitStack()
    world: Filled = loop.run_until_complete(open_filled(stack, module_database, tmp_path_factory.mktemp("contract")))

    def send(role: str, request: requests.PreparedRequest) -> Response:
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = [(name, value) for name, value in request.headers.items() if name.lower() != "authorization"]
        asked = httpx.Request(str(request.method), str(request.url), headers=headers, content=body or b"")
        asked.headers["authorization"] = f"Bearer {world.keys[role]}"
        answer = loop.run_until_complete(world.anonymous().send(asked))
        return Response.from_httpx(answer, verify=False)

    yield send
    loop.run_until_complete(stack.aclose())
    loop.close()


def _described() -> Any:
    import json

    return schemathesis.openapi.from_dict(json.loads(pages()["openapi/openapi.json"]))


OPERATIONS = {
    operation.definition.raw["operationId"]: operation
    for operation in (result.ok() for result in _described().get_all_operations())
    if operation.definition.raw["operationId"] not in NOT_CALLED
}


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_answers_as_it_is_described(call: Callable[..., Response], name: str, mode: GenerationMode) -> None:
    operation = OPERATIONS[name]
    role = next(role for role in ROLES if allowed(role, operation.definition.raw.get("x-permission", "") or ""))

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        request = requests.Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
        answer = call(role, request)
        assert answer.status_code < 500, f"{request.method} {request.url} {request.body!r}: {answer.text}"
        case.validate_response(answer, excluded_checks=[])

    run()
