"""The worker process: takes jobs from the queue and runs them for whoever asked.

The `job` row is the truth. A worker that is killed leaves its job `running`; the queue hands it out again when its
heartbeat is overdue, and it is tried anew until its attempts are used up.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgPoolDriver
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job
from pydantic_core import to_json

from app.domain.kernel.errors import DomainError, refuse
from app.domain.kernel.jobs import JOBS, JobCancelled
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor, Tx
from app.operations import Operations
from app.service import Service, job_modules
from app.settings import Settings

log = logging.getLogger("palier.worker")


class RunningJob:
    """A job being run; see `kernel.jobs.JobContext`."""

    def __init__(
        self, operations: Operations, actor: Actor, id: UUID, payload: Mapping[str, Any], artifacts: Path
    ) -> None:
        self.id = id
        self.actor = actor
        self.payload = payload
        self.artifacts = artifacts
        self._operations = operations

    def transaction(self, *, snapshot: bool = False) -> AbstractAsyncContextManager[Tx]:
        """A transaction of the job's actor."""
        return self._operations.transaction(self.actor, snapshot=snapshot)

    def attempt(self, tx: Tx) -> AbstractAsyncContextManager[Tx]:
        """A part of a transaction that is undone alone."""
        return self._operations.attempt(tx)

    async def progress(
        self, done: int, total: int | None = None, *, unit: str | None = None, message: str | None = None
    ) -> None:
        """Write how far the job is; raises `JobCancelled` when its end was asked for."""
        async with self.transaction() as tx:
            asked = await tx.value(
                "update job set done = :done, total = coalesce(:total, total), unit = coalesce(:unit, unit),"
                " message = coalesce(:message, message), heartbeat_at = now()"
                " where org_id = :org_id and id = :id returning cancel_requested",
                id=self.id,
                done=done,
                total=total,
                unit=unit,
                message=message,
            )
        if asked:
            raise JobCancelled


async def run_job(service: Service, org_id: UUID, id: UUID) -> bool:
    """Run one job if it is still to be run. False: it broke and should be tried again."""
    claimed = await _claim(service, org_id, id)
    if claimed is None:
        return True
    actor, row = claimed
    if row["attempts"] > service.settings.job_attempts:
        await _finish(service, actor, id, "failed", problem=_problem(refuse("job_gave_up")))
        return True
    context = RunningJob(service.operations, actor, id, json.loads(row["payload"]), service.settings.artifacts)
    try:
        result = await JOBS[row["kind"]](context)
    except JobCancelled:
        await _finish(service, actor, id, "cancelled")
    except DomainError as error:
        await _finish(service, actor, id, "failed", problem=_problem(error))
    except Exception:
        log.exception("job %s failed at attempt %s", id, row["attempts"])
        if row["attempts"] < service.settings.job_attempts:
            await _finish(service, actor, id, "queued")
            return False
        await _finish(service, actor, id, "failed", problem=_problem(refuse("internal_error", trace_id=str(id))))
    else:
        await _finish(service, actor, id, "succeeded", result=dict(result or {}))
    return True


async def _claim(service: Service, org_id: UUID, id: UUID) -> tuple[Actor, Mapping[str, Any]] | None:
    """Mark the job as running and name its actor: the roles it has now, within the scopes of the key that asked.

    None when the job is over already. A principal that was deactivated may do nothing any more.
    """
    nobody = Actor(org_id, id, "worker", frozenset())
    async with service.operations.transaction(nobody) as tx:
        rows = await tx.rows(
            "with claimed as (update job set state = 'running', attempts = attempts + 1,"
            " started_at = coalesce(started_at, now()), heartbeat_at = now()"
            " where org_id = :org_id and id = :id and state in ('queued', 'running') returning *)"
            " select c.kind, c.payload::text as payload, c.attempts, c.scopes, p.id as principal_id, p.name,"
            " case when p.active then p.roles else array[]::text[] end as roles, p.seller_id"
            " from claimed c join principal p on p.org_id = c.org_id and p.id = c.principal_id",
            id=id,
        )
    if not rows:
        return None
    row = dict(rows[0])
    roles = frozenset(Role(role) for role in row["roles"])
    scopes = None if row["scopes"] is None else frozenset(row["scopes"])
    return Actor(org_id, row["principal_id"], row["name"], roles, row["seller_id"], scopes), row


async def _finish(
    service: Service,
    actor: Actor,
    id: UUID,
    state: str,
    *,
    result: Mapping[str, Any] | None = None,
    problem: Mapping[str, Any] | None = None,
) -> None:
    async with service.operations.transaction(actor) as tx:
        await tx.execute(
            "update job set state = :state, finished_at = case when :state = 'queued' then null else now() end,"
            " done = case when :state = 'succeeded' then coalesce(total, done) else done end,"
            " result = cast(:result as jsonb), problem = cast(:problem as jsonb) where org_id = :org_id and id = :id",
            id=id,
            state=state,
            result=to_json(result).decode() if result is not None else None,
            problem=to_json(problem).decode() if problem is not None else None,
        )
        if state != "queued":
            tx.emit(f"job.{state}", "job", id)


def _problem(error: DomainError) -> dict[str, Any]:
    findings = [{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in error.errors]
    return {
        "type": f"/problems/{error.code}",
        "code": error.code,
        "detail": error.detail,
        "errors": findings,
    } | error.facts


async def run_worker(service: Service, stopping: asyncio.Event | None = None) -> None:
    """Take jobs until SIGTERM or SIGINT (or `stopping`): then take no more, and let what runs come to its end."""
    settings = service.settings
    pool = await asyncpg.create_pool(service.dsn, min_size=1, max_size=3, server_settings=service.queue_settings)
    assert pool is not None
    try:
        queue = PgQueuer(AsyncpgPoolDriver(pool))

        @queue.entrypoint("job")
        async def work(item: Job) -> None:
            asked = json.loads(item.payload or b"{}")
            if not await run_job(service, UUID(asked["org_id"]), UUID(asked["job_id"])):
                raise RetryRequested(timedelta(seconds=2))

        async def stop() -> None:
            await (stopping or asyncio.Event()).wait()
            queue.shutdown.set()

        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, queue.shutdown.set)
        watcher = asyncio.create_task(stop())
        try:
            await queue.run(
                dequeue_timeout=timedelta(seconds=1),
                batch_size=1,
                max_concurrent_tasks=settings.worker_concurrency,
            )
        finally:
            watcher.cancel()
    finally:
        await pool.close()


async def main(settings: Settings, dsn: str, parent: int | None = None) -> None:
    """A worker process from its start to its end; with a `parent` it ends when that process is gone."""
    job_modules()
    service = Service(settings, dsn)
    stopping = asyncio.Event()
    watcher = asyncio.create_task(_outlive(parent, stopping)) if parent else None
    try:
        await run_worker(service, stopping)
    finally:
        if watcher:
            watcher.cancel()
        await service.close()


async def _outlive(parent: int, stopping: asyncio.Event) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 (a process has no event to wait for)
        await asyncio.sleep(1)
    stopping.set()
