"""Open positions: sellers that are nobody yet. They hold territories and quotas until somebody takes over."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.organisation.line import rebuild_line
from app.domain.organisation.tables import Position, Seller

define(
    "open_position",
    Conflict,
    "The seller is an open position",
    "Le commercial est un poste à pourvoir",
    "Name a person. An open position ends by itself when its last territory is filled.",
)

_LAST_POSITION = """
select job_role, team, manager_id from position where org_id = :org_id and seller_id = :seller
order by effective_from desc limit 1
"""
# An open position lasts one day at least, as every row that is dated.
_CLOSE = """
with closed as (
  update seller set left_on = greatest(cast(:day as date), hired_on + 1)
  where org_id = :org_id and id = :seller and placeholder returning org_id, id, left_on
)
update position held set effective_to = closed.left_on from closed
where held.org_id = closed.org_id and held.seller_id = closed.id and held.effective_to is null
"""


async def check_person(tx: Tx, seller_id: UUID, pointer: str) -> None:
    """Refuse with `open_position` when the seller is nobody yet."""
    if await tx.value("select placeholder from seller where org_id = :org_id and id = :id", id=seller_id):
        raise refuse("open_position", pointer=pointer)


async def open_position(tx: Tx, leaver_id: UUID, name: str, left_on: date) -> UUID:
    """An open position in the place of a seller who leaves: same job role, team and manager.

    It exists as soon as that is known, so that the manager can fill it before the day has come.
    """
    start = min(tx.today, left_on)
    seller = await tx.add(Seller(org_id=tx.org_id, name=name, hired_on=start, placeholder=True))
    (place,) = await tx.rows(_LAST_POSITION, seller=leaver_id)
    await tx.add(Position(org_id=tx.org_id, seller_id=seller.id, effective_from=start, **place))
    await rebuild_line(tx, [seller.id])
    tx.emit("seller.position_opened", "seller", seller.id, leaver_id=leaver_id, left_on=left_on)
    return seller.id


async def close_position(tx: Tx, seller_id: UUID, day: date) -> None:
    """End an open position: somebody took over what it held."""
    await tx.execute(_CLOSE, seller=seller_id, day=day)
    await rebuild_line(tx, [seller_id])
    tx.emit("seller.position_closed", "seller", seller_id, left_on=day)
