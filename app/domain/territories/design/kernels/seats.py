"""Moves of territories that are centred at a unit: centre it at another, close it here and open it there."""

from __future__ import annotations

import numpy as np

from app.domain.territories.design.kernels.compiled import kernel
from app.domain.territories.design.kernels.moves import (
    accepts,
    cost_at,
    cost_in,
    exchange_of,
    go,
    may,
    outside,
    pick,
    relink,
    shift_or_swap,
    uniform,
)
from app.domain.territories.design.kernels.state import Ground, Region, Rules, State

FEW = 10
"""Territories with at most so many units are weighed with each of them as the seat whenever one comes or goes."""
_MOST_MEMBERS = 2000
"""Territories with more units are not closed: the move would be refused after much work."""


@kernel
def _members(s: State, r: Region, j: int, leaves: int, joins: int, column: int) -> int:
    """List the units of j as they would be; how many there are, 0 if they are not few."""
    count = 0
    if joins >= 0:
        r.changes[0, column] = joins
        count = 1
    u = s.first[j]
    while u >= 0:
        if u != leaves:
            if count == FEW:
                return 0
            r.changes[count, column] = u
            count += 1
        u = s.after[u]
    return count


@kernel
def _seated(g: Ground, r: Region, j: int, column: int, count: int) -> tuple[int, float]:
    """The listed unit from which all of them cost least in territory j, and that cost."""
    best = -1
    least = np.inf
    for a in range(count):
        x, y = g.points[r.changes[a, column], 0], g.points[r.changes[a, column], 1]
        cost = 0.0
        for b in range(count):
            cost += cost_at(g, r.changes[b, column], j, x, y)
            if cost >= least:
                break
        if cost < least:
            best = r.changes[a, column]
            least = cost
    return best, least


@kernel
def _sum_in(g: Ground, s: State, j: int) -> float:
    """What the units of territory j cost now."""
    cost = 0.0
    u = s.first[j]
    while u >= 0:
        cost += cost_in(g, s, u, j)
        u = s.after[u]
    return cost


@kernel
def _sit(g: Ground, s: State, j: int, seat: int) -> None:
    s.seat[j] = seat
    s.centres[j, 0] = g.points[seat, 0]
    s.centres[j, 1] = g.points[seat, 1]


@kernel
def reseat(g: Ground, s: State, r: Region, rules: Rules, heat: float) -> None:
    """Try to shift or swap a unit between territories of few units, with their seats where they are then best.

    Where a seat is one of three units, what a move is worth at the present seats says little. Where units are many,
    the move is tried as any other.
    """
    i = r.border[pick(r.random, len(r.border))]
    nearby = g.near[i, pick(r.random, g.near.shape[1])]
    j, k = s.assign[i], s.assign[nearby]
    if j == k or r.of[k] != r.number or g.fixed[i] or not may(g, i, k):
        return
    other = -1
    if uniform(r.random) < 0.5:
        other = nearby
        if g.fixed[other] or not may(g, other, j):
            return
    here, there = _members(s, r, j, i, other, 0), _members(s, r, k, other, i, 1)
    if here == 0 or there == 0:
        shift_or_swap(g, s, r, rules, heat)
        return
    seat, cost = _seated(g, r, j, 0, here)
    new, more = _seated(g, r, k, 1, there)
    cost += more - _sum_in(g, s, j) - _sum_in(g, s, k)
    if not accepts(r.random, cost + exchange_of(g, s, rules, i, other, k), heat):
        return
    r.tally[0] += cost
    go(g, s, i, k)
    if other >= 0:
        go(g, s, other, j)
    _sit(g, s, j, seat)
    _sit(g, s, k, new)


@kernel
def move_seat(g: Ground, s: State, r: Region, heat: float) -> None:
    """Centre a territory at another of its units."""
    i = r.units[pick(r.random, len(r.units))]
    j = s.assign[i]
    seat = s.seat[j]
    new = i if uniform(r.random) < 0.2 else g.near[seat, pick(r.random, g.near.shape[1])]
    if s.assign[new] != j or new == seat:
        return
    x, y = g.points[new, 0], g.points[new, 1]
    cost = 0.0
    u = s.first[j]
    while u >= 0:
        cost += cost_at(g, u, j, x, y) - cost_in(g, s, u, j)
        u = s.after[u]
    if accepts(r.random, cost, heat):
        r.tally[0] += cost
        _sit(g, s, j, new)


@kernel
def _leavers(g: Ground, s: State, r: Region, j: int, seat: int) -> tuple[int, float]:
    """The changes when j is closed and opened at another seat; -1 if it is too large. And their cost."""
    x, y = g.points[seat, 0], g.points[seat, 1]
    count = 0
    cost = 0.0
    u = s.first[j]
    while u >= 0:
        if count >= _MOST_MEMBERS:
            return -1, 0.0
        least = cost_at(g, u, j, x, y)
        to = -1
        if not g.fixed[u]:
            for e in range(g.near.shape[1]):
                k = s.assign[g.near[u, e]]
                if k != j and r.of[k] == r.number and may(g, u, k):
                    found = cost_in(g, s, u, k)
                    if found < least:
                        least = found
                        to = k
        if to >= 0:
            r.changes[count, 0] = u
            r.changes[count, 1] = j
            r.changes[count, 2] = to
            count += 1
        cost += least - cost_in(g, s, u, j)
        u = s.after[u]
    return count, cost


@kernel
def _joiners(g: Ground, s: State, r: Region, j: int, seat: int, count: int) -> tuple[int, float]:
    """Adds the new seat and those near it to the changes."""
    x, y = g.points[seat, 0], g.points[seat, 1]
    cost = 0.0
    for e in range(-1, g.near.shape[1]):
        u = seat if e < 0 else g.near[seat, e]
        k = s.assign[u]
        if k == j or r.of[k] != r.number or s.seat[k] == u or g.fixed[u] or not may(g, u, j):
            continue
        change = cost_at(g, u, j, x, y) - cost_in(g, s, u, k)
        if change < 0 or e < 0:
            r.changes[count, 0] = u
            r.changes[count, 1] = k
            r.changes[count, 2] = j
            count += 1
            cost += change
    return count, cost


@kernel
def _apply_loads(g: Ground, s: State, r: Region, rules: Rules, count: int, sign: float) -> float:
    """Move the loads of the changes; what that changes in penalty."""
    penalty = 0.0
    for c in range(count):
        i = r.changes[c, 0]
        for side in range(2):
            j = r.changes[c, 1 + side]
            step = sign if side == 1 else -sign
            for q in range(g.loads.shape[1]):
                before = outside(s.loads[j, q], g.aim_least[j, q], g.aim_most[j, q])
                s.loads[j, q] += step * g.loads[i, q]
                change = outside(s.loads[j, q], g.aim_least[j, q], g.aim_most[j, q]) - before
                penalty += rules.alpha[q] * change
    return penalty


@kernel
def reopen(g: Ground, s: State, r: Region, rules: Rules, heat: float) -> None:
    """Close a territory, give its units to those around, and open it at another unit."""
    j = s.assign[r.units[pick(r.random, len(r.units))]]
    seat = s.seat[j]
    if uniform(r.random) < 0.5:
        seat = r.units[pick(r.random, len(r.units))]
    else:
        for _ in range(2 + pick(r.random, 5)):
            seat = g.near[seat, pick(r.random, g.near.shape[1])]
    k = s.assign[seat]
    if k == j or r.of[k] != r.number or s.seat[k] == seat or g.fixed[seat] or not may(g, seat, j):
        return
    count, cost = _leavers(g, s, r, j, seat)
    if count < 0:
        return
    count, more = _joiners(g, s, r, j, seat, count)
    cost += more
    penalty = _apply_loads(g, s, r, rules, count, 1.0)
    if not accepts(r.random, cost + penalty, heat):
        _apply_loads(g, s, r, rules, count, -1.0)
        return
    r.tally[0] += cost
    for c in range(count):
        relink(s, r.changes[c, 0], r.changes[c, 2])
    _sit(g, s, j, seat)
