"""What the platform itself can be asked to do."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.fields import Nothing
from app.domain.kernel.scope import Tx


@command(Kind.ACTION, "job", needs="jobs:cancel", action="cancel", event="job.cancel_requested", unversioned=True)
async def cancel_job(tx: Tx, id: UUID, body: Nothing) -> None:
    """Ask a job to end: a queued one is cancelled at once, a running one at its next step; repeating it is harmless.

    For whoever asked for it, and for those who may start one like it.
    """
    job = (await tx.rows("select principal_id, needs from job where org_id = :org_id and id = :id", id=id))[0]
    if job["principal_id"] != tx.actor.principal_id:
        tx.actor.require(job["needs"])
    await tx.execute(
        "update job set cancel_requested = true, state = case state when 'queued' then 'cancelled' else state end,"
        " finished_at = case state when 'queued' then cast(:now as timestamptz) end"
        " where org_id = :org_id and id = :id and state in ('queued', 'running') and not cancel_requested",
        id=id,
        now=tx.now,
    )
