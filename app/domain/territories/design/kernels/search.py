"""Moves at a falling heat: shift, swap, move a centre, close a territory and open it elsewhere.

A kernel works on one region, a set of territories whose units and loads no other region touches, so that regions run at
the same time and still give the same bytes. Random numbers are its own (xorshift64*).
"""

from __future__ import annotations

import numpy as np

from app.domain.territories.design.kernels.compiled import kernel
from app.domain.territories.design.kernels.moves import cost_in, shift_or_swap, touching, uniform
from app.domain.territories.design.kernels.seats import move_seat, reopen, reseat
from app.domain.territories.design.kernels.state import Ground, Region, Rules, State


@kernel
def _weigh(g: Ground, s: State, r: Region, rules: Rules) -> None:
    """The cost of the region as it stands."""
    cost = 0.0
    for u in r.units:
        cost += cost_in(g, s, u, s.assign[u])
        if g.start.shape[0] > 1:
            cut = g.start[u + 1] - g.start[u] - touching(g, s, u, s.assign[u])
            cost += 0.5 * rules.cut * cut
    r.tally[0] = cost


@kernel
def _feasible(g: Ground, s: State, r: Region) -> bool:
    for j in range(len(r.of)):
        if r.of[j] == r.number:
            for q in range(g.loads.shape[1]):
                if s.loads[j, q] < g.least[j, q] or s.loads[j, q] > g.most[j, q]:
                    return False
    return True


@kernel
def _remember(g: Ground, s: State, r: Region) -> None:
    r.tally[2] += 1
    if not _feasible(g, s, r):
        return
    r.tally[3] += 1
    if r.tally[0] < r.tally[1]:
        r.tally[1] = r.tally[0]
        for u in r.units:
            r.best[u] = s.assign[u]
        for j in range(len(r.of)):
            if r.of[j] == r.number:
                r.best_seat[j] = s.seat[j]


@kernel
def search_region(g: Ground, s: State, r: Region, rules: Rules, moves: int, hot: float, cold: float) -> None:
    """Try moves while the heat falls from hot to cold; the best feasible plan on the way is kept."""
    r.tally[1] = np.inf
    r.tally[2:] = 0.0
    _weigh(g, s, r, rules)
    _remember(g, s, r)
    if len(r.border) == 0:
        return
    heat = hot
    cooling = (cold / hot) ** (256.0 / max(256, moves))
    pause = max(500, len(r.units) // 8)
    for move in range(moves):
        if move % 256 == 255:
            heat *= cooling
        if move % pause == pause - 1:
            _remember(g, s, r)
        kind = uniform(r.random) if rules.centring > 0.0 else 1.0
        if kind < rules.centring:
            move_seat(g, s, r, heat)
        elif kind < rules.centring + rules.reopening:
            reopen(g, s, r, rules, heat)
        elif rules.few:
            reseat(g, s, r, rules, heat)
        else:
            shift_or_swap(g, s, r, rules, heat)
    _remember(g, s, r)
