"""How sellers are proposed territories."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.fields import OptionalComment
from app.domain.kernel.money import plain
from app.domain.kernel.scope import Tx
from app.domain.organisation.placeholders import check_person
from app.domain.territories import handover
from app.domain.territories.commands.shared import apply_patch, check_order
from app.domain.territories.contract.assignments import (
    EndTerritoryAssignment,
    ProposeTerritoryAssignment,
    ReviseTerritoryAssignment,
    TerritoryAssignmentState,
)
from app.domain.territories.succession import step_back
from app.domain.territories.tables.assignments import TerritoryAssignment
from app.domain.territories.tables.territories import Territory
from app.domain.territories.workflow.assignments import TERRITORY_ASSIGNMENT
from app.domain.workflow.history import begin, on_move

define(
    "coverage_exceeds_whole",
    Conflict,
    "The shares of the territory would add up to more than the whole",
    "Les parts du territoire dépasseraient l'ensemble",
    "Lower the share, choose other dates, or end another assignment first.",
)


@command(Kind.CREATE, "territory_assignment", needs="assignments:propose", body=ProposeTerritoryAssignment)
async def propose_territory_assignment(tx: Tx, body: ProposeTerritoryAssignment) -> UUID:
    """Propose a territory, or a share of it, to a seller."""
    await tx.visible("territory", body.territory_id, pointer="/territory_id", lock=True)
    await check_candidate(tx, body.seller_id, body.effective_from)
    check_order(body.effective_from, body.effective_to, "/effective_to")
    row = await tx.add(TerritoryAssignment(org_id=tx.org_id, **body.model_dump()))
    await begin(tx, TERRITORY_ASSIGNMENT, row.id)
    await _check_whole(tx, row.territory_id)
    return row.id


async def check_candidate(tx: Tx, seller_id: UUID, start: date) -> None:
    """Refuse to propose a territory to oneself, to nobody, or to somebody who has left by then."""
    await tx.visible("seller", seller_id, pointer="/seller_id")
    await check_person(tx, seller_id, "/seller_id")
    if seller_id == tx.actor.seller_id:
        raise refuse("four_eyes", "Nobody takes a territory that they proposed themselves.", pointer="/seller_id")
    left_on = await tx.value("select left_on from seller where org_id = :org_id and id = :id", id=seller_id)
    if left_on is not None and left_on <= start:
        raise refuse("invalid_input", f"The seller leaves on {left_on}.", pointer="/seller_id")


@command(Kind.DELETE, "territory_assignment", needs="assignments:propose", event="territory_assignment.withdrawn")
async def withdraw_territory_assignment(tx: Tx, id: UUID, body: Any) -> None:
    """Withdraw a proposal that the seller has not accepted. An accepted one is ended instead."""
    row = await tx.require(TerritoryAssignment, id)
    if row.state not in (TerritoryAssignmentState.PROPOSED, TerritoryAssignmentState.DISPUTED):
        raise refuse("immutable", "It was accepted; end it instead.", state=row.state)
    await tx.session.delete(row)


@on_move(TERRITORY_ASSIGNMENT, "accept")
async def _take_over(tx: Tx, id: UUID, body: OptionalComment) -> None:
    row = await tx.require(TerritoryAssignment, id, lock=True)
    if row.replaces_id:
        await tx.require(Territory, row.territory_id, lock=True)
        await step_back(tx, row.replaces_id, row)
        await _check_whole(tx, row.territory_id)
    await handover.follow_assignment(tx, id)


@on_move(TERRITORY_ASSIGNMENT, "revise")
async def _propose_again(tx: Tx, id: UUID, body: ReviseTerritoryAssignment) -> None:
    row = await tx.require(TerritoryAssignment, id, lock=True)
    if row.replaces_id and (fixed := sorted({"share", "effective_to"} & body.model_fields_set)):
        raise refuse("invalid_input", "It takes over what is vacant as a whole.", pointer=f"/{fixed[0]}")
    await tx.require(Territory, row.territory_id, lock=True)
    apply_patch(row, body, but="comment")
    check_order(row.effective_from, row.effective_to, "/effective_to")
    await tx.flush()
    await _check_whole(tx, row.territory_id)


@on_move(TERRITORY_ASSIGNMENT, "end")
async def _end_coverage(tx: Tx, id: UUID, body: EndTerritoryAssignment) -> None:
    row = await tx.require(TerritoryAssignment, id, lock=True)
    check_order(row.effective_from, body.effective_to, "/effective_to")
    if row.effective_to is not None and body.effective_to > row.effective_to:
        raise refuse("invalid_input", f"It ends on {row.effective_to} already.", pointer="/effective_to")
    row.effective_to = body.effective_to


async def _check_whole(tx: Tx, territory_id: UUID) -> None:
    peak = await tx.value("select territory_coverage_peak(:org_id, :territory)", territory=territory_id)
    if peak > 1:
        raise refuse("coverage_exceeds_whole", f"The shares would reach {plain(peak)}.", pointer="/share")
