"""Asking why two runs differ."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.commands.verifications import require_calculated
from app.domain.compensation.contract.differences import CompareRuns
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.kernel.jobs import enqueue
from app.domain.kernel.scope import Tx

define(
    "other_period",
    Invalid,
    "The runs are of different periods",
    "Les calculs portent sur des périodes différentes",
    "Compare runs of one period; a preview of a closed period can be run at any time.",
)


@command(
    Kind.ACTION,
    "compensation_run",
    needs="runs:review",
    body=CompareRuns,
    action="compare",
    answers="job",
    unversioned=True,
)
async def compare_compensation_runs(tx: Tx, id: UUID, body: CompareRuns) -> UUID:
    """Say why another run of the same period differs: line by line, by cause, to the cent.

    The inputs of this run are replaced by those of the other one cause at a time, and the year is calculated after
    each. The result of the job names the `run_comparison`.
    """
    await tx.visible("compensation_run", body.other_run_id, pointer="/other_run_id")
    one = await require_calculated(tx, id)
    other = await require_calculated(tx, body.other_run_id, pointer="/other_run_id")
    if one.period_id != other.period_id:
        raise refuse("other_period", pointer="/other_run_id")
    payload = {"run_id": str(id), "other_run_id": str(other.id)}
    return await enqueue(tx, "run_comparison", payload, needs="runs:review")
