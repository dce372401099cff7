"""Why a unit is where it is in a plan, and what anything else would cost: the same deltas the search used."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from app.domain.territories.design.blocks import open_pairs, trips
from app.domain.territories.design.graph import Graph
from app.domain.territories.design.measure import bands, deviations, moved
from app.domain.territories.design.problem import NOWHERE, Flags, Floats, Ints, Problem, Solution


class Reason(StrEnum):
    """What decided the place of a unit; the first of these that holds."""

    LOCKED = "locked"
    """It may be nowhere else."""
    UNCHANGED = "unchanged"
    """It stays: nothing gains from moving it."""
    VACANCY = "vacancy"
    """It had no territory, or one without a seller."""
    SKILL = "skill"
    """Today's territory is not allowed, or its misfit costs more than the travel it saves."""
    KEPT_TOGETHER = "kept_together"
    """It follows units of its group that are here already."""
    CAPACITY = "capacity"
    """Today's territory would have more units than it may."""
    BALANCE = "balance"
    """Kept where it was, a territory would be outside a band, or further from it."""
    CONTIGUITY = "contiguity"
    """It touches nothing of today's territory any more."""
    TRAVEL = "travel"
    """It is nearer to its new centre."""
    PRICE = "price"
    """Its load is cheaper here, so that others could stay; no single delta shows it."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """A unit, with all of its group, in a plan against keeping it where it was."""

    unit: int
    reason: Reason
    today: int
    """Or NOWHERE."""
    territory: int
    travel: float
    """km saved by the plan against today's territory, misfit included, at the plan's centres; 0 when unmoved."""
    stake: float
    """Stake that changes hands."""
    deviation: Floats
    """[2, m] of today's and of the plan's territory, in the plan; shares of their targets."""
    deviation_kept: Floats
    """[2, m] of the same if the unit were kept."""
    alternative: int
    """The best other territory it may be in, or NOWHERE."""
    alternative_cost: float
    """km more than the plan there: travel, disruption and the prices of the territories; infinite without one."""


def explain(
    problem: Problem,
    solution: Solution,
    unit: int,
    *,
    disruption: float | None = None,
    vacant: Flags | None = None,
    graph: Graph | None = None,
) -> Explanation:
    """One unit; see `explain_all`."""
    units = np.array([unit], dtype=np.int32)
    return explain_all(problem, solution, units, disruption=disruption, vacant=vacant, graph=graph)[0]


def explain_all(
    problem: Problem,
    solution: Solution,
    units: Ints | None = None,
    *,
    disruption: float | None = None,
    vacant: Flags | None = None,
    graph: Graph | None = None,
) -> list[Explanation]:
    """These units, or all that moved or are new.

    `vacant` [k] are today's territories without a seller; `disruption` the km that a unit of stake weighed, when the
    problem does not say; `graph` is for contiguity.
    """
    if units is None:
        units = np.flatnonzero(solution.assign != problem.today).astype(np.int32)
    if not len(units):
        return []
    sums = _Sums(problem, solution, units)
    weight = (problem.disruption or 0.0) if disruption is None else disruption
    reasons = _reasons(problem, solution, sums, vacant, graph)
    other, cost = _alternatives(solution, sums, weight)
    return [
        Explanation(
            unit=int(unit),
            reason=reasons[row],
            today=int(sums.today[row]),
            territory=int(sums.plan[row]),
            travel=float(sums.saved[row]),
            stake=float(sums.stake[row]),
            deviation=sums.deviation[row],
            deviation_kept=sums.deviation_kept[row],
            alternative=int(other[row]),
            alternative_cost=float(cost[row]),
        )
        for row, unit in enumerate(units)
    ]


def price_of(solution: Solution, territory: int, measure: int) -> float:
    """km that one more unit of a measure costs in a territory; below zero where it is welcome."""
    return float(solution.prices[territory, measure])


class _Sums:
    """What each asked unit is together with its group, [u] and [u, k]."""

    def __init__(self, problem: Problem, solution: Solution, units: Ints) -> None:
        self.units = units
        self.today = problem.today[units]
        self.plan = solution.assign[units]
        self.member, self.row = _together(problem, units)
        count, k = len(units), problem.territories
        km = trips(problem, self.member, solution.centres)
        self.travel = self._add(km)
        self.closed = self._add(~open_pairs(problem, self.member)) > 0
        stake = problem.stake[self.member]
        had = problem.today[self.member] != NOWHERE
        self.held = np.zeros((count, k))
        np.add.at(self.held, (self.row[had], problem.today[self.member][had]), stake[had])
        self.stake = np.bincount(
            self.row, np.where(moved(problem, solution.assign)[self.member], stake, 0.0), minlength=count
        )
        self.loads = self._add(problem.loads[self.member])
        self.size = np.bincount(self.row, minlength=count)
        self.stays = (self.today == self.plan) | (self.today == NOWHERE)
        self.back = np.where(self.stays, self.plan, self.today)
        at = np.arange(count)
        self.saved = self.travel[at, self.back] - self.travel[at, self.plan]
        self.deviation, self.deviation_kept, self.worse = self._deviations(problem, solution)

    def _add(self, values: Floats | Flags) -> Floats:
        found = np.zeros((len(self.units), values.shape[1]))
        np.add.at(found, self.row, values)
        return found

    def _deviations(self, problem: Problem, solution: Solution) -> tuple[Floats, Floats, Flags]:
        pair = np.column_stack([self.back, self.plan])
        change = np.where(self.stays[:, None], 0.0, self.loads)
        kept = solution.loads[pair] + np.stack([change, -change], axis=1)
        flat = pair.ravel()
        target = problem.targets[flat].reshape(*pair.shape, -1)
        mean = problem.targets.mean(axis=0)
        size = np.where(target > 0, target, np.where(mean > 0, mean, 1.0))
        least, most = bands(problem)
        room = 1e-9 * size
        outside = [
            np.maximum(np.maximum(least[pair] - load, load - most[pair]) - room, 0.0) / size
            for load in (solution.loads[pair], kept)
        ]
        worse = outside[1].sum(axis=(1, 2)) > outside[0].sum(axis=(1, 2)) + 1e-12
        return deviations(problem, solution.loads)[pair], np.abs(kept - target) / size, worse


def _together(problem: Problem, units: Ints) -> tuple[Ints, Ints]:
    """All units of the groups of these, and which of these each belongs to."""
    group = problem.group[units]
    alone = np.flatnonzero(group == NOWHERE).astype(np.int32)
    member, row = [units[alone]], [alone]
    for at in np.flatnonzero(group != NOWHERE):
        together = np.flatnonzero(problem.group == group[at]).astype(np.int32)
        member.append(together)
        row.append(np.full(len(together), at, dtype=np.int32))
    return np.concatenate(member).astype(np.int32), np.concatenate(row).astype(np.int32)


def _alternatives(solution: Solution, sums: _Sums, weight: float) -> tuple[Ints, Floats]:
    at = np.arange(len(sums.units))
    cost = sums.travel - weight * sums.held + sums.loads @ solution.prices.T
    here = cost[at, sums.plan]
    cost[sums.closed] = np.inf
    cost[at, sums.plan] = np.inf
    best = cost.argmin(axis=1)
    more = cost[at, best] - here
    return np.where(np.isfinite(more), best, NOWHERE).astype(np.int32), more


def _reasons(
    problem: Problem, solution: Solution, sums: _Sums, vacant: Flags | None, graph: Graph | None
) -> list[Reason]:
    at = np.arange(len(sums.units))
    extra_misfit = np.zeros(len(sums.units))
    if problem.misfit is not None:
        misfit = problem.misfit[sums.units] * problem.weight[sums.units, None]
        extra_misfit = misfit[at, sums.back] - misfit[at, sums.plan]
    leader = np.zeros(len(sums.units), dtype=np.bool_)
    follows = problem.today[sums.member] == sums.plan[sums.row]
    leader[sums.row[follows]] = True
    counts = np.bincount(solution.assign, minlength=problem.territories)
    empty = sums.today == NOWHERE if vacant is None else (sums.today == NOWHERE) | vacant[sums.back]
    tests: list[tuple[Reason, Flags]] = [
        (Reason.LOCKED, problem.locked[sums.units] != NOWHERE),
        (Reason.UNCHANGED, sums.today == sums.plan),
        (Reason.VACANCY, empty),
        (Reason.SKILL, sums.closed[at, sums.back] | ((extra_misfit > 0) & (extra_misfit >= sums.saved - extra_misfit))),
        (Reason.KEPT_TOGETHER, leader & (problem.group[sums.units] != NOWHERE)),
        (Reason.CAPACITY, counts[sums.back] + sums.size > problem.max_units[sums.back]),
        (Reason.BALANCE, sums.worse),
        (Reason.CONTIGUITY, _apart(solution, sums, graph)),
        (Reason.TRAVEL, sums.saved > 0),
        (Reason.PRICE, np.ones(len(sums.units), dtype=np.bool_)),
    ]
    first = np.argmax(np.stack([holds for _, holds in tests]), axis=0)
    return [tests[number][0] for number in first]


def _apart(solution: Solution, sums: _Sums, graph: Graph | None) -> Flags:
    """Whether nothing that a unit touches is in today's territory any more."""
    found = np.zeros(len(sums.units), dtype=np.bool_)
    if graph is not None:
        for row, unit in enumerate(sums.units):
            around = solution.assign[graph.ends[graph.start[unit] : graph.start[unit + 1]]]
            found[row] = not (around == sums.back[row]).any()
    return found
