"""How it is set how often accounts are to be touched."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Tx
from app.domain.territories.contract.cadence import CreateCadencePolicy, UpdateCadencePolicy
from app.domain.territories.tables.cadence import CadencePolicy


@command(Kind.CREATE, "cadence_policy", needs="cadence:write", body=CreateCadencePolicy)
async def create_cadence_policy(tx: Tx, body: CreateCadencePolicy) -> UUID:
    """Set how often some accounts are to be touched; one policy per territory, class and coverage mode."""
    await _check_territory(tx, body.territory_id)
    return (await tx.add(CadencePolicy(org_id=tx.org_id, **body.model_dump(mode="json")))).id


@command(Kind.UPDATE, "cadence_policy", needs="cadence:write", body=UpdateCadencePolicy)
async def update_cadence_policy(tx: Tx, id: UUID, body: UpdateCadencePolicy) -> None:
    """Change a policy. What is due, and how well it was kept, follows it from now on, for the past as well."""
    await _check_territory(tx, body.territory_id)
    row = await tx.require(CadencePolicy, id)
    merge(row, body, skip=frozenset({"channel_mix"}))
    if "channel_mix" in body.model_fields_set:
        if body.channel_mix is None:
            raise refuse("invalid_input", "channel_mix cannot be removed.", pointer="/channel_mix")
        row.channel_mix = [part.model_dump(mode="json") for part in body.channel_mix]
    if 2 * row.window_days >= row.interval_days:
        raise refuse("invalid_input", "It must be less than half of interval_days.", pointer="/window_days")


@command(Kind.DELETE, "cadence_policy", needs="cadence:write")
async def delete_cadence_policy(tx: Tx, id: UUID, _: Any) -> None:
    """Delete a policy; its accounts fall to the next less specific one, if there is one."""
    await tx.session.delete(await tx.require(CadencePolicy, id))


async def _check_territory(tx: Tx, id: UUID | None) -> None:
    if id is not None:
        await tx.visible("territory", id, pointer="/territory_id")
