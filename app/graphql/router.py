"""`/graphql`: POST for operations, GET for the explorer, WebSocket and server-sent events for subscriptions."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response, WebSocket
from fastapi.responses import HTMLResponse, StreamingResponse

from app.assets import PAGE_HEADERS
from app.domain.kernel.errors import DomainError, refuse
from app.domain.kernel.scope import Actor
from app.graphql.errors import TRACE, refused
from app.graphql.execute import GraphQL, read_request
from app.graphql.explorer import explorer_page
from app.graphql.stream import Authenticate, SocketApp, Subscription, bearer, events, payloads
from app.graphql.subscriptions import Watcher

_JSON = "application/json"
_EVENTS = "text/event-stream"


def graphql_router(graphql: GraphQL, watcher: Watcher, authenticate: Authenticate) -> APIRouter:
    """The routes. `request.state.actor` is set by an outer layer; sockets authenticate by themselves."""
    router = APIRouter(include_in_schema=False)
    sockets = SocketApp(graphql, watcher, authenticate)

    @router.post("/graphql")
    async def post(request: Request) -> Response:
        actor: Actor | None = request.state.actor
        TRACE.set(getattr(request.state, "trace_id", ""))
        body = await request.body()
        if _EVENTS in request.headers.get("accept", ""):
            return await _stream(request, body)
        if not request.headers.get("content-type", _JSON).startswith(_JSON):
            # A form of another site can send other types without asking first.
            return _refusal(refuse("malformed_request", f"Send the request as {_JSON}."), 415)
        status, answer = await graphql.execute(body, actor)
        return Response(answer, status, media_type=_JSON)

    async def _stream(request: Request, body: bytes) -> Response:
        try:
            asked = read_request(body)
        except DomainError as refusal:
            return _refusal(refusal)
        token = bearer(request.headers.get("authorization"))
        context = Subscription(graphql, watcher, lambda: authenticate(token))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(events(payloads(graphql, asked, context)), media_type=_EVENTS, headers=headers)

    @router.get("/graphql")
    async def get(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(explorer_page(), headers=PAGE_HEADERS)
        answer = _refusal(refuse("method_not_allowed", "Send operations by POST."))
        answer.headers["Allow"] = "POST"
        return answer

    @router.websocket("/graphql")
    async def socket(socket: WebSocket) -> None:
        await sockets(socket.scope, socket.receive, socket.send)

    return router


def _refusal(refusal: DomainError, status: int | None = None) -> Response:
    found, body = refused(refusal)
    return Response(body, status or found, media_type=_JSON)
