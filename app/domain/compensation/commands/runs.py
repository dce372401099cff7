"""Asking for a compensation run, and posting and paying what it calculated."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.compensation.commands.posting import pay_out, post
from app.domain.compensation.contract.runs import CompensationRunState, CreateCompensationRun, RunKind
from app.domain.compensation.queries import require_plans
from app.domain.compensation.tables.runs import CompensationRun
from app.domain.compensation.workflow.runs import COMPENSATION_RUN, NO_LATER_POSTED, PERIOD_OPEN, UP_TO_DATE
from app.domain.kernel.command import Kind, command
from app.domain.kernel.commands import cancel_job
from app.domain.kernel.errors import Conflict, Invalid, define, refuse
from app.domain.kernel.fields import Nothing
from app.domain.kernel.jobs import enqueue
from app.domain.kernel.scope import Tx
from app.domain.workflow.history import advance, begin, on_move

define(
    "run_in_progress",
    Conflict,
    "Another run is being calculated",
    "Un autre calcul est en cours",
    "Wait until it is calculated, or cancel it.",
)
define(
    "later_period_posted",
    Conflict,
    "This period or a later one of the year is posted already",
    "Cette période ou une suivante de l'exercice est déjà comptabilisée",
    "Run the next open period: differences of earlier ones are paid there.",
)
define(
    "run_outdated",
    Conflict,
    "Another run was posted since this one was calculated",
    "Un autre calcul a été comptabilisé depuis celui-ci",
    "Cancel this run and calculate again: its amounts are differences to what was posted before.",
)
define(
    "preview_run",
    Conflict,
    "A preview is never posted",
    "Une simulation n'est jamais comptabilisée",
    "Start an official run of the period.",
)
# The job refuses with it; defined here, so that the API can explain it without loading the job.
define(
    "calculation_failed",
    Invalid,
    "The run cannot be calculated",
    "Le calcul n'aboutit pas",
    "Correct what is listed and start another run.",
)


@command(Kind.CREATE, "compensation_run", needs="runs:write", body=CreateCompensationRun, key_required=True)
async def create_compensation_run(tx: Tx, body: CreateCompensationRun) -> UUID:
    """Start the calculation of a period; `job_id` names the job to watch."""
    await tx.visible("fiscal_period", body.period_id, pointer="/period_id")
    period = (
        await tx.rows(
            "select fiscal_year, state from fiscal_period where org_id = :org_id and id = :id", id=body.period_id
        )
    )[0]
    if body.kind is RunKind.OFFICIAL and period["state"] != "open":
        raise refuse("period_closed", pointer="/period_id")
    await require_plans(tx, period["fiscal_year"])
    await _settle_abandoned(tx)
    if await tx.value("select 1 from compensation_run where org_id = :org_id and state in ('queued', 'calculating')"):
        raise refuse("run_in_progress")
    id = tx.new_id()
    row = CompensationRun(
        org_id=tx.org_id,
        id=id,
        parent_run_id=await _newest(tx, body.period_id),
        job_id=await enqueue(tx, "compensation_run", {"run_id": str(id)}, needs="runs:write"),
        requested_by=tx.actor.principal_id,
        state=CompensationRunState(COMPENSATION_RUN.initial),
        **body.model_dump(),
    )
    await tx.add(row)
    await begin(tx, COMPENSATION_RUN, id)
    if body.kind is RunKind.OFFICIAL and not await _holds(tx, id, NO_LATER_POSTED.holds):
        raise refuse("later_period_posted", pointer="/period_id")
    return id


@on_move(COMPENSATION_RUN, "cancel")
async def _cancel(tx: Tx, id: UUID, body: Any) -> None:
    """The job notices at its next step, or is not begun at all."""
    run = await tx.require(CompensationRun, id)
    await cancel_job(tx, run.job_id, Nothing())


@on_move(COMPENSATION_RUN, "post")
async def _post(tx: Tx, id: UUID, body: Any) -> None:
    # One posting at a time: the guards were read before the lock, so they are read once more behind it.
    await tx.value("select pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"{tx.org_id}/ledger")
    await tx.value(
        "select 1 from fiscal_period p join compensation_run run on run.org_id = p.org_id and run.period_id = p.id"
        " where run.org_id = :org_id and run.id = :id for share of p",
        id=id,
    )
    for guard in (PERIOD_OPEN, NO_LATER_POSTED, UP_TO_DATE):
        if not await _holds(tx, id, guard.holds):
            raise refuse(guard.code)
    await post(tx, id)


@on_move(COMPENSATION_RUN, "pay")
async def _pay(tx: Tx, id: UUID, body: Any) -> None:
    await pay_out(tx, id)


async def _holds(tx: Tx, id: UUID, condition: str) -> bool:
    text = condition.format(row="subject", org="cast(:org_id as uuid)")
    return bool(
        await tx.value(
            f"select 1 from compensation_run subject where subject.org_id = :org_id and subject.id = :id and {text}",
            id=id,
        )
    )


async def _newest(tx: Tx, period: UUID) -> UUID | None:
    found: UUID | None = await tx.value(
        "select id from compensation_run where org_id = :org_id and period_id = :period order by id desc limit 1",
        period=period,
    )
    return found


async def _settle_abandoned(tx: Tx) -> None:
    """A run whose job ended without it (a worker that gave up) must not block the organisation for ever."""
    for row in await tx.rows(
        "select run.id from compensation_run run join job on job.org_id = run.org_id and job.id = run.job_id"
        " where run.org_id = :org_id and run.state in ('queued', 'calculating')"
        " and job.state in ('failed', 'cancelled')"
    ):
        await advance(tx, COMPENSATION_RUN, row["id"], "fail")
