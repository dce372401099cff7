"""For those who operate the service: is it alive, is it ready, what does it measure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from pydantic import BaseModel
from starlette.responses import JSONResponse, PlainTextResponse, Response

from app.domain.kernel.errors import refuse

_PUBLIC: dict[str, Any] = {"security": []}


_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
"""What a caller makes up is counted as one."""


class Health(BaseModel):
    """Whether the service can do its work."""

    status: str
    """`ok`."""
    database: str = ""
    schema_revision: str = ""


class Metrics:
    """Requests by route: how many, how long."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("palier_requests", "Requests answered.", labels, registry=self.registry)
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self.seconds = Histogram(
            "palier_request_seconds", "Seconds until the answer.", ("method", "route"), registry=self.registry
        )

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        method = method if method in _METHODS else "other"
        known = self._known.get((method, route, status))
        if known is None:
            # The library checks labels and takes a lock at each look-up; once per route is enough.
            known = self.requests.labels(method, route, str(status)), self.seconds.labels(method, route)
            self._known[method, route, status] = known
        count, spent = known
        count.inc()
        spent.observe(seconds)


def health_router(ping: Callable[[], Awaitable[str | None]], head: str | None, metrics: Metrics) -> APIRouter:
    """`/livez`, `/readyz`, `/metrics`; none of them asks who is calling."""
    router = APIRouter(tags=["platform"])

    @router.get(
        "/livez",
        operation_id="getLiveness",
        response_model=Health,
        summary="Is the process alive",
        openapi_extra=_PUBLIC,
    )
    async def live() -> Response:
        """Answers while the process can answer at all."""
        return JSONResponse({"status": "ok"})

    @router.get(
        "/readyz",
        operation_id="getReadiness",
        response_model=Health,
        summary="Can it serve",
        openapi_extra=_PUBLIC | {"responses": {"503": {"$ref": "#/components/responses/Problem503"}}},
    )
    async def ready() -> Response:
        """Answers 200 when the database is reached and its schema is the one this version needs, else 503."""
        revision = await ping()
        if revision is None:
            raise refuse("unavailable", "The database cannot be reached.")
        if revision != head:
            raise refuse("unavailable", f"The schema is at {revision}, this version needs {head}.")
        return JSONResponse({"status": "ok", "database": "up", "schema_revision": revision})

    @router.get(
        "/metrics",
        operation_id="getMetrics",
        response_class=PlainTextResponse,
        summary="Prometheus metrics",
        openapi_extra=_PUBLIC,
    )
    async def measured() -> Response:
        """Request counts and times in the Prometheus text format."""
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return router
