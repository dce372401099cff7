"""Watching things change: polled in short reads, so that a thousand watchers hold no connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

from app.domain.kernel.contract import JobState
from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Actor
from app.operations import Operations

_PAUSE = 0.3
_OVER = (JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED)


class Watching:
    """What happens to a job, and to the subjects of a workflow."""

    def __init__(self, operations: Operations, *, pause: float = _PAUSE) -> None:
        self._operations = operations
        self._pause = pause

    async def watch_job(self, actor: Actor, id: UUID, *, after: int = 0) -> AsyncIterator[Mapping[str, Any]]:
        """The job now and after each change, until it is over; only versions after `after`. Refuses `not_found`."""
        reader, seen = self._operations.reader, after
        while True:
            found = await reader.one(actor, "job", id)
            if found is None:
                raise refuse("not_found")
            job: dict[str, Any] = json.loads(found.body)
            if job["version"] > seen:
                seen = job["version"]
                yield job
            if job["state"] in _OVER:
                return
            await asyncio.sleep(self._pause)

    async def watch_events(
        self, actor: Actor, machine: str, *, after: int | None = None
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Events of one machine's subjects, from now on or after a position of the stream."""
        actor.require("events:read")
        last = after if after is not None else await self._newest(actor)
        while True:
            pairs = [("subject", machine), ("seq.gt", str(last)), ("sort", "seq"), ("limit", "200")]
            page = json.loads(await self._operations.reader.page(actor, "event", pairs))
            for event in page["items"]:
                last = event["seq"]
                yield event
            if not page["page"]["has_next_page"]:
                await asyncio.sleep(self._pause)

    async def _newest(self, actor: Actor) -> int:
        page = json.loads(await self._operations.reader.page(actor, "event", [("sort", "-seq"), ("limit", "1")]))
        return int(page["items"][0]["seq"]) if page["items"] else 0
