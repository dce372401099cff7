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
    _check_permission(tx, move)
    found = await _judge(tx, machine, move, [id])
    if not found:
        raise refuse("not_found")
    [(subject, (state, code))] = found.items()
    if code == "illegal_transition":
        raise refuse(code, f"{action} is not possible in state {state}.", state=state, action=action)
    if code:
        facts = await _facts(tx, machine, move, subject, code)
        raise refuse(code, facts.pop("detail", ""), state=state, action=action, **facts)
    await _move(tx, machine, move, {subject: state}, comment, data)
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
    Effects are not run.
    """
    move = machine.find(action)
    _check_permission(tx, move)
    found = await _judge(tx, machine, move, ids)
    sources = {id: state for id, (state, code) in found.items() if not code}
    await _move(tx, machine, move, sources, comment, None)
    refused = {id: found[id][1] if id in found else "not_found" for id in ids if id not in sources}
    return Advanced(list(sources), refused)


async def begin(tx: Tx, machine: Machine, id: UUID) -> None:
    """Write the first line of a subject's history: it was created in the initial state."""
    await begin_many(tx, machine, [id])


async def begin_many(tx: Tx, machine: Machine, ids: Sequence[UUID]) -> None:
    """`begin` for many subjects in one statement."""
    sources: dict[UUID, str | None] = dict.fromkeys(ids)
    await _remember(tx, machine, "create", sources, machine.initial, None, None)


def _check_permission(tx: Tx, move: Move) -> None:
    if move.needs:
        tx.actor.require(move.needs)


async def _judge(tx: Tx, machine: Machine, move: Move, ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Lock the subjects in the order of their ids; the state of each, and the code that refuses it or nothing."""
    guards = "".join(f", ({guard.holds.format(**_BINDINGS)}) as guard_{n}" for n, guard in enumerate(move.guards))
    rows = await tx.rows(
        f"select subject.id, subject.state{guards} from {machine.name} subject"
        " where subject.org_id = :org_id and subject.id = any(cast(:ids as uuid[])) order by subject.id"
        " for no key update",
        ids=list(ids),
        **_actor_values(tx, guards),
    )
    judged: dict[UUID, tuple[str, str]] = {}
    for row in rows:
        failed = (guard.code for n, guard in enumerate(move.guards) if not row[f"guard_{n}"])
        code = next(failed, "") if row["state"] in move.source else "illegal_transition"
        judged[row["id"]] = (row["state"], code)
    return judged


async def _facts(tx: Tx, machine: Machine, move: Move, id: UUID, code: str) -> dict[str, Any]:
    """The figures behind the refusal by a guard, where it has some to tell."""
    sql = next((guard.facts for guard in move.guards if guard.code == code), "").format(**_BINDINGS)
    if not sql:
        return {}
    found = await tx.value(
        f"select {sql} from {machine.name} subject where subject.org_id = :org_id and subject.id = :id",
        id=id,
        **_actor_values(tx, sql),
    )
    return dict(found or {})


async def _move(
    tx: Tx,
    machine: Machine,
    move: Move,
    sources: Mapping[UUID, str],
    comment: str | None,
    data: Mapping[str, Any] | None,
) -> None:
    """Change the states, stamp, and write the history of subjects that were judged."""
    stamp = f", {move.stamp}_by = :actor, {move.stamp}_at = :now" if move.stamp else ""
    values: dict[str, Any] = {"actor": tx.actor.principal_id, "now": tx.now} if move.stamp else {}
    await tx.execute(
        f"update {machine.name} set state = coalesce(cast(:target as text), state){stamp}"
        " where org_id = :org_id and id = any(cast(:ids as uuid[]))",
        ids=list(sources),
        target=move.target and str(move.target),
        **values,
    )
    await _remember(tx, machine, move.action, sources, move.target, comment, data)


async def _remember(
    tx: Tx,
    machine: Machine,
    action: str,
    sources: Mapping[UUID, str | None],
    target: str | None,
    comment: str | None,
    data: Mapping[str, Any] | None,
) -> None:
    """Write the history; who came from somewhere emits an event."""
    await tx.execute(
        "insert into transition (org_id, id, machine, subject_id, action, from_state, to_state, actor_id, actor_name,"
        " comment, data, occurred_at) select :org_id, uuidv7(), :machine, moved.id, :action, moved.source,"
        " coalesce(cast(:target as text), moved.source), :actor, :actor_name, :comment, cast(:data as jsonb), :now"
        " from unnest(cast(:ids as uuid[]), cast(:sources as text[])) as moved(id, source)",
        machine=machine.name,
        ids=list(sources),
        sources=list(sources.values()),
        action=action,
        target=target and str(target),
        actor=tx.actor.principal_id,
        actor_name=tx.actor.name,
        comment=comment,
        data=to_json(data or {}).decode(),
        now=tx.now,
    )
    for id, source in sources.items():
        if source is not None:
            reached = str(target or source)
            tx.emit(f"{machine.name}.{reached}", machine.name, id, action=action, from_state=source, to_state=reached)


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
