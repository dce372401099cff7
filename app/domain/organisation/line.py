"""The reporting line as a closure: who is above whom, at what depth, from when to when."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.kernel.scope import Tx

define(
    "reporting_cycle",
    Invalid,
    "A seller would report to itself",
    "Un commercial dépendrait de lui-même",
    "Choose a manager outside the seller's own reporting line.",
)

_BELOW = """
below(seller_id) as (
  select unnest(cast(:sellers as uuid[]))
  union
  select held.seller_id from below join position held on held.org_id = :org_id and held.manager_id = below.seller_id
)
"""
_FORGET = f"""
with recursive {_BELOW}
delete from reporting_closure where org_id = :org_id and descendant_id in (select seller_id from below)
"""
_REBUILD = f"""
with recursive {_BELOW}, up(descendant_id, ancestor_id, depth, valid_from, valid_to) as (
  select seller_id, seller_id, 0, date '-infinity', date 'infinity' from below
  union all
  select up.descendant_id, held.manager_id, up.depth + 1, greatest(up.valid_from, held.effective_from),
         least(up.valid_to, coalesce(held.effective_to, 'infinity'))
  from up join position held on held.org_id = :org_id and held.seller_id = up.ancestor_id
   and held.manager_id is not null and held.effective_from < up.valid_to
   and coalesce(held.effective_to, 'infinity') > up.valid_from
  where up.depth < 32 and (up.depth = 0 or up.ancestor_id <> up.descendant_id)
)
insert into reporting_closure (org_id, ancestor_id, descendant_id, depth, valid_from, valid_to)
select :org_id, ancestor_id, descendant_id, depth, valid_from, valid_to from up
on conflict do nothing
"""
# Only a line that closes on itself comes to anybody twice at a date; it is found and refused afterwards.


async def rebuild_line(tx: Tx, sellers: Sequence[UUID]) -> None:
    """Recompute the reporting line of sellers and of all below them, in the transaction that changed it.

    Raises:
        DomainError: `reporting_cycle` when a seller would come to stand above itself.
    """
    # One change of the line at a time: each must see the positions that the one before it left.
    await tx.value("select pg_advisory_xact_lock(hashtextextended('reporting line ' || cast(:org_id as uuid), 0))")
    await tx.execute(_FORGET, sellers=list(sellers))
    await tx.execute(_REBUILD, sellers=list(sellers))
    looped = await tx.value(
        "select 1 from reporting_closure where org_id = :org_id and ancestor_id = descendant_id and depth > 0 limit 1"
    )
    if looped:
        raise refuse("reporting_cycle", pointer="/manager_id")
