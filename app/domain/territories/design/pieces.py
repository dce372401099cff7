"""Making every territory one piece: what is cut off from its main part goes where it touches."""

from __future__ import annotations

import heapq

import numpy as np

from app.domain.territories.design.graph import Graph, parts
from app.domain.territories.design.problem import NOWHERE, Floats, Ints, Problem

_ROUNDS = 8


def reattach(problem: Problem, graph: Graph, assign: Ints, centres: Floats) -> Ints:
    """[n] a plan in which every territory is one piece, as far as locks and allowed pairs let it.

    The heaviest part of each territory stays, and the parts that hold locked units; the units of the others go, the
    cheapest first, to a territory that they touch.
    """
    assign = assign.copy()
    for _ in range(_ROUNDS):
        loose = _loose(problem, graph, assign)
        if not len(loose):
            break
        _spread(problem, graph, assign, centres, loose)
    return assign


def _loose(problem: Problem, graph: Graph, assign: Ints) -> Ints:
    """The units outside the main part of their territory."""
    part = parts(graph, assign)
    count = int(part.max(initial=-1)) + 1
    total = problem.loads.sum(axis=0)
    heaviness = np.bincount(part, (problem.loads / np.where(total > 0, total, 1.0)).sum(axis=1), count)
    owner = np.zeros(count, np.int64)
    owner[part] = assign
    order = np.lexsort((heaviness, owner))
    main = np.zeros(count, np.bool_)
    main[order[np.r_[owner[order][1:] != owner[order][:-1], True]]] = True
    main[part[problem.locked != NOWHERE]] = True
    return np.flatnonzero(~main[part]).astype(np.int32)


def _spread(problem: Problem, graph: Graph, assign: Ints, centres: Floats, loose: Ints) -> None:
    waiting = np.zeros(problem.units, np.bool_)
    waiting[loose] = True
    queue: list[tuple[float, int, int]] = []

    def offer(unit: int, territory: int) -> None:
        if problem.allowed is None or problem.allowed[unit, territory]:
            km = float(np.hypot(*(problem.points[unit] - centres[territory])))
            if problem.misfit is not None:
                km += float(problem.misfit[unit, territory])
            heapq.heappush(queue, (float(problem.weight[unit]) * km, unit, territory))

    for unit in loose:
        for other in graph.ends[graph.start[unit] : graph.start[unit + 1]]:
            if not waiting[other]:
                offer(int(unit), int(assign[other]))
    while queue:
        _, unit, territory = heapq.heappop(queue)
        if waiting[unit]:
            assign[unit] = territory
            waiting[unit] = False
            for other in graph.ends[graph.start[unit] : graph.start[unit + 1]]:
                if waiting[other]:
                    offer(int(other), territory)
