"""How the quadrants of a day are kept."""

from __future__ import annotations

from uuid import UUID

from app.domain.accounts.contract.portfolio import SnapshotQuadrants
from app.domain.accounts.queries import QUADRANT
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.scope import Tx

define(
    "no_thresholds",
    Conflict,
    "The accounts are not prioritised yet",
    "Les comptes ne sont pas encore priorisés",
    "Set the thresholds of the quadrants first.",
)


@command(
    Kind.COLLECTION,
    "account",
    needs="accounts:prioritise",
    body=SnapshotQuadrants,
    action="snapshot-quadrants",
    answers="quadrant_snapshot",
)
async def snapshot_quadrants(tx: Tx, body: SnapshotQuadrants) -> UUID:
    """Keep the quadrant, potential and win probability that every account has today.

    Later, `quadrant-performance` says how each quadrant performed.
    """
    if not await tx.value("select 1 from prioritisation where org_id = :org_id"):
        raise refuse("no_thresholds")
    id = tx.new_id()
    placed = await tx.execute(_SNAPSHOT, id=id, name=body.name, today=tx.today, now=tx.now)
    tx.emit("quadrant_snapshot.taken", "quadrant_snapshot", id, accounts=placed)
    return id


# One statement, so that the counts are of the very rows that are kept.
_SNAPSHOT = f"""
with sorted as materialized (
  select account.id, account.potential, account.win_probability,
         {QUADRANT.format(account="account", org=":org_id")} as quadrant
  from account where account.org_id = :org_id
), taken as (
  insert into quadrant_snapshot (org_id, id, name, taken_on, taken_at, potential_threshold, win_probability_threshold,
    currency, account_count, unsorted_count)
  select org_id, :id, :name, :today, :now, potential_threshold, win_probability_threshold, currency,
         (select count(quadrant) from sorted), (select count(*) - count(quadrant) from sorted)
  from prioritisation where org_id = :org_id
  returning id
)
insert into quadrant_placement (org_id, id, snapshot_id, account_id, quadrant, potential, win_probability)
select :org_id, uuidv7(), taken.id, sorted.id, sorted.quadrant, sorted.potential, sorted.win_probability
from sorted, taken where sorted.quadrant is not null
"""
