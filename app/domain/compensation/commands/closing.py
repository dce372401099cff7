"""A period is closed when nothing of it waits any more."""

from __future__ import annotations

from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.reactions import reacts_to
from app.domain.kernel.scope import Event, Tx

define(
    "period_unsettled",
    Conflict,
    "A compensation run of the period is not finished",
    "Un calcul de rémunération de la période n'est pas achevé",
    "Pay or cancel the run named in `run_id`, then close the period.",
)


@reacts_to("fiscal_period.closed")
async def _settled(tx: Tx, event: Event) -> None:
    """An official run that is not paid, cancelled or failed keeps its period open."""
    waiting = await tx.rows(
        "select id, state from compensation_run where org_id = :org_id and period_id = :period and kind = 'official'"
        " and state not in ('paid', 'cancelled', 'failed') order by id limit 1",
        period=event.subject_id,
    )
    if waiting:
        raise refuse("period_unsettled", run_id=str(waiting[0]["id"]), state=waiting[0]["state"])
