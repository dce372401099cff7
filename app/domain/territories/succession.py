"""What follows from a seller's acceptance: the open position it takes over from steps back."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.scope import Tx
from app.domain.organisation.placeholders import close_position
from app.domain.territories.contract.assignments import TerritoryAssignmentState
from app.domain.territories.tables.assignments import TerritoryAssignment
from app.domain.territories.workflow.assignments import TERRITORY_ASSIGNMENT
from app.domain.workflow.history import advance

_LAST_DAY = """
select max(effective_to) as day from territory_assignment where org_id = :org_id and seller_id = :seller
having count(*) filter (where state = 'accepted') = 0
"""
_RIVALS = """
delete from territory_assignment where org_id = :org_id and replaces_id = :vacancy and id <> :successor
  and state in ('proposed', 'disputed') returning id
"""


async def step_back(tx: Tx, id: UUID, successor: TerritoryAssignment) -> None:
    """End what an open position holds on the first day of its successor, and withdraw what others were proposed of it.

    With its last territory the open position ends as well.
    """
    vacancy = await tx.require(TerritoryAssignment, id, lock=True)
    if vacancy.state != TerritoryAssignmentState.ACCEPTED:
        return
    for row in await tx.rows(_RIVALS, vacancy=id, successor=successor.id):
        tx.emit("territory_assignment.withdrawn", "territory_assignment", row["id"], taken_over_by=successor.id)
    if successor.effective_from > vacancy.effective_from:
        await advance(tx, TERRITORY_ASSIGNMENT, id, "relieve", comment="Somebody took over.")
        vacancy = await tx.require(TerritoryAssignment, id, lock=True)
        vacancy.effective_to = successor.effective_from
    else:
        # It has not held a single day.
        await tx.session.delete(vacancy)
        tx.emit("territory_assignment.withdrawn", "territory_assignment", id, taken_over_by=successor.id)
    await tx.flush()
    for row in await tx.rows(_LAST_DAY, seller=vacancy.seller_id):
        await close_position(tx, vacancy.seller_id, row["day"] or successor.effective_from)
