"""What the contexts above ask for when the coverage of accounts changes: whole sets at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from app.domain.kernel.scope import Tx

_HAND_OVER = """
update opportunity deal set seller_id = given.to_seller_id
from unnest(cast(:ids as uuid[]), cast(:sources as uuid[]), cast(:targets as uuid[]))
  as given(id, from_seller_id, to_seller_id)
where deal.org_id = :org_id and deal.id = given.id and deal.seller_id = given.from_seller_id
  and given.from_seller_id <> given.to_seller_id and deal.stage not in ('won', 'lost')
returning deal.id, given.from_seller_id, given.to_seller_id
"""
_REASSIGN = """
update account set owner_id = wanted.seller_id from ({covered}) wanted
where account.org_id = :org_id and account.id = wanted.account_id and account.owner_id is distinct from wanted.seller_id
"""


class Handover(NamedTuple):
    """A deal that goes from one seller to another."""

    opportunity_id: UUID
    from_seller_id: UUID
    to_seller_id: UUID


async def hand_over_opportunities(tx: Tx, handovers: Sequence[Handover]) -> int:
    """Give open deals to other sellers; those closed or given to somebody else meanwhile stay. How many went over."""
    ids, sources, targets = zip(*handovers, strict=True) if handovers else ((), (), ())
    moved = await tx.rows(_HAND_OVER, ids=list(ids), sources=list(sources), targets=list(targets))
    for row in moved:
        change = {"from_seller_id": row["from_seller_id"], "to_seller_id": row["to_seller_id"]}
        tx.emit("opportunity.handed_over", "opportunity", row["id"], **change)
    return len(moved)


async def reassign_accounts(tx: Tx, covered: str, **values: Any) -> int:
    """Let accounts belong to other sellers: `covered` is SQL of rows (account_id, seller_id). How many changed."""
    return await tx.execute(_REASSIGN.format(covered=covered), **values)
