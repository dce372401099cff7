"""The one layer in front of every route, in plain ASGI: trace id, identity, bounds, headers, refusals.

It also dispatches the derived routes by dictionary: a router tries hundreds of patterns in turn, for each request.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.database.errors import translate
from app.domain.kernel.errors import DomainError, refuse
from app.domain.kernel.scope import Actor
from app.exchange import Handler, Header, Incoming, Reply
from app.routers.problems import respond

log = logging.getLogger("palier.requests")


class Authenticate(Protocol):
    """Turns a bearer token into an actor, or refuses with `unauthenticated`."""

    async def actor(self, token: str) -> Actor:
        """The actor behind the token."""


class Lane(Protocol):
    """A route that can be found without trying patterns."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def path(self) -> str:
        """The path, with `{id}` where it names one object."""

    @property
    def handler(self) -> Handler:
        """What answers."""


class RateLimit:
    """A token bucket per principal, in this process; published in headers."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._buckets: dict[Any, tuple[float, float]] = {}

    def take(self, principal: Any) -> tuple[int, int]:
        """Tokens left and seconds until the next, or `rate_limited`."""
        if not self.per_minute:
            return 0, 0
        now = time.monotonic()
        if len(self._buckets) > 10_000:
            self._buckets.clear()
        tokens, seen = self._buckets.get(principal, (float(self.per_minute), now))
        tokens = min(float(self.per_minute), tokens + (now - seen) * self.per_minute / 60)
        if tokens < 1:
            raise refuse("rate_limited", retry_after=max(1, round(60 / self.per_minute)))
        self._buckets[principal] = (tokens - 1, now)
        return int(tokens - 1), 60


class Gateway:
    """Wraps the FastAPI application."""

    def __init__(
        self,
        app: ASGIApp,
        lanes: Iterable[Lane],
        authenticator: Authenticate,
        *,
        body_limit: int,
        upload_limit: int,
        rate_limit: int,
        observe: Callable[[str, str, int, float], None],
    ) -> None:
        self.app = app
        self.authenticator = authenticator
        self.body_limit = body_limit
        self.upload_limit = upload_limit
        self.rates = RateLimit(rate_limit)
        self.observe = observe
        self.exact: dict[tuple[str, str], Lane] = {}
        self.members: dict[tuple[str, str, str], Lane] = {}
        for lane in lanes:
            head, _, tail = lane.path.partition("/{id}")
            if lane.path == head:
                self.exact[lane.method, head] = lane
            elif "{" not in tail:
                self.members[lane.method, head, tail] = lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        state = scope.setdefault("state", {})
        headers = dict(scope["headers"])
        trace_id = state["trace_id"] = _trace_id(headers)
        state["actor"] = None
        limit = self._limit(scope["path"])
        counted = _bounded(receive, limit)
        seen: dict[str, int] = {}
        extra: list[Header] = [(b"x-request-id", trace_id.encode())]

        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                spent = f"total;dur={(time.perf_counter() - began) * 1000:.1f}".encode()
                message["headers"] = [*message.get("headers", ()), *extra, (b"server-timing", spent)]
            await send(message)

        try:
            _declared_length(headers, limit)
            await self._identify(headers, state, extra)
            lane = self._lane(scope)
            if lane is None:
                await self.app(scope, counted, sender)
            else:
                reply = await lane.handler(Incoming(scope, counted, headers))
                await (_send(reply, sender) if isinstance(reply, Reply) else reply(scope, counted, sender))
        except DomainError as error:
            await respond(error, Request(scope))(scope, counted, sender)
        except Exception as error:
            refusal = translate(error)
            if refusal is None:
                log.exception("request failed", extra={"trace_id": trace_id})
            if seen:
                raise
            await respond(refusal or refuse("internal_error"), Request(scope))(scope, counted, sender)
        finally:
            self.observe(
                scope["method"], state.get("route", "other"), seen.get("status", 500), time.perf_counter() - began
            )

    def _lane(self, scope: Scope) -> Lane | None:
        """Find a derived route: an exact path, else `/v1/{collection}/{id}` with an optional tail."""
        method, path = scope["method"], scope["path"]
        lane = self.exact.get((method, path))
        if lane is None:
            parts = path.split("/", 4)
            if len(parts) < 4 or not parts[3]:
                return None
            tail = f"/{parts[4]}" if len(parts) > 4 else ""
            lane = self.members.get((method, f"/{parts[1]}/{parts[2]}", tail))
            if lane is None:
                return None
            scope["path_params"] = {"id": parts[3]}
        scope["state"]["route"] = lane.path
        return lane

    async def _identify(
        self, headers: Mapping[bytes, bytes], state: MutableMapping[str, Any], extra: list[Header]
    ) -> None:
        value = headers.get(b"authorization", b"").decode("latin-1")
        if not value:
            return
        scheme, _, token = value.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise refuse("unauthenticated", "Send `Authorization: Bearer …`.")
        actor = state["actor"] = await self.authenticator.actor(token.strip())
        if self.rates.per_minute:
            left, reset = self.rates.take(actor.principal_id)
            extra += [
                (b"ratelimit-limit", str(self.rates.per_minute).encode()),
                (b"ratelimit-remaining", str(left).encode()),
                (b"ratelimit-reset", str(reset).encode()),
            ]

    def _limit(self, path: str) -> int:
        return self.upload_limit if path == "/v1/imports" else self.body_limit


def actor_of(request: Request) -> Actor:
    """Who asks, or `unauthenticated`."""
    actor: Actor | None = request.state.actor
    if actor is None:
        raise refuse("unauthenticated")
    return actor


def _declared_length(headers: Mapping[bytes, bytes], limit: int) -> None:
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > limit:
        raise refuse("body_too_large", f"At most {limit} bytes are accepted here.", limit=limit)


async def _send(reply: Reply, send: Send) -> None:
    headers = [*reply.headers]
    if reply.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(reply.body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _trace_id(headers: Mapping[bytes, bytes]) -> str:
    """The caller's W3C trace id if it sends one, else a new one."""
    parts = headers.get(b"traceparent", b"").split(b"-")
    if len(parts) == 4 and len(parts[1]) == 32 and parts[1].isalnum():
        return parts[1].decode()
    return secrets.token_hex(16)


def _bounded(receive: Receive, limit: int) -> Receive:
    """Count the body while it streams: a declared length can lie."""
    total = 0

    async def counted() -> Message:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > limit:
            raise refuse("body_too_large", f"At most {limit} bytes are accepted here.", limit=limit)
        return message

    return counted
