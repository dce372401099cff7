"""Sellers as another system knows them, many at once: their own data, and the position each holds now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from app.domain.kernel.external import Upserted, claim, upsert
from app.domain.kernel.scope import Tx
from app.domain.organisation.contract import CreateSeller
from app.domain.organisation.line import rebuild_line

_DIFFERENT = """
with given as (
  select * from jsonb_to_recordset(cast(:documents as jsonb)) as g(seller_id uuid, job_role text, team text,
    manager_id uuid, manager_given bool)
), wanted as (
  select g.seller_id, g.job_role, g.team, held.id as held_id, held.effective_from, s.hired_on,
         case when g.manager_given then g.manager_id else held.manager_id end as manager_id
  from given g
  join seller s on s.org_id = :org_id and s.id = g.seller_id and s.left_on is null
  left join position held on held.org_id = :org_id and held.seller_id = g.seller_id and held.effective_to is null
)
select w.* from wanted w
left join position held on held.org_id = :org_id and held.id = w.held_id
where held.id is null
   or (held.job_role, held.team, held.manager_id) is distinct from (w.job_role, w.team, w.manager_id)
"""
_CORRECT = """
update position held set job_role = g.job_role, team = g.team, manager_id = g.manager_id
from jsonb_populate_recordset(cast(null as "position"), cast(:documents as jsonb)) g
where held.org_id = :org_id and held.id = g.id
"""
_BEGIN = """
insert into position (org_id, id, seller_id, job_role, team, manager_id, effective_from)
select :org_id, g.id, g.seller_id, g.job_role, g.team, g.manager_id, g.effective_from
from jsonb_populate_recordset(cast(null as "position"), cast(:documents as jsonb)) g
"""
_END = "update position set effective_to = :today where org_id = :org_id and id = any(:ids)"


async def upsert_sellers(tx: Tx, source: str, rows: Mapping[str, CreateSeller]) -> Upserted:
    """Store sellers by their keys in `source`; needs `sellers:write`.

    A new seller takes its position on the day it was hired. When a known one holds another position than the row says,
    it moves today: the row tells what is, not since when. Managers are referred to by id and must be stored before.
    """
    tx.actor.require("sellers:write")
    claimed = await claim(tx, "seller", source, rows)
    before = await _versions(tx, list(claimed.ids.values()))
    own = {key: body.model_dump(mode="json", exclude_unset=True, exclude={"position"}) for key, body in rows.items()}
    await upsert(tx, "seller", claimed, own)
    moved = await _take_positions(tx, claimed.ids, rows)
    after = await _versions(tx, list(before))
    changed = {id for id, version in before.items() if after[id] != version} | (moved & before.keys())
    done = Upserted(claimed.ids, len(claimed.new), len(changed), len(before) - len(changed))
    if claimed.new or changed:
        counts = {"created": done.created, "changed": done.changed, "unchanged": done.unchanged}
        tx.emit("seller.imported", "organisation", tx.org_id, source=source, **counts)
    return done


async def _take_positions(tx: Tx, ids: Mapping[str, UUID], rows: Mapping[str, CreateSeller]) -> set[UUID]:
    """Give each seller the position of its row, where it holds another; returns who moved."""
    wanted = [
        {
            "seller_id": ids[key],
            "manager_given": "manager_id" in body.position.model_fields_set,
            **body.position.model_dump(mode="json"),
        }
        for key, body in rows.items()
    ]
    different = await tx.rows(_DIFFERENT, documents=to_json(wanted).decode())
    if not different:
        return set()
    corrected, ended, begun = [], [], []
    for row in different:
        position = {name: row[name] for name in ("seller_id", "job_role", "team", "manager_id")}
        if row["held_id"] is None:
            begun.append(position | {"id": tx.new_id(), "effective_from": row["hired_on"]})
        elif row["effective_from"] >= tx.today:
            # It has not held before today: no past is rewritten, and a position of no day would be left otherwise.
            corrected.append(position | {"id": row["held_id"]})
        else:
            ended.append(row["held_id"])
            begun.append(position | {"id": tx.new_id(), "effective_from": tx.today})
    await _write(tx, corrected, ended, begun)
    moved = {UUID(str(row["seller_id"])) for row in different}
    await rebuild_line(tx, list(moved))
    return moved


async def _write(
    tx: Tx, corrected: Sequence[Mapping[str, Any]], ended: Sequence[UUID], begun: Sequence[Mapping[str, Any]]
) -> None:
    if corrected:
        await tx.execute(_CORRECT, documents=to_json(corrected).decode())
    if ended:
        await tx.execute(_END, today=tx.today, ids=list(ended))
    if begun:
        await tx.execute(_BEGIN, documents=to_json(begun).decode())


async def _versions(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, int]:
    found = await tx.rows("select id, version from seller where org_id = :org_id and id = any(:ids)", ids=list(ids))
    return {row["id"]: row["version"] for row in found}
