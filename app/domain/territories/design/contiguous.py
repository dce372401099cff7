"""Territories of a re-balance made one piece again, at the least cost."""

from __future__ import annotations

import numpy as np

from app.domain.territories.design.blocks import open_pairs, trips
from app.domain.territories.design.graph import Graph, parts
from app.domain.territories.design.measure import centres_of
from app.domain.territories.design.problem import NOWHERE, Floats, Ints, Problem

_ROUNDS = 12


def joined_up(problem: Problem, graph: Graph, assign: Ints, leaving: Floats) -> Ints:
    """Each exclave given to the neighbouring territory where it costs least in travel and disruption.

    Part by part, as long as something joins; what may go nowhere else stays. Balance is not looked at.
    """
    assign = assign.copy()
    for _ in range(_ROUNDS):
        part = parts(graph, assign)
        loose = _loose(problem, assign, part)
        joined = False
        for one in loose:
            units = np.flatnonzero(part == one).astype(np.int32)
            best = _best_neighbour(problem, graph, assign, units, leaving)
            if best != NOWHERE:
                assign[units] = best
                joined = True
        if not joined:
            break
    return assign


def _loose(problem: Problem, assign: Ints, part: Ints) -> Ints:
    """Parts of a territory that are not its heaviest."""
    size = problem.loads / np.maximum(problem.targets.mean(axis=0), 1e-12)
    heavy = np.bincount(part, size.sum(axis=1) + 1e-9)
    owner = np.zeros(len(heavy), dtype=np.int32)
    owner[part] = assign
    order = np.lexsort((-heavy, owner))
    return order[np.r_[False, owner[order][1:] == owner[order][:-1]]].astype(np.int32)


def _best_neighbour(problem: Problem, graph: Graph, assign: Ints, units: Ints, leaving: Floats) -> int:
    around = np.unique(np.concatenate([assign[graph.ends[graph.start[u] : graph.start[u + 1]]] for u in units]))
    around = around[around != assign[units[0]]]
    if not len(around):
        return NOWHERE
    cost = trips(problem, units, centres_of(problem, assign))
    today = problem.today[units]
    had = np.flatnonzero(today != NOWHERE)
    cost[had] += leaving[units[had], None]
    cost[had, today[had]] -= leaving[units[had]]
    cost[~open_pairs(problem, units)] = np.inf
    total = cost.sum(axis=0)[around]
    return int(around[total.argmin()]) if np.isfinite(total).any() else NOWHERE
