"""One request and its answer without a framework's objects: building those costs more than a small read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Actor

Header = tuple[bytes, bytes]
Pairs = tuple[tuple[str, str], ...]

JSON: Header = (b"content-type", b"application/json")
_REMEMBERED = 1_000
"""Longest query string, in bytes, that is worth remembering."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()


class Incoming:
    """A request, as far as a handler looks at it. `headers` have names in lower case."""

    __slots__ = ("_actor", "_receive", "headers", "path", "path_params", "query", "trace_id")

    def __init__(self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes]) -> None:
        state = scope["state"]
        self._actor: Actor | None = state.get("actor")
        self._receive = receive
        self.headers = headers
        self.path: str = scope["path"]
        self.path_params: Mapping[str, str] = scope.get("path_params", {})
        self.query: bytes = scope["query_string"]
        self.trace_id: str = state.get("trace_id", "")

    @property
    def actor(self) -> Actor | None:
        """Who asks, if they said so."""
        return self._actor

    @property
    def acting(self) -> Actor:
        """Who asks, or `unauthenticated`."""
        if self._actor is None:
            raise refuse("unauthenticated")
        return self._actor

    @property
    def id(self) -> UUID:
        """The id in the path; `not_found` when it is none."""
        try:
            return UUID(self.path_params["id"])
        except ValueError:
            raise refuse("not_found", f"{self.path_params['id'][:80]!r} is not an identifier.") from None

    @property
    def pairs(self) -> Pairs:
        """The query parameters in their order, or `malformed_request`."""
        if not self.query:
            return ()
        return _known_pairs(self.query) if len(self.query) <= _REMEMBERED else _pairs(self.query)

    def header(self, name: bytes) -> str | None:
        """A header's text; None without it."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    async def body(self) -> bytes:
        """The whole body. To be asked for once."""
        parts = []
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise refuse("malformed_request", "The body was cut off.")
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(parts)


Handler = Callable[[Incoming], Awaitable[Reply | Response]]
"""Answers a request; with a response of the framework's where the answer streams."""


def endpoint(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """The same handler for the framework's router, for paths that are not found by dictionary."""

    async def answer(request: Request) -> Response:
        reply = await handler(Incoming(request.scope, request.receive, dict(request.scope["headers"])))
        if isinstance(reply, Response):
            return reply
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in reply.headers}
        return Response(reply.body, reply.status, headers)

    return answer


def _pairs(query: bytes) -> Pairs:
    try:
        return tuple(parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=200, errors="strict"))
    except ValueError as error:
        raise refuse("malformed_request", "The query string cannot be read.") from error


_known_pairs = lru_cache(maxsize=4096)(_pairs)
