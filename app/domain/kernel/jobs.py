"""Long work: how a command asks for it, and what its handler is given. The queue behind it does not show."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from pydantic_core import to_json

from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.scope import Actor, Tx


class JobCancelled(Exception):
    """Somebody asked for an end; raised by `progress`, and the handler lets it pass."""


class JobContext(Protocol):
    """What a running job works with: the actor who asked for it, and its own short transactions."""

    id: UUID
    actor: Actor
    payload: Mapping[str, Any]
    artifacts: Path
    """Folder for the files it leaves; it may not exist yet."""

    def transaction(self, *, snapshot: bool = False) -> AbstractAsyncContextManager[Tx]:
        """A transaction of its actor, committed at the end. Keep it short: progress is written outside of it.

        All statements of a `snapshot` see the data of one instant.
        """

    def attempt(self, tx: Tx) -> AbstractAsyncContextManager[Tx]:
        """A part of a transaction that is undone alone when it is refused."""

    async def progress(
        self, done: int, total: int | None = None, *, unit: str | None = None, message: str | None = None
    ) -> None:
        """Say how far it is. Raises `JobCancelled` when an end was asked for, so call it between steps."""


JobHandler = Callable[[JobContext], Awaitable[Mapping[str, Any] | None]]

JOBS: dict[str, JobHandler] = {}
"""Handlers by kind; the worker imports the modules that declare them."""


def job(kind: str) -> Callable[[JobHandler], JobHandler]:
    """Declare the handler of a kind of job. It may run again after a crash, so a second run must do no harm.

    What it returns is the job's result. A `DomainError` ends the job with that problem; any other exception is tried
    again.
    """

    def declare(handler: JobHandler) -> JobHandler:
        JOBS[kind] = handler
        return handler

    return declare


define(
    "jobs_under_way",
    Conflict,
    "Enough of these jobs are under way",
    "Assez de ces tâches sont en cours",
    "Wait until one is done, or cancel one; then ask again.",
)


async def at_most(tx: Tx, kind: str, *, of_one: int, of_all: int) -> None:
    """Refuse a further job of a kind while the actor, or the organisation, has as many that have not ended.

    Raises:
        DomainError: `jobs_under_way`.
    """
    # Two requests at once are counted one after the other.
    await tx.value("select pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"{tx.org_id}/{kind}")
    (under_way,) = await tx.rows(
        "select count(*) as of_all, count(*) filter (where principal_id = :principal) as of_one from job"
        " where org_id = :org_id and kind = :kind and state in ('queued', 'running')",
        kind=kind,
        principal=tx.actor.principal_id,
    )
    if under_way["of_one"] >= of_one or under_way["of_all"] >= of_all:
        raise refuse("jobs_under_way", f"At most {of_one} of yours and {of_all} of the organisation.", kind=kind)


async def enqueue(tx: Tx, kind: str, payload: Mapping[str, Any], *, needs: str) -> UUID:
    """Ask for a job; it exists when the transaction commits, and not otherwise.

    `needs` is the permission that starts such a job: whoever holds it may cancel this one too.
    """
    id = tx.new_id()
    await tx.execute(
        "insert into job (org_id, id, kind, needs, principal_id, scopes, payload)"
        " values (:org_id, :id, :kind, :needs, :principal, cast(:scopes as text[]), cast(:payload as jsonb))",
        id=id,
        kind=kind,
        needs=needs,
        principal=tx.actor.principal_id,
        # The job may do no more than the key that asked for it.
        scopes=None if tx.actor.scopes is None else sorted(tx.actor.scopes),
        payload=to_json(payload).decode(),
    )
    await tx.value("select enqueue_job(:org_id, :id)", id=id)
    return id
