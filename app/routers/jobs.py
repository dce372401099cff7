"""Job progress as server-sent events."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import StreamingResponse

from app.domain.kernel.errors import refuse
from app.routers.gateway import actor_of
from app.watching import Watching

_POSITION = re.compile(r"[0-9]{1,18}")


def jobs_router(watching: Watching) -> APIRouter:
    """`GET /v1/jobs/{id}/events`."""
    router = APIRouter(tags=["platform"])

    @router.get("/v1/jobs/{id}/events", operation_id="streamJobEvents", response_class=StreamingResponse)
    async def stream_job_events(request: Request, id: UUID) -> StreamingResponse:
        """Follow a job: one event per change, its id the job's version; resume with `Last-Event-ID`."""
        last = request.headers.get("last-event-id", "0")
        if not _POSITION.fullmatch(last):
            raise refuse("invalid_parameter", "Last-Event-ID is the id of an event.", pointer="/Last-Event-ID")
        changes = watching.watch_job(actor_of(request), id, after=int(last))
        first = await anext(changes, None)

        async def events() -> AsyncIterator[str]:
            if first is not None:
                yield _event(first)
            async for job in changes:
                yield _event(job)

        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(events(), media_type="text/event-stream", headers=headers)

    return router


def _event(job: object) -> str:
    assert isinstance(job, dict)
    return f"id: {job['version']}\nevent: {job['state']}\ndata: {json.dumps(job)}\n\n"
