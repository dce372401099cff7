"""The routes: POST, the explorer, and subscriptions by WebSocket and server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Actor
from app.graphql.execute import GraphQL
from app.graphql.router import graphql_router
from app.graphql.schema import Published
from app.reading.engine import Reader
from tests.adapters import graphql_world as world

EVENTS = """subscription($m: WorkflowMachine!) {
  workflowEvents(machine: $m) { name subjectId: subjectId data at: occurredAt }
}"""
UNKNOWN_FIELD = """subscription { workflowEvents(machine: SHOP) { ...A } }
fragment A on WorkflowEvent { ...B } fragment B on WorkflowEvent { x }"""
PROTOCOL = "graphql-transport-ws"
HELD = {"authorization": "Bearer good"}


class Nothing:
    """A pool without a database."""

    async def row(self, *args: Any) -> None:
        """No row."""


class Source:
    """Two events, then the end; or a defect, or a refusal."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.closed = False

    async def watch_events(self, actor: Actor, machine: str) -> AsyncIterator[Mapping[str, Any]]:
        """Events of a machine."""
        actor.require("events:read")
        try:
            for n in (1, 2):
                yield {
                    "id": str(UUID(int=n)),
                    "name": f"{machine}.open",
                    "subject": machine,
                    "subject_id": str(world.SHOPS[n]),
                    "data": {"n": n},
                    "occurred_at": "2026-01-01T00:00:00Z",
                }
            if self.failure:
                raise self.failure
        finally:
            self.closed = True

    async def watch_job(self, actor: Actor, id: UUID) -> AsyncIterator[object]:
        """No job here, whatever the id."""
        for _ in (id,):
            raise refuse("not_found")
        yield id


async def authenticate(token: str) -> Actor:
    """Knows one token."""
    if token != "good":
        raise refuse("unauthenticated")
    return world.actor()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def client(published: Published, source: Source) -> TestClient:
    """A client of an application with only these routes, authenticated as an outer layer would."""
    operations: Any = world.Operations(Reader(published.catalogue, Nothing(), b"secret" * 6))
    app = FastAPI()
    app.include_router(graphql_router(GraphQL(published, operations), source, authenticate))

    async def identified(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("state", {})["actor"] = world.actor()
        await app(scope, receive, send)

    return TestClient(identified)


def _subscribe(client: TestClient, query: str, variables: Any, params: Any = HELD) -> list[dict[str, Any]]:
    """Everything the server says after a subscription, until it is complete."""
    with client.websocket_connect("/graphql", subprotocols=[PROTOCOL]) as socket:
        socket.send_json({"type": "connection_init", "payload": params})
        assert socket.receive_json()["type"] == "connection_ack"
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": query, "variables": variables}})
        said = []
        while True:
            said.append(socket.receive_json())
            if said[-1]["type"] in ("complete", "error"):
                return said


def test_a_post_is_answered(client: TestClient) -> None:
    answer = client.post("/graphql", json={"query": "{ viewer { name } }"})
    assert answer.status_code == 200
    assert answer.json() == {"data": {"viewer": {"name": "Ada Lovelace"}}}


def test_a_form_of_another_site_is_refused(client: TestClient) -> None:
    answer = client.post("/graphql", content='{"query": "{ viewer { name } }"}', headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert "data" not in answer.json()


def test_a_browser_gets_the_explorer_and_a_program_is_told_to_post(client: TestClient) -> None:
    page = client.get("/graphql", headers={"accept": "text/html"})
    refused = client.get("/graphql?query={viewer{name}}", headers={"accept": "application/json"})
    assert page.headers["content-type"].startswith("text/html")
    assert "Content-Security-Policy" in page.headers
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


def test_events_arrive_by_websocket(client: TestClient, source: Source) -> None:
    said = _subscribe(client, EVENTS, {"m": "SHOP"})
    assert [message["type"] for message in said] == ["next", "next", "complete"]
    assert said[0]["payload"]["data"]["workflowEvents"] == {
        "name": "shop.open",
        "subjectId": f"shop:{world.SHOPS[1]}",
        "data": {"n": 1},
        "at": "2026-01-01T00:00:00Z",
    }
    assert source.closed


def test_a_defect_of_the_source_ends_the_stream_and_tells_nothing(client: TestClient, source: Source) -> None:
    source.failure = RuntimeError("secret")
    said = _subscribe(client, EVENTS, {"m": "SHOP"})
    assert "secret" not in json.dumps(said)
    assert said[-2]["payload"]["errors"][0]["extensions"]["code"] == "internal_error"
    assert said[-1]["type"] == "complete"


@pytest.mark.parametrize(("query", "code"), [
    ("{ viewer { name } }", "malformed_request"),
    ("mutation { deleteShop(input: {id: 1}) { id } }", "malformed_request"),
    ("subscription { nothing }", "malformed_request"),
    (UNKNOWN_FIELD, "malformed_request"),
    ("{", "malformed_request"),
])  # fmt: skip
def test_a_socket_takes_only_valid_subscriptions(client: TestClient, query: str, code: str) -> None:
    said = _subscribe(client, query, {})
    assert said[0]["type"] == "error"
    assert said[0]["payload"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    "params", [{}, {"authorization": "Bearer bad"}, {"authorization": 5}, {"authorization": "good"}]
)
def test_a_socket_without_a_good_token_is_closed(client: TestClient, params: Any) -> None:
    with client.websocket_connect("/graphql", subprotocols=[PROTOCOL]) as socket:
        socket.send_json({"type": "connection_init", "payload": params})
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4403


def test_a_socket_of_another_site_is_refused(client: TestClient) -> None:
    headers = {"origin": "https://elsewhere.example"}
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/graphql", subprotocols=[PROTOCOL], headers=headers),
    ):
        pass


def test_events_arrive_as_server_sent_events(client: TestClient) -> None:
    answer = client.post(
        "/graphql",
        json={"query": EVENTS, "variables": {"m": "SHOP"}},
        headers={"accept": "text/event-stream", "authorization": "Bearer good"},
    )
    assert answer.headers["content-type"].startswith("text/event-stream")
    blocks = answer.text.strip().split("\n\n")
    assert [block.splitlines()[0] for block in blocks] == ["event: next", "event: next", "event: complete"]
    assert json.loads(blocks[1].splitlines()[1].removeprefix("data: "))["data"]["workflowEvents"]["data"] == {"n": 2}


def test_a_stream_that_cannot_begin_says_why(client: TestClient) -> None:
    answer = client.post(
        "/graphql",
        json={"query": "{ viewer { name } }"},
        headers={"accept": "text/event-stream", "authorization": "Bearer good"},
    )
    assert '"malformed_request"' in answer.text


def test_a_job_that_is_not_there_is_refused(client: TestClient) -> None:
    said = _subscribe(client, 'subscription { jobProgress(id: "%s") { id } }' % world.ADA, {})  # noqa: UP031
    assert said[0]["payload"]["errors"][0]["extensions"]["code"] == "not_found"
