"""How deals that stay with their former seller are released, kept longer and handed over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.fields import RequiredComment
from app.domain.kernel.scope import Tx
from app.domain.territories import handover
from app.domain.territories.contract.holdovers import ExtendHoldover, HoldoversSettled
from app.domain.territories.tables.holdovers import Holdover
from app.domain.territories.workflow.holdovers import HOLDOVER
from app.domain.workflow.history import on_move


@command(Kind.COLLECTION, "holdover", needs="territories:activate", action="settle", result=HoldoversSettled)
async def settle_holdovers(tx: Tx, body: Any) -> HoldoversSettled:
    """Hand over every deal whose day has come. Run it daily; running it again does nothing more."""
    lapsed, handed_over = await handover.settle(tx)
    return HoldoversSettled(lapsed=lapsed, handed_over=handed_over)


@on_move(HOLDOVER, "release")
async def _hand_over_now(tx: Tx, id: UUID, body: RequiredComment) -> None:
    await handover.hand_over(tx, [id])


@on_move(HOLDOVER, "extend")
async def _keep_longer(tx: Tx, id: UUID, body: ExtendHoldover) -> None:
    held = await tx.require(Holdover, id, lock=True)
    if body.until <= held.until:
        raise refuse("invalid_input", f"It is kept until {held.until} already.", pointer="/until")
    held.until = body.until
