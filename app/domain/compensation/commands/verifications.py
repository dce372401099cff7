"""Asking for a run to be recalculated."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.contract.verifications import VerifyRun
from app.domain.compensation.tables.runs import CompensationRun
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.jobs import enqueue
from app.domain.kernel.scope import Tx

define(
    "run_not_calculated",
    Conflict,
    "The run has no results",
    "Le calcul n'a pas de résultats",
    "Wait until it is calculated, or name another run.",
)
# The job refuses with it; defined here, so that the API can explain it without loading the job.
define(
    "inputs_not_kept",
    Conflict,
    "The inputs of the run are not there any more",
    "Les données d'entrée du calcul ne sont plus disponibles",
    "Bring the folder of the run back into the artefact store, or name a newer run.",
)


@command(
    Kind.ACTION,
    "compensation_run",
    needs="runs:review",
    body=VerifyRun,
    action="verify",
    answers="job",
    unversioned=True,
    event="",
)
async def verify_compensation_run(tx: Tx, id: UUID, body: VerifyRun) -> UUID:
    """Recalculate a run from the inputs it read, on another engine, and compare it step by step.

    Whatever changed since has no part in it, so an old run of a closed period is recalculated to the last digit. The
    result of the job names the `run_verification` that says what came of it.
    """
    await require_calculated(tx, id)
    return await enqueue(tx, "run_verification", {"run_id": str(id), "engine": body.engine}, needs="runs:review")


async def require_calculated(tx: Tx, id: UUID, *, pointer: str | None = None) -> CompensationRun:
    """A run that has results.

    Raises:
        DomainError: `run_not_calculated`.
    """
    run = await tx.require(CompensationRun, id, pointer=pointer)
    if not run.digest:
        raise refuse("run_not_calculated", pointer=pointer or "", state=run.state)
    return run
