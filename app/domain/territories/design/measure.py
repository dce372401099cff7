"""The figures of any plan: what every part of the engine and every reader means by them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from app.domain.territories.design.graph import Graph, graph_of, pieces
from app.domain.territories.design.problem import (
    NOWHERE,
    Contiguity,
    Flags,
    Floats,
    Ints,
    Problem,
    Solution,
)

_STEPS = 60
_NEAR = 1e-6
"""km under which a unit counts as being at the centre: it would pull with an infinite force."""
_EXACT = 1e-9
"""Share of the band that sums of floating numbers may be beside it."""


def evaluate(
    problem: Problem,
    assign: Ints,
    centres: Floats | None = None,
    prices: Floats | None = None,
    bound: float | None = None,
    stopped: str = "done",
    *,
    notes: tuple[str, ...] = (),
    graph: Graph | None = None,
) -> Solution:
    """A plan with its figures, recomputed from the problem alone.

    Centres are those of ``centres_of`` when absent; the graph of contiguity can be given to save making it again.
    """
    centres = centres_of(problem, assign) if centres is None else centres
    loads = loads_of(problem, assign)
    found = np.ones(problem.territories, np.int32)
    if problem.contiguity is not Contiguity.NONE:
        found = pieces(graph or graph_of(problem), assign, problem.territories)
    return Solution(
        assign=assign,
        centres=centres,
        loads=loads,
        deviation=deviations(problem, loads).max(axis=0, initial=0.0),
        travel=travel_of(problem, assign, centres),
        moved_stake=float(problem.stake[moved(problem, assign)].sum()),
        bound=bound,
        feasible=bool(
            within(problem, loads).all()
            and _limits_kept(problem, assign)
            and (problem.contiguity is not Contiguity.HARD or found.max(initial=0) <= 1)
        ),
        pieces=found,
        prices=np.zeros_like(problem.targets) if prices is None else prices,
        stopped=stopped,
        notes=notes,
    )


def loads_of(problem: Problem, assign: Ints) -> Floats:
    """[k, m] what each territory holds."""
    return np.column_stack(
        [np.bincount(assign, load, minlength=problem.territories) for load in problem.loads.T]
    ).astype(np.float64)


def bands(problem: Problem) -> tuple[Floats, Floats]:
    """[k, m] the least and the most that each territory may hold of each measure."""
    slack = problem.targets * problem.tolerance
    least = problem.targets - slack if problem.floor else np.full_like(problem.targets, -np.inf)
    return least, problem.targets + slack


def within(problem: Problem, loads: Floats) -> Flags:
    """[k, m] whether a load is within its band."""
    least, most = bands(problem)
    room = _EXACT * np.maximum(problem.targets, problem.targets.mean(axis=0))
    kept: Flags = (loads >= least - room) & (loads <= most + room)
    return kept


def deviations(problem: Problem, loads: Floats) -> Floats:
    """[k, m] distance from the target as a share of it; of the mean target where a territory's own is zero."""
    mean = problem.targets.mean(axis=0)
    share_of = np.where(problem.targets > 0, problem.targets, np.where(mean > 0, mean, 1.0))
    found: Floats = np.abs(loads - problem.targets) / share_of
    return found


def distances(problem: Problem, assign: Ints, centres: Floats) -> Floats:
    """[n] km from each unit to the centre of its territory."""
    away = problem.points - centres[assign]
    found: Floats = np.hypot(away[:, 0], away[:, 1])
    return found


def travel_of(problem: Problem, assign: Ints, centres: Floats) -> float:
    """Sum of weight times distance to the centre, in km."""
    return float(problem.weight @ distances(problem, assign, centres))


def moved(problem: Problem, assign: Ints) -> Flags:
    """[n] whether a unit leaves today's territory; one that has none leaves nothing."""
    left: Flags = (problem.today != NOWHERE) & (problem.today != assign)
    return left


def centres_of(problem: Problem, assign: Ints) -> Floats:
    """[k, 2] the weighted geometric median of each territory: where its travel is least.

    Where nothing weighs, all units count alike; an empty territory is centred in the middle of all.
    """
    weight = _pulling(problem, assign)
    centres = _means(problem, assign, weight, np.tile(_middle(problem), (problem.territories, 1)))
    for _ in range(_STEPS):
        force = weight / np.maximum(distances(problem, assign, centres), _NEAR)
        nearer = _means(problem, assign, force, centres)
        if np.abs(nearer - centres).max(initial=0.0) < _NEAR:
            break
        centres = nearer
    if problem.centre_at_unit:
        seats = seats_of(problem, assign)
        centres[seats != NOWHERE] = problem.points[seats[seats != NOWHERE]]
    return centres


def _pulling(problem: Problem, assign: Ints) -> Floats:
    weightless = np.bincount(assign, problem.weight, minlength=problem.territories) <= 0
    return np.where(weightless[assign], 1.0, problem.weight)


def _means(problem: Problem, assign: Ints, weight: Floats, otherwise: Floats) -> Floats:
    total = np.bincount(assign, weight, minlength=problem.territories)
    sums = np.column_stack(
        [np.bincount(assign, weight * axis, minlength=problem.territories) for axis in problem.points.T]
    )
    found: Floats = np.where(total[:, None] > 0, sums / np.where(total > 0, total, 1.0)[:, None], otherwise)
    return found


def _middle(problem: Problem) -> Floats:
    middle: Floats = problem.points.mean(axis=0) if problem.units else np.zeros(2)
    return middle


def seats_of(problem: Problem, assign: Ints) -> Ints:
    """[k] each territory's unit from which its others are nearest in sum; NOWHERE for an empty one."""
    found = np.full(problem.territories, NOWHERE, np.int32)
    weight = _pulling(problem, assign)
    order = np.argsort(assign, kind="stable")
    edges = np.searchsorted(assign[order], np.arange(problem.territories + 1))
    for territory, (begin, end) in enumerate(pairwise(edges)):
        units = order[begin:end]
        if len(units):
            found[territory] = units[_sums_of_distances(problem.points[units], weight[units]).argmin()]
    return found


def _sums_of_distances(points: Floats, weight: Floats) -> Floats:
    sums = [float(weight @ np.hypot(*(points - point).T)) for point in points]
    return np.array(sums)


def _limits_kept(problem: Problem, assign: Ints) -> bool:
    if not problem.units:
        return True
    locked = problem.locked != NOWHERE
    grouped = np.flatnonzero(problem.group != NOWHERE)
    _, first, of = np.unique(problem.group[grouped], return_index=True, return_inverse=True)
    return bool(
        (assign[locked] == problem.locked[locked]).all()
        and (problem.allowed is None or problem.allowed[np.arange(problem.units), assign].all())
        and (np.bincount(assign, minlength=problem.territories) <= problem.max_units).all()
        and (assign[grouped] == assign[grouped][first][of.reshape(-1)]).all()
    )
