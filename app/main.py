"""The API process: REST and GraphQL over one set of operations."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.assets import mount_assets
from app.database.errors import translate
from app.database.migrate import head_revision
from app.domain.kernel.errors import DomainError, FieldError, refuse
from app.exchange import Handler
from app.graphql.execute import GraphQL
from app.graphql.router import graphql_post, graphql_router
from app.graphql.schema import build
from app.routers import (
    attainment_chart,
    charts,
    compensation_charts,
    derived,
    docs,
    imports,
    jobs,
    payroll,
    problems,
    quota_charts,
    statements,
    viewer,
)
from app.routers.gateway import Gateway
from app.routers.health import Metrics, health_router
from app.routers.openapi import describe
from app.service import Service
from app.settings import Settings
from app.watching import Watching


def create_app(service: Service) -> Gateway | CORSMiddleware:
    """The ASGI application over a service; closing the application closes the service."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await service.close()

    settings, operations = service.settings, service.operations
    app = FastAPI(
        title="Palier",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    metrics = Metrics()
    watching = Watching(operations)
    graphql = GraphQL(build(service.catalogue), operations, introspection=settings.introspection)
    lanes = list(derived.endpoints(operations))
    app.include_router(derived.router(lanes))
    app.include_router(graphql_router(graphql, watching, service.authenticator.actor))
    post = graphql_post(graphql, watching, service.authenticator.actor)
    app.include_router(viewer.viewer_router())
    app.include_router(jobs.jobs_router(watching))
    app.include_router(imports.imports_router(operations, settings.artifacts))
    app.include_router(payroll.payroll_router(operations))
    app.include_router(statements.statements_router(operations))
    app.include_router(charts.charts_router(operations))
    app.include_router(attainment_chart.attainment_chart_router(operations))
    app.include_router(quota_charts.quota_charts_router(operations))
    app.include_router(compensation_charts.compensation_charts_router(operations))
    app.include_router(health_router(service.ping, head_revision(), metrics))
    app.include_router(docs.router)
    app.include_router(problems.router)
    mount_assets(app)
    app.add_exception_handler(DomainError, _refused)
    app.add_exception_handler(HTTPException, _not_routed)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(Exception, _failed)
    app.openapi = lambda: _described(app, service, lanes)  # type: ignore[method-assign]
    gateway = Gateway(
        app,
        [*lanes, _Direct("POST", "/graphql", post)],
        service.authenticator,
        body_limit=settings.body_limit,
        upload_limit=settings.upload_limit,
        rate_limit=settings.rate_limit,
        observe=metrics.observe,
    )
    return _shared(gateway, settings.cors_origins) if settings.cors_origins else gateway


def _shared(gateway: Gateway, origins: list[str]) -> CORSMiddleware:
    """Lets pages of these origins call the API from a browser. Keys travel in a header, so no cookies are asked for."""
    return CORSMiddleware(
        gateway,
        allow_origins=origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"],
        allow_headers=[
            *("Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Accept-Language"),
            *("Last-Event-ID", "Traceparent", "X-Request-ID"),
        ],
        expose_headers=["*"],
        max_age=3600,
    )


@dataclass(frozen=True)
class _Direct:
    """A handwritten route that is taken so often that the gateway finds it by dictionary too."""

    method: str
    path: str
    handler: Handler


def _described(app: FastAPI, service: Service, lanes: list[derived.Endpoint]) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = describe(app, service.catalogue, lanes)
    return app.openapi_schema


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    return problems.respond(error, request)


async def _not_routed(request: Request, error: Exception) -> Response:
    """What the router itself refuses: an unknown path, a method the path does not have."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        response = problems.respond(refuse("method_not_allowed"), request)
        response.headers.update(error.headers or {})
        return response
    return problems.respond(refuse("not_found", f"There is nothing at {request.url.path[:200]}."), request)


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = tuple(
        FieldError("/" + "/".join(map(str, item["loc"][1:])), str(item["type"]), str(item["msg"]))
        for item in error.errors()
    )
    return problems.respond(refuse("invalid_parameter", errors=found), request)


async def _failed(request: Request, error: Exception) -> Response:
    """What nobody expected. The gateway logs it: the error is raised again after the answer."""
    return problems.respond(translate(error) or refuse("internal_error"), request)


def application() -> Gateway | CORSMiddleware:
    """For an ASGI server that starts the API by itself: `uvicorn --factory app.main:application`."""
    settings = Settings()
    logging.basicConfig(level=settings.log_level.upper())
    if settings.database_url is None:
        raise SystemExit("Set PALIER_DATABASE_URL, or start with `palier serve`, which brings a database of its own.")
    return create_app(Service(settings, settings.database_url))
