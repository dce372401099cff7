"""The application, for `uvicorn --factory`."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from benchmarks.ordinary.refusals import Refused
from benchmarks.ordinary.rest import router
from benchmarks.ordinary.schema import graphql_router


def application() -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.include_router(router)
    app.include_router(graphql_router)
    app.add_api_route("/livez", _alive)
    app.add_exception_handler(Refused, _refused)
    return app


async def _alive() -> dict[str, bool]:
    return {"ok": True}


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return JSONResponse({"code": error.code}, error.status)
