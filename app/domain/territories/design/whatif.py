"""What single moves would change, exactly, without another search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.domain.territories.design.graph import Graph, graph_of, pieces
from app.domain.territories.design.measure import centres_of, deviations, distances, moved, within
from app.domain.territories.design.problem import NOWHERE, Contiguity, Floats, Ints, Problem, Solution


class Refused(Exception):
    """A move that no plan may hold. Codes: `unit_unknown`, `territory_unknown`, `moved_twice`, `unit_locked`,
    `pair_not_allowed`, `group_torn`."""

    def __init__(self, code: str, unit: int, territory: int) -> None:
        super().__init__(f"{code}: unit {unit} to territory {territory}")
        self.code = code
        self.unit = unit
        self.territory = territory


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The plan with the moves, and what they change."""

    solution: Solution
    travel: float
    """km more than before."""
    moved_stake: float
    """Stake moved more than before."""
    deviation: Floats
    """[m] largest deviation less that of before."""
    touched: Ints
    """Territories that gain or lose a unit."""


def what_if(
    problem: Problem, solution: Solution, moves: Sequence[tuple[int, int]], graph: Graph | None = None
) -> WhatIf:
    """The figures of the plan with these units moved; only territories that change are measured again.

    Raises `Refused` for a move against a lock, a forbidden pair, or that tears a group. A move that leaves a band or a
    limit is answered, as not feasible.
    """
    units, to = _asked(problem, moves)
    changed = solution.assign[units] != to
    units, to = units[changed], to[changed]
    assign = solution.assign.copy()
    assign[units] = to
    touched = np.unique(np.concatenate([solution.assign[units], to])).astype(np.int32)
    loads = solution.loads.copy()
    for territory in touched:
        loads[territory] = problem.loads[assign == territory].sum(axis=0)
    centres, travel = _travel(problem, solution, assign, touched)
    stake = float(problem.stake[units[moved(problem, assign)[units]]].sum())
    stake -= float(problem.stake[units[moved(problem, solution.assign)[units]]].sum())
    found = solution.pieces
    if problem.contiguity is not Contiguity.NONE:
        found = pieces(graph or graph_of(problem), assign, problem.territories)
    after = replace(
        solution,
        assign=assign,
        centres=centres,
        loads=loads,
        deviation=deviations(problem, loads).max(axis=0, initial=0.0),
        travel=solution.travel + travel,
        moved_stake=solution.moved_stake + stake,
        pieces=found,
        feasible=bool(
            within(problem, loads).all()
            and (np.bincount(assign, minlength=problem.territories) <= problem.max_units).all()
            and (problem.contiguity is not Contiguity.HARD or found.max(initial=0) <= 1)
        ),
    )
    return WhatIf(after, travel, stake, after.deviation - solution.deviation, touched)


def _asked(problem: Problem, moves: Sequence[tuple[int, int]]) -> tuple[Ints, Ints]:
    wanted: dict[int, int] = {}
    for unit, territory in moves:
        if not 0 <= unit < problem.units:
            raise Refused("unit_unknown", unit, territory)
        if not 0 <= territory < problem.territories:
            raise Refused("territory_unknown", unit, territory)
        if unit in wanted:
            raise Refused("moved_twice", unit, territory)
        if problem.locked[unit] not in (NOWHERE, territory):
            raise Refused("unit_locked", unit, territory)
        if problem.allowed is not None and not problem.allowed[unit, territory]:
            raise Refused("pair_not_allowed", unit, territory)
        wanted[unit] = territory
    for unit, territory in wanted.items():
        if problem.group[unit] == NOWHERE:
            continue
        together = np.flatnonzero(problem.group == problem.group[unit])
        if any(wanted.get(int(other)) != territory for other in together):
            raise Refused("group_torn", unit, territory)
    return np.array(list(wanted), dtype=np.int32), np.array(list(wanted.values()), dtype=np.int32)


def _travel(problem: Problem, solution: Solution, assign: Ints, touched: Ints) -> tuple[Floats, float]:
    """Centres with those of the touched territories found anew, and km more."""
    units = np.flatnonzero(np.isin(assign, touched) | np.isin(solution.assign, touched))
    place = np.full(problem.territories, NOWHERE, dtype=np.int32)
    place[touched] = np.arange(len(touched), dtype=np.int32)
    small = replace(
        problem,
        points=problem.points[units],
        weight=problem.weight[units],
        targets=problem.targets[touched],
    )
    centres = solution.centres.copy()
    found = centres_of(small, place[assign[units]])
    empty = np.bincount(place[assign[units]], minlength=len(touched)) == 0
    if empty.any():
        found[empty] = problem.points.mean(axis=0)
    centres[touched] = found
    before = float(small.weight @ distances(small, place[solution.assign[units]], solution.centres[touched]))
    return centres, float(small.weight @ distances(small, place[assign[units]], found)) - before
