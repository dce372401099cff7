"""State machines as tables of moves. Pure: nothing here touches a database.

A guard is one SQL condition over the row (`{row}`), `{actor}`, `{seller}`, `{org}` and `{today}`. The same text decides
when the move is performed and when `allowed_actions` is read, so the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

from app.domain.kernel.fields import OptionalComment


@dataclass(frozen=True)
class Guard:
    """Refuses with the problem `code` unless the condition holds.

    `facts` is SQL of a JSON object with the figures behind the refusal; its `detail`, if any, is the sentence told.
    """

    code: str
    holds: str
    facts: str = ""


@dataclass(frozen=True)
class Move:
    """One row of the table: who may take a subject from `source` to `target`, under which guards.

    `stamp` names a pair of columns `<stamp>_by`, `<stamp>_at` that record who did it and when. `internal` moves are
    taken by the service itself (a run that finishes) and are offered on no surface; one that follows from somebody
    else's act needs no permission (`needs` is empty). Without a `target` the subject stays where it is: the move makes
    something new out of it.
    """

    action: str
    source: tuple[StrEnum, ...]
    target: StrEnum | None
    needs: str
    description: str
    body: type[BaseModel] = OptionalComment
    guards: tuple[Guard, ...] = ()
    stamp: str = ""
    internal: bool = False
    key_required: bool = False


@dataclass(frozen=True, eq=False)
class Machine:
    """The moves of one resource; `name` is the resource's name and its table's."""

    name: str
    states: type[StrEnum]
    initial: StrEnum
    moves: tuple[Move, ...]

    def find(self, action: str) -> Move:
        """The move of an action of this machine."""
        return next(move for move in self.moves if move.action == action)

    def leaving(self, state: str) -> Iterator[Move]:
        """The moves that start in a state, in the order of the table."""
        return (move for move in self.moves if state in move.source)


def check(machine: Machine) -> None:
    """Refuse a table that makes no sense: doubled actions, states that cannot be reached."""
    if open_moves := [move.action for move in machine.moves if not (move.needs or move.internal)]:
        raise RuntimeError(f"{machine.name}: {open_moves} need no permission")
    actions = [move.action for move in machine.moves]
    if len(actions) != len(set(actions)):
        raise RuntimeError(f"{machine.name}: an action stands in the table twice")
    reached = {machine.initial}
    while True:
        new = {move.target for move in machine.moves if move.target and reached & set(move.source)} - reached
        if not new:
            break
        reached |= new
    if missing := set(machine.states) - reached:
        raise RuntimeError(f"{machine.name}: no move reaches {sorted(missing)}")


def diagram(machine: Machine) -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {machine.initial}"]
    for move in machine.moves:
        lines += [f"    {source} --> {move.target or source}: {move.action}" for source in move.source]
    left = {source for move in machine.moves for source in move.source}
    lines += [f"    {state} --> [*]" for state in machine.states if state not in left]
    return "\n".join(lines)
