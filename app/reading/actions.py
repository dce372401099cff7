"""`allowed_actions`: the moves that leave the row's state, judged by the same guards that judge the move itself."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.workflow.engine import Move
from app.reading.json_text import Json, Sql, array, quoted, sql_of
from app.reading.statement import Row, Statement

Shown = Callable[[str, bool, str | None], Json]
"""How one action is shown: `(action, allowed, code)`."""


def allowed_actions(statement: Statement, row: Row, shown: Shown) -> Json:
    """A JSON array by the row's state; an action is refused with the code the command would be refused with."""
    machine = statement.catalogue.machines[row.resource.machine or row.resource.name]
    branches = ""
    for state in machine.states:
        moves = [move for move in machine.leaving(state) if not move.internal]
        if moves:
            actions = array(_action(statement, row, move, shown) for move in moves)
            branches += f" when {quoted(state)} then {sql_of(actions)}"
    return (Sql(f"(case {row.alias}.state{branches} else '[]' end)"),) if branches else ("[]",)


def _action(statement: Statement, row: Row, move: Move, shown: Shown) -> Json:
    if not statement.signature.may(move.needs):
        return shown(move.action, False, "permission_required")
    allowed = shown(move.action, True, None)
    if not move.guards:
        return allowed
    refusals = "".join(
        f" when ({statement.fill(guard.holds, row)}) is not true then {sql_of(shown(move.action, False, guard.code))}"
        for guard in move.guards
    )
    return (Sql(f"(case{refusals} else {sql_of(allowed)} end)"),)
