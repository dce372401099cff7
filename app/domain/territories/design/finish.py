"""The exact finish: the worst territory and those around it, as an integer program."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from app.domain.territories.design.anneal import Plan
from app.domain.territories.design.graph import Graph, pieces
from app.domain.territories.design.measure import bands
from app.domain.territories.design.problem import NOWHERE, Contiguity, Flags, Floats, Ints, Problem
from app.domain.territories.design.watch import Watch

_ROUNDS = 12
_AROUND = 5
"""Territories around the worst that take part."""
_FREE = 120
"""Units that may change hands in one round: those that would rather, or hardly less, be elsewhere."""
_NODES = 100
_HEAVY = 1e3
"""What a whole target outside a band costs, in the travel of the region."""


def mend(problem: Problem, graph: Graph | None, plan: Plan, sizes: Ints, watch: Watch) -> Plan:
    """Bring the loads inside their bands, worst territory first; nothing gets further outside."""
    limits = _limits(problem, sizes)
    assign, tried = plan.assign.copy(), np.zeros(problem.territories, np.bool_)
    for _ in range(_ROUNDS):
        outside = _outside(limits, _held(limits, assign)).sum(axis=1)
        outside[tried] = 0.0
        worst = int(outside.argmax())
        if outside[worst] <= 0 or watch.left() <= 0:
            break
        found = _solve(problem, limits, assign, plan.centres, _around(plan.centres, worst), plan.seat)
        before = _outside(limits, _held(limits, assign)).sum()
        if _outside(limits, _held(limits, found)).sum() < before - 1e-12 and _whole(problem, graph, assign, found):
            assign, tried = found, np.zeros(problem.territories, np.bool_)
        else:
            tried[worst] = True
    feasible = not _outside(limits, _held(limits, assign)).any()
    return Plan(assign, plan.centres, plan.seat, plan.prices, feasible)


Limits = tuple[Floats, Floats, Floats]
"""Shares of the mean target: what units add, the least and the most that territories may hold."""


def _limits(problem: Problem, sizes: Ints) -> Limits:
    least, most = bands(problem)
    mean = problem.targets.mean(axis=0)
    scale = np.append(np.where(mean > 0, mean, 1.0), max(sizes.sum() / problem.territories, 1.0))
    least = np.column_stack([least, np.full(len(least), -np.inf)])
    most = np.column_stack([most, problem.max_units])
    return np.column_stack([problem.loads, sizes]) / scale, least / scale, most / scale


def _held(limits: Limits, assign: Ints) -> Floats:
    return np.column_stack([np.bincount(assign, load, minlength=len(limits[1])) for load in limits[0].T])


def _outside(limits: Limits, held: Floats) -> Floats:
    _, least, most = limits
    beyond: Floats = np.maximum(np.maximum(held - most, least - held) - 1e-10, 0.0)
    return beyond


def _around(centres: Floats, worst: int) -> Ints:
    away = np.hypot(*(centres - centres[worst]).T)
    return np.argsort(away, kind="stable")[: _AROUND + 1].astype(np.int32)


def _whole(problem: Problem, graph: Graph | None, before: Ints, after: Ints) -> bool:
    """Whether contiguity, when it is hard, is no worse than it was."""
    if graph is None or problem.contiguity is not Contiguity.HARD:
        return True
    return int(pieces(graph, after, problem.territories).sum()) <= int(pieces(graph, before, problem.territories).sum())


def _solve(problem: Problem, limits: Limits, assign: Ints, centres: Floats, region: Ints, seat: Ints) -> Ints:
    """The plan with the region's units assigned anew, as far as they are free."""
    units, costs, may = _free(problem, assign, centres, region, seat)
    if not len(units):
        return assign
    row, column = np.nonzero(may)
    pairs, places, measures = len(row), len(region), limits[0].shape[1]
    fixed = assign.copy()
    fixed[units] = NOWHERE
    kept = fixed != NOWHERE
    held = _held((limits[0][kept], *limits[1:]), fixed[kept])[region].ravel()
    bound = np.arange(places * measures)
    into = column[:, None] * measures + np.arange(measures)
    loads = coo_matrix((limits[0][units[row]].ravel(), (into.ravel(), np.repeat(np.arange(pairs), measures))))
    matrix = np.zeros((places * measures, pairs + 2 * len(bound)))
    matrix[: loads.shape[0], : loads.shape[1]] = loads.toarray()
    matrix[bound, pairs + bound], matrix[bound, pairs + len(bound) + bound] = -1.0, 1.0
    once = coo_matrix((np.ones(pairs), (row, np.arange(pairs))), (len(units), matrix.shape[1]))
    typical = max(float(costs[may].mean()), 1e-9) * len(units)
    result = milp(
        np.concatenate([costs[row, column], np.full(2 * len(bound), _HEAVY * typical)]),
        constraints=[
            LinearConstraint(matrix, limits[1][region].ravel() - held, limits[2][region].ravel() - held),
            LinearConstraint(once.tocsr(), 1.0, 1.0),
        ],
        integrality=np.concatenate([np.ones(pairs), np.zeros(2 * len(bound))]),
        bounds=Bounds(0.0, np.concatenate([np.ones(pairs), np.full(2 * len(bound), np.inf)])),
        options={"node_limit": _NODES, "mip_rel_gap": 0.01},
    )
    found = assign.copy()
    if result.x is not None:
        chosen = np.flatnonzero(result.x[:pairs] > 0.5)
        found[units[row[chosen]]] = region[column[chosen]]
    return found


def _free(problem: Problem, assign: Ints, centres: Floats, region: Ints, seat: Ints) -> tuple[Ints, Floats, Flags]:
    """The units of the region that are nearest to changing hands, what each place costs them, and which are allowed."""
    inside = np.isin(assign, region) & (problem.locked == NOWHERE)
    inside[seat[seat != NOWHERE]] = False
    units = np.flatnonzero(inside).astype(np.int32)
    costs = np.column_stack([_cost(problem, units, centres, int(territory)) for territory in region])
    may = np.isfinite(costs)
    own = np.argmax(assign[units][:, None] == region, axis=1)
    others = costs.copy()
    others[np.arange(len(units)), own] = np.inf
    regret = others.min(axis=1, initial=np.inf) - costs[np.arange(len(units)), own]
    nearest = np.sort(np.argsort(regret, kind="stable")[:_FREE])
    return units[nearest], costs[nearest], may[nearest]


def _cost(problem: Problem, units: Ints, centres: Floats, territory: int) -> Floats:
    km = np.hypot(*(problem.points[units] - centres[territory]).T)
    if problem.misfit is not None:
        km = km + problem.misfit[units, territory]
    if problem.allowed is not None:
        km = np.where(problem.allowed[units, territory], km, np.inf)
    cost = problem.weight[units] * km
    leaves = (problem.today[units] != NOWHERE) & (problem.today[units] != territory)
    found: Floats = cost + (problem.disruption or 0.0) * problem.stake[units] * leaves
    return found
