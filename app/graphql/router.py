"""`/graphql`: POST for operations, GET for the explorer, WebSocket and server-sent events for subscriptions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, WebSocket
from fastapi.responses import HTMLResponse, StreamingResponse

from app.assets import PAGE_HEADERS
from app.domain.kernel.errors import DomainError, refuse
from app.exchange import JSON, Handler, Incoming, Reply, endpoint
from app.graphql.errors import TRACE, refused
from app.graphql.execute import GraphQL, read_request
from app.graphql.explorer import explorer_page
from app.graphql.stream import Authenticate, SocketApp, Subscription, bearer, events, payloads
from app.graphql.subscriptions import Watcher

_EVENTS = "text/event-stream"


def graphql_post(graphql: GraphQL, watcher: Watcher, authenticate: Authenticate) -> Handler:
    """What answers operations sent by POST."""

    async def post(asked: Incoming) -> Reply | Response:
        TRACE.set(asked.trace_id)
        body = await asked.body()
        if _EVENTS in (asked.header(b"accept") or ""):
            return _stream(asked, body)
        if not asked.headers.get(b"content-type", b"application/json").startswith(b"application/json"):
            # A form of another site can send other types without asking first.
            return _refusal(refuse("malformed_request", "Send the request as application/json."), 415)
        status, answer = await graphql.execute(body, asked.actor)
        return Reply(status, answer, (JSON,))

    def _stream(asked: Incoming, body: bytes) -> Reply | Response:
        try:
            request = read_request(body)
        except DomainError as refusal:
            return _refusal(refusal)
        token = bearer(asked.header(b"authorization"))
        context = Subscription(graphql, watcher, lambda: authenticate(token))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(events(payloads(graphql, request, context)), media_type=_EVENTS, headers=headers)

    return post


def graphql_router(graphql: GraphQL, watcher: Watcher, authenticate: Authenticate) -> APIRouter:
    """The routes. The actor is named by an outer layer; sockets authenticate by themselves."""
    router = APIRouter(include_in_schema=False)
    sockets = SocketApp(graphql, watcher, authenticate)
    post = endpoint(graphql_post(graphql, watcher, authenticate))
    router.add_api_route("/graphql", post, methods=["POST"], response_model=None)

    @router.get("/graphql")
    async def get(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(explorer_page(), headers=PAGE_HEADERS)
        reply = _refusal(refuse("method_not_allowed", "Send operations by POST."))
        return Response(reply.body, reply.status, {"Allow": "POST"}, media_type="application/json")

    @router.websocket("/graphql")
    async def socket(socket: WebSocket) -> None:
        await sockets(socket.scope, socket.receive, socket.send)

    return router


def _refusal(refusal: DomainError, status: int | None = None) -> Reply:
    found, body = refused(refusal)
    return Reply(status or found, body, (JSON,))
