"""What territories can be asked to do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.territories.commands.shared import apply_patch, model_in
from app.domain.territories.contract.territories import CreateTerritory, TerritoryRule, UpdateTerritory
from app.domain.territories.tables.territories import Territory
from app.domain.territories.workflow.models import DESIGNED

define(
    "territory_cycle",
    Invalid,
    "A territory would be part of itself",
    "Un territoire ferait partie de lui-même",
    "Choose a parent that is not below the territory.",
)


@command(Kind.CREATE, "territory", needs="territories:write", body=CreateTerritory)
async def create_territory(tx: Tx, body: CreateTerritory) -> UUID:
    """Add a territory to a model that is still being designed."""
    await model_in(tx, body.model_id, DESIGNED, pointer="/model_id")
    if body.parent_id:
        await _check_parent(tx, body.model_id, body.parent_id)
    await _check_rule(tx, body.rule)
    own = body.model_dump(exclude={"rule"})
    return (await tx.add(Territory(org_id=tx.org_id, rule=body.rule.model_dump(mode="json"), **own))).id


@command(Kind.UPDATE, "territory", needs="territories:write", body=UpdateTerritory)
async def update_territory(tx: Tx, id: UUID, body: UpdateTerritory) -> None:
    """Change a territory of a model that is still being designed. Rules take effect when they are applied."""
    territory = await tx.require(Territory, id)
    await model_in(tx, territory.model_id, DESIGNED)
    if body.parent_id:
        await _check_parent(tx, territory.model_id, body.parent_id, id)
    if body.rule:
        await _check_rule(tx, body.rule)
    apply_patch(territory, body)


@command(Kind.DELETE, "territory", needs="territories:write")
async def delete_territory(tx: Tx, id: UUID, body: Any) -> None:
    """Remove a territory from a model that is still being designed; refused while another or a seller depends on it."""
    territory = await tx.require(Territory, id)
    await model_in(tx, territory.model_id, DESIGNED)
    for part in ("territory_membership", "cadence_policy"):
        await tx.execute(f"delete from {part} where org_id = :org_id and territory_id = :id", id=id)
    await tx.session.delete(territory)


async def _check_parent(tx: Tx, model_id: UUID, parent_id: UUID, id: UUID | None = None) -> None:
    """The parent is of the same model and, for an existing territory, not below it."""
    parent = await tx.require(Territory, parent_id, pointer="/parent_id")
    if parent.model_id != model_id:
        raise refuse("unknown_reference", "The parent is of another model.", pointer="/parent_id")
    looped = id and await tx.value(
        "with recursive up (id) as (select cast(:parent as uuid) union select t.parent_id from up join territory t"
        " on t.org_id = :org_id and t.id = up.id where t.parent_id is not null)"
        " select 1 from up where id = :id",
        parent=parent_id,
        id=id,
    )
    if looped:
        raise refuse("territory_cycle", pointer="/parent_id")


async def _check_rule(tx: Tx, rule: TerritoryRule) -> None:
    """What a rule names exists and is visible to whoever writes it."""
    if rule.segment_id:
        await tx.visible("segment", rule.segment_id, pointer="/rule/segment_id")
    missing = await tx.value(
        "select named.place - 1 from unnest(cast(:ids as uuid[])) with ordinality named(id, place) where not exists"
        " (select from account where org_id = :org_id and account.id = named.id) order by place limit 1",
        ids=rule.account_ids or [],
    )
    if missing is not None:
        raise refuse("unknown_reference", "There is no such account.", pointer=f"/rule/account_ids/{missing}")
