"""Every action in every state of every machine, for everybody: `allowed_actions` says what the call then does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from app.domain.kernel.errors import DomainError
from app.domain.workflow.engine import Machine
from app.domain.workflow.history import advance
from app.operations import parse_mapping, trusted
from tests.examples import body_of
from tests.filled import MOVES, PEOPLE, SUBJECTS, Filled, work
from tests.surfaces import collected

pytestmark = pytest.mark.asyncio(loop_scope="session")

MACHINES = collected().machines
STATES = [
    pytest.param(machine, str(state), id=f"{machine.name}-{state}")
    for machine in MACHINES.values()
    for state in machine.states
]


class _UndoError(Exception):
    """Takes back what was tried."""


async def attempt(filled: Filled, who: str, machine: Machine, id: str, action: str) -> str:
    """The code an action is refused with, empty when it works; nothing of it stays."""
    spec = collected().commands[f"{action}_{machine.name}"]
    body = parse_mapping(spec.body, MOVES.get(spec.name, body_of(spec, filled.ids)))
    actor = filled.person(who)
    try:
        actor.require(spec.needs)
        async with filled.operations.transaction(actor) as tx:
            await filled.operations.run(tx, trusted(spec, body, UUID(id)))
            raise _UndoError
    except _UndoError:
        return ""
    except DomainError as refusal:
        return refusal.code


async def subject(filled: Filled, machine: Machine, state: str) -> str:
    """A new subject in a state; moves that only the service takes are taken as the service does."""
    id = await SUBJECTS[machine.name](filled)
    for action in filled.way(machine, state):
        move = machine.find(action)
        if action == "finish":
            await work(filled, machine.name)
        elif move.internal:
            async with filled.operations.transaction(filled.person("comp_admin")) as tx:
                await advance(tx, machine, UUID(id), action)
        else:
            await filled.move(machine.name, id, action)
    return id


async def test_there_is_a_subject_of_every_machine() -> None:
    assert set(SUBJECTS) == set(MACHINES), "see tests/filled.py"


@pytest.mark.parametrize(("machine", "state"), STATES)
async def test_what_is_allowed_works_and_what_is_not_is_refused_with_the_code_that_was_told(
    filled: Filled, machine: Machine, state: str
) -> None:
    id = await subject(filled, machine, state)
    leaving = [move.action for move in machine.leaving(state) if not move.internal]
    others = [move.action for move in machine.moves if not move.internal and move.action not in leaving]
    wrong: list[Any] = []
    for who in PEOPLE:
        seen = await filled.seen(who, machine.name, id)
        if seen is None:
            continue
        assert seen["state"] == state
        assert [entry["action"] for entry in seen["allowed_actions"]] == leaving
        told = {entry["action"]: (entry["allowed"], entry["code"] or "") for entry in seen["allowed_actions"]}
        for action in leaving:
            code = await attempt(filled, who, machine, id, action)
            if told[action] != (code == "", code):
                wrong.append((who, action, told[action], code))
        for action in others:
            code = await attempt(filled, who, machine, id, action)
            if code not in ("illegal_transition", "permission_required"):
                wrong.append((who, action, "not possible here", code))
    assert wrong == []
    assert (await filled.seen("finance", machine.name, id) or {"state": state})["state"] == state


async def test_a_path_without_the_permission_is_a_permission_required(filled: Filled) -> None:
    assert await attempt(filled, "viewer", MACHINES["quota"], filled.ids["quota"], "lock") == "permission_required"
