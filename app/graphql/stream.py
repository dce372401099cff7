"""Running subscriptions: by WebSocket (graphql-transport-ws) and as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError, OperationType, subscribe
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry import Schema
from strawberry.asgi import GraphQL as Sockets
from strawberry.exceptions import ConnectionRejectionError
from strawberry.schema.schema import StreamResult
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult as Sent
from strawberry.types.execution import PreExecutionError
from typing_extensions import override

from app.domain.kernel.errors import DomainError, refuse
from app.domain.kernel.scope import Actor
from app.graphql.document import InvalidDocumentError
from app.graphql.errors import error_of
from app.graphql.execute import GraphQL, Request
from app.graphql.subscriptions import Watcher
from app.graphql.walk import Info

Payload = dict[str, Any]
Authenticate = Callable[[str], Awaitable[Actor]]
_BEARER = "bearer "


class Subscription:
    """The context of one operation: it holds no connection and no answer, only how to get them."""

    def __init__(self, graphql: GraphQL, watcher: Watcher, actor: Callable[[], Awaitable[Actor]]) -> None:
        self._graphql = graphql
        self.watcher = watcher
        self.actor = actor

    async def root(self, info: Info) -> Any:
        """One event's object with its whole selection."""
        found, _ = await self._graphql.resolve(info, await self.actor())
        return found


async def payloads(graphql: GraphQL, request: Request, context: Subscription) -> AsyncGenerator[Payload, None]:
    """The results of a subscription; a single one without `data` when it could not begin."""
    try:
        document = graphql.document(request)
        operation = document.operation(request.operation)
        if operation.operation is not OperationType.SUBSCRIPTION:
            raise refuse("malformed_request", "Send queries and mutations by POST; this is for subscriptions.")
        graphql.variables(operation, request.variables)
        stream = subscribe(
            graphql.published.core,
            document.node,
            context_value=context,
            variable_values=dict(request.variables),
            operation_name=request.operation,
        )
        if isinstance(stream, Awaitable):
            stream = await stream
    except InvalidDocumentError as invalid:
        yield {"errors": [error_of(error) for error in invalid.errors]}
        return
    except DomainError as refusal:
        yield {"errors": [error_of(refusal)]}
        return
    if isinstance(stream, ExecutionResult):
        yield {"errors": [error_of(error) for error in stream.errors or ()]}
        return
    async for result in _guarded(stream):
        yield result


async def _guarded(stream: AsyncIterator[ExecutionResult]) -> AsyncGenerator[Payload, None]:
    """The stream's results; an exception of its source becomes the last of them."""
    try:
        async with aclosing(stream) as results:  # type: ignore[type-var]
            async for result in results:
                errors = [error_of(error) for error in result.errors or ()]
                yield {"data": result.data, "errors": errors} if errors else {"data": result.data}
    except Exception as error:
        yield {"data": None, "errors": [error_of(error)]}


async def events(results: AsyncGenerator[Payload, None]) -> AsyncGenerator[bytes, None]:
    """The results as server-sent events, in the way of the graphql-sse protocol's distinct connections."""
    async with aclosing(results):
        async for payload in results:
            yield b"event: next\ndata: " + orjson.dumps(payload) + b"\n\n"
    yield b"event: complete\ndata:\n\n"


def bearer(authorization: object) -> str:
    """The token in `Bearer …`, empty when there is none."""
    if not isinstance(authorization, str) or not authorization.lower().startswith(_BEARER):
        return ""
    return authorization[len(_BEARER) :].strip()


class _SocketContext:
    """One connection; `connection_params` is what the client sent first."""

    def __init__(self) -> None:
        self.connection_params: Mapping[str, Any] = {}

    @property
    def token(self) -> str:
        """The bearer token, empty when there is none."""
        given = {name.lower(): value for name, value in self.connection_params.items()}
        return bearer(given.get("authorization"))


class _Operations(Schema):
    """What strawberry's WebSocket handler asks for results; each operation gets a context of its own."""

    def __init__(self, graphql: GraphQL, watcher: Watcher, authenticate: Authenticate) -> None:
        self._graphql = graphql
        self._watcher = watcher
        self._authenticate = authenticate

    @override
    async def stream(self, query: str | None, *args: Any, **kwargs: Any) -> StreamResult:
        socket: _SocketContext = kwargs["context_value"]
        request = Request(query or "", kwargs.get("variable_values") or {}, kwargs.get("operation_name"))
        context = Subscription(self._graphql, self._watcher, lambda: self._authenticate(socket.token))
        return self._sent(payloads(self._graphql, request, context))

    async def _sent(self, results: AsyncGenerator[Payload, None]) -> AsyncGenerator[Sent, None]:
        async with aclosing(results):
            async for payload in results:
                errors = [_as_error(entry) for entry in payload.get("errors", ())]
                kind = Sent if "data" in payload else PreExecutionError
                yield kind(data=payload.get("data"), errors=errors or None)


class SocketApp(Sockets[_SocketContext, None]):
    """The WebSocket side of `/graphql`. The token comes in `connection_init` as `{"authorization": "Bearer …"}`."""

    def __init__(self, graphql: GraphQL, watcher: Watcher, authenticate: Authenticate) -> None:
        super().__init__(
            _Operations(graphql, watcher, authenticate),
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            max_subscriptions_per_connection=50,
        )
        self._authenticate = authenticate

    @override
    async def get_context(self, request: HttpRequest | WebSocket, response: Response | WebSocket) -> _SocketContext:
        return _SocketContext()

    @override
    async def on_ws_connect(self, context: _SocketContext) -> Any:
        try:
            await self._authenticate(context.token)
        except DomainError as refusal:
            raise ConnectionRejectionError(error_of(refusal)) from refusal
        return await super().on_ws_connect(context)


def _as_error(entry: Payload) -> GraphQLError:
    return GraphQLError(entry["message"], path=entry.get("path"), extensions=entry["extensions"])
