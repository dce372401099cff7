"""The only code that changes a state: lock, check, change, remember."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from pydantic_core import to_json

from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Tx
from app.domain.workflow.engine import Machine, Move

_BINDINGS = {
    "row": "subject",
    "org": "cast(:org_id as uuid)",
    "actor": "cast(:actor as uuid)",
    "seller": "cast(:seller as uuid)",
    "today": "cast(:today as date)",
}

Handler = Callable[[Tx, UUID, Any], Awaitable[UUID | None]]


@dataclass(frozen=True, eq=False)
class Effect:
    """What a move stores beyond the state: scores, a counter-amount, a new version."""

    machine: Machine
    action: str
    handler: Handler


def on_move(machine: Machine, *actions: str) -> Callable[[Handler], Effect]:
    """Declare the effect of moves. It runs after the state changed and may return the id to answer with."""
    for action in actions:
        machine.find(action)
    return lambda handler: Effect(machine, "|".join(actions), handler)


async def advance(
    tx: Tx,
    machine: Machine,
    id: UUID,
    action: str,
    *,
    comment: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> Move:
    """Take one move, or refuse: `illegal_transition`, `permission_required` or the failing guard's code.

    The row is locked until the transaction ends. Writes the history and emits `<machine>.<target state>`.
    """
    move = machine.find(action)
    tx.actor.require(move.needs)
    guards = "".join(f", ({guard.holds.format(**_BINDINGS)}) as guard_{n}" for n, guard in enumerate(move.guards))
    found = await tx.rows(
        f"select subject.state{guards} from {machine.name} subject"  # noqa: S608
        " where subject.org_id = :org_id and subject.id = :id for no key update",
        id=id,
        **_actor_values(tx, guards),
    )
    if not found:
        raise refuse("not_found")
    state = found[0]["state"]
    if state not in move.source:
        raise refuse("illegal_transition", f"{action} is not possible in state {state}.", state=state, action=action)
    for n, guard in enumerate(move.guards):
        if not found[0][f"guard_{n}"]:
            raise refuse(guard.code, state=state, action=action)
    stamp = f", {move.stamp}_by = :actor, {move.stamp}_at = :now" if move.stamp else ""
    values: dict[str, Any] = {"actor": tx.actor.principal_id, "now": tx.now} if move.stamp else {}
    await tx.execute(
        f"update {machine.name} set state = :target{stamp} where org_id = :org_id and id = :id",  # noqa: S608
        id=id,
        target=str(move.target or state),
        **values,
    )
    await remember(tx, machine.name, id, action, state, move.target or state, comment=comment, data=data)
    return move


@dataclass(frozen=True)
class Advanced:
    """What became of many subjects: those that moved, and per other one the code it was refused with."""

    moved: list[UUID]
    refused: dict[UUID, str]


async def advance_many(
    tx: Tx, machine: Machine, ids: Sequence[UUID], action: str, *, comment: str | None = None
) -> Advanced:
    """Take one move with many subjects in a fixed number of statements, as `advance` takes it with one.

    Who may not move stays as it is and is named with `not_found`, `illegal_transition` or the failing guard's code.
    The rows are locked in the order of their ids, so that two such calls wait for each other. Effects are not run.
    """
    move = machine.find(action)
    tx.actor.require(move.needs)
    guards = "".join(f", ({guard.holds.format(**_BINDINGS)}) as guard_{n}" for n, guard in enumerate(move.guards))
    found = await tx.rows(
        f"select subject.id, subject.state{guards} from {machine.name} subject"  # noqa: S608
        " where subject.org_id = :org_id and subject.id = any(cast(:ids as uuid[])) order by subject.id for update",
        ids=list(ids),
        **_actor_values(tx, guards),
    )
    moved: dict[UUID, str | None] = {}
    refused = dict.fromkeys(ids, "not_found")
    for row in found:
        failed = [guard.code for n, guard in enumerate(move.guards) if not row[f"guard_{n}"]]
        if row["state"] in move.source and not failed:
            moved[row["id"]] = row["state"]
            del refused[row["id"]]
        else:
            refused[row["id"]] = failed[0] if row["state"] in move.source else "illegal_transition"
    stamp = f", {move.stamp}_by = :actor, {move.stamp}_at = :now" if move.stamp else ""
    values: dict[str, Any] = {"actor": tx.actor.principal_id, "now": tx.now} if move.stamp else {}
    await tx.execute(
        f"update {machine.name} set state = coalesce(cast(:target as text), state){stamp}"  # noqa: S608
        " where org_id = :org_id and id = any(cast(:ids as uuid[]))",
        ids=list(moved),
        target=move.target and str(move.target),
        **values,
    )
    await _remember_many(tx, machine.name, moved, action, move.target, comment)
    return Advanced(list(moved), refused)


async def begin(tx: Tx, machine: Machine, id: UUID) -> None:
    """Write the first line of a subject's history: it was created in the initial state."""
    await remember(tx, machine.name, id, "create", None, machine.initial)


async def begin_many(tx: Tx, machine: Machine, ids: Sequence[UUID]) -> None:
    """`begin` for many subjects in one statement."""
    sources: dict[UUID, str | None] = dict.fromkeys(ids)
    await _remember_many(tx, machine.name, sources, "create", str(machine.initial), None)


async def remember(
    tx: Tx,
    machine: str,
    id: UUID,
    action: str,
    source: str | None,
    target: str,
    *,
    comment: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    await tx.execute(
        "insert into transition (org_id, id, machine, subject_id, action, from_state, to_state, actor_id, actor_name,"
        " comment, data, occurred_at) values (:org_id, :id, :machine, :subject, :action, :source, :target, :actor,"
        " :actor_name, :comment, cast(:data as jsonb), :now)",
        id=tx.new_id(),
        machine=machine,
        subject=id,
        action=action,
        source=source,
        target=str(target),
        actor=tx.actor.principal_id,
        actor_name=tx.actor.name,
        comment=comment,
        data=_json(data or {}),
        now=tx.now,
    )
    if source is not None:
        tx.emit(f"{machine}.{target}", machine, id, action=action, from_state=source, to_state=str(target))


async def _remember_many(
    tx: Tx, machine: str, sources: Mapping[UUID, str | None], action: str, target: str | None, comment: str | None
) -> None:
    await tx.execute(
        "insert into transition (org_id, machine, subject_id, action, from_state, to_state, actor_id, actor_name,"
        " comment, occurred_at) select :org_id, :machine, moved.id, :action, moved.source,"
        " coalesce(cast(:target as text), moved.source), :actor, :actor_name, :comment, :now"
        " from unnest(cast(:ids as uuid[]), cast(:sources as text[])) as moved(id, source)",
        machine=machine,
        ids=list(sources),
        sources=list(sources.values()),
        action=action,
        target=target and str(target),
        actor=tx.actor.principal_id,
        actor_name=tx.actor.name,
        comment=comment,
        now=tx.now,
    )
    for id, source in sources.items():
        if source is not None:
            reached = str(target or source)
            tx.emit(f"{machine}.{reached}", machine, id, action=action, from_state=source, to_state=reached)


def move_handler(
    machine: Machine, move: Move, effect: Effect | None
) -> Callable[[Tx, UUID, BaseModel], Awaitable[UUID]]:
    """The command handler of a move: advance, then its effect."""

    async def handle(tx: Tx, id: UUID, body: BaseModel) -> UUID:
        said = body.model_dump(mode="json", exclude_none=True)
        await advance(tx, machine, id, move.action, comment=said.pop("comment", None), data=said)
        answer = await effect.handler(tx, id, body) if effect else None
        return answer or id

    return handle


def _actor_values(tx: Tx, sql: str) -> dict[str, Any]:
    values = {"actor": tx.actor.principal_id, "seller": tx.actor.seller_id, "today": tx.today}
    return {name: value for name, value in values.items() if f":{name} " in sql}


def _json(data: Mapping[str, Any]) -> str:
    return to_json(data).decode()
