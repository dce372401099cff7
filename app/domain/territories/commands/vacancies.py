"""A seller who leaves is followed by an open position, so that no territory is left with a hole."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.reactions import reacts_to
from app.domain.kernel.scope import Event, Tx
from app.domain.organisation.placeholders import open_position
from app.domain.territories.commands.assignments import check_candidate
from app.domain.territories.commands.shared import check_order
from app.domain.territories.contract.assignments import FillVacancy, TerritoryAssignmentState
from app.domain.territories.tables.assignments import TerritoryAssignment
from app.domain.territories.tables.territories import Territory
from app.domain.territories.workflow.assignments import TERRITORY_ASSIGNMENT
from app.domain.workflow.history import advance_many, begin, begin_many

define(
    "not_vacant",
    Conflict,
    "The territory is not held by an open position",
    "Le territoire n'est pas tenu par un poste à pourvoir",
    "See the vacancies; end the assignment of a seller to propose its territory to another one.",
)

# What the seller would still cover on its last day or later, in models that last until then.
_HELD = """
select held.id, territory.code, held.effective_from >= :day as begins_later
from territory_assignment held
join territory on territory.org_id = held.org_id and territory.id = held.territory_id
join territory_model model on model.org_id = held.org_id and model.id = territory.model_id
 and held.valid * model.valid && daterange(:day, null)
where held.org_id = :org_id and held.seller_id = :seller and held.state = 'accepted'
order by model.starts_on, territory.code for no key update of held
"""
_STAND_IN = """
insert into territory_assignment
  (org_id, id, territory_id, seller_id, share, effective_from, effective_to, state, replaces_id)
select held.org_id, uuidv7(), held.territory_id, :position, held.share, greatest(held.effective_from, :day),
       held.effective_to, 'proposed', held.id
from territory_assignment held where held.org_id = :org_id and held.id = any(cast(:ids as uuid[]))
returning id
"""
_END = "update territory_assignment set effective_to = :day where org_id = :org_id and id = any(cast(:ids as uuid[]))"
_WITHDRAW = """
delete from territory_assignment
where org_id = :org_id and seller_id = :seller
  and (state in ('proposed', 'disputed') or id = any(cast(:ids as uuid[])))
returning id
"""
_LONGEST_NAME = 200


@reacts_to("seller.ended")
async def leave_no_hole(tx: Tx, event: Event) -> None:
    """End what the seller covers on the day it leaves, and let an open position hold it from then on."""
    seller, day = event.subject_id, event.data["left_on"]
    held = await tx.rows(_HELD, seller=seller, day=day)
    later = [row["id"] for row in held if row["begins_later"]]
    if held:
        codes = dict.fromkeys(row["code"] for row in held)
        name = f"Vacant: {', '.join(codes)}"[:_LONGEST_NAME]
        position = await open_position(tx, seller, name, day)
        ended = [row["id"] for row in held if not row["begins_later"]]
        made = await tx.rows(_STAND_IN, position=position, day=day, ids=[row["id"] for row in held])
        standing_in = [row["id"] for row in made]
        await begin_many(tx, TERRITORY_ASSIGNMENT, standing_in)
        await advance_many(tx, TERRITORY_ASSIGNMENT, ended, "relieve", comment=f"The seller leaves on {day}.")
        await tx.execute(_END, ids=ended, day=day)
        await advance_many(tx, TERRITORY_ASSIGNMENT, standing_in, "stand_in")
    for row in await tx.rows(_WITHDRAW, seller=seller, ids=later):
        tx.emit("territory_assignment.withdrawn", "territory_assignment", row["id"], seller_left_on=day)


@command(
    Kind.ACTION,
    "territory_assignment",
    needs="assignments:propose",
    body=FillVacancy,
    action="fill",
    event="territory_assignment.fill_proposed",
)
async def fill_vacancy(tx: Tx, id: UUID, body: FillVacancy) -> UUID:
    """Propose what an open position holds to a seller; answers with the proposal.

    The open position keeps the territory until the seller accepts, and ends with its last one.
    """
    vacancy = await tx.require(TerritoryAssignment, id)
    await tx.require(Territory, vacancy.territory_id, lock=True)
    if vacancy.state != TerritoryAssignmentState.ACCEPTED or not await _is_open(tx, vacancy.seller_id):
        raise refuse("not_vacant", state=vacancy.state)
    start = body.effective_from or max(tx.today, vacancy.effective_from)
    _check_within(vacancy, start)
    await check_candidate(tx, body.seller_id, start)
    proposal = TerritoryAssignment(
        org_id=tx.org_id,
        territory_id=vacancy.territory_id,
        seller_id=body.seller_id,
        share=vacancy.share,
        effective_from=start,
        effective_to=vacancy.effective_to,
        replaces_id=id,
    )
    await tx.add(proposal)
    await begin(tx, TERRITORY_ASSIGNMENT, proposal.id)
    return proposal.id


def _check_within(vacancy: TerritoryAssignment, start: date) -> None:
    if start < vacancy.effective_from:
        raise refuse("invalid_input", f"It is vacant from {vacancy.effective_from}.", pointer="/effective_from")
    check_order(start, vacancy.effective_to, "/effective_from")


async def _is_open(tx: Tx, seller_id: UUID) -> bool:
    return bool(await tx.value("select placeholder from seller where org_id = :org_id and id = :id", id=seller_id))
