"""Moves at a falling heat: shift, swap, move a centre, close a territory and open it elsewhere.

Every change of cost is exact. A kernel works on one region, a set of territories whose units and loads no other region
touches, so that regions run at the same time and still give the same bytes. Random numbers are its own (xorshift64*).
All of it is one module because what is compiled is kept until the time of its file changes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit

from app.domain.territories.design.kernels.state import Ground, Region, Rules, State, Words
from app.domain.territories.design.problem import Ints

F = TypeVar("F", bound=Callable[..., Any])

_FAR = 0.01
"""Share of the moves to a territory anywhere in the region."""
FEW = 10
"""Territories with at most so many units are weighed with each of them as the seat whenever one comes or goes."""
_MOST_MEMBERS = 2000
"""Territories with more units are not closed: the move would be refused after much work."""


def _kernel(function: F) -> F:
    """Compiled without counting references to arrays: nothing here makes or drops any, and it took 14 times as long."""
    options: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
    compiled: F = njit(**options)(function)
    return compiled


@_kernel
def _uniform(random: Words) -> float:
    """The next number in [0, 1)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@_kernel
def _pick(random: Words, n: int) -> int:
    """A number from 0 to n - 1."""
    return int(_uniform(random) * n)


@_kernel
def _cost_at(g: Ground, i: int, j: int, x: float, y: float) -> float:
    """Unit i in territory j, if that is centred at x, y."""
    dx = g.points[i, 0] - x
    dy = g.points[i, 1] - y
    km = math.sqrt(dx * dx + dy * dy)
    if g.misfit.shape[0] > 0:
        km += g.misfit[i, j]
    cost: float = g.weight[i] * km
    if g.today[i] >= 0 and g.today[i] != j:
        cost += g.loyalty[i]
    return cost


@_kernel
def _cost_in(g: Ground, s: State, i: int, j: int) -> float:
    """Unit i in territory j as it is centred now."""
    return _cost_at(g, i, j, s.centres[j, 0], s.centres[j, 1])


@_kernel
def _may(g: Ground, i: int, j: int) -> bool:
    """Whether unit i is allowed in territory j."""
    return g.allowed.shape[0] == 0 or bool(g.allowed[i, j])


@_kernel
def _outside(load: float, least: float, most: float) -> float:
    """How far a load is outside its band."""
    if load > most:
        return load - most
    if load < least:
        return least - load
    return 0.0


@_kernel
def _accepts(random: Words, change: float, heat: float) -> bool:
    """Whether a change of cost is taken at this heat."""
    return change <= 0.0 or (change < 40.0 * heat and _uniform(random) < math.exp(-change / heat))


@_kernel
def _relink(s: State, i: int, j: int) -> None:
    """Unit i leaves its territory for j."""
    old = s.assign[i]
    if s.before[i] >= 0:
        s.after[s.before[i]] = s.after[i]
    else:
        s.first[old] = s.after[i]
    if s.after[i] >= 0:
        s.before[s.after[i]] = s.before[i]
    s.after[i] = s.first[j]
    s.before[i] = -1
    if s.first[j] >= 0:
        s.before[s.first[j]] = i
    s.first[j] = i
    s.assign[i] = j


@_kernel
def link(assign: Ints, first: Ints, after: Ints, before: Ints) -> None:
    """Fill the lists of members."""
    first[:] = -1
    for i in range(len(assign)):
        j = assign[i]
        before[i] = -1
        after[i] = first[j]
        if first[j] >= 0:
            before[first[j]] = i
        first[j] = i


@_kernel
def _stays_whole(g: Ground, s: State, r: Region, i: int) -> bool:
    """Whether i's territory is one piece without i: its neighbours there reach one another."""
    j = s.assign[i]
    sought = 0
    origin = -1
    for e in range(g.start[i], g.start[i + 1]):
        if s.assign[g.ends[e]] == j:
            sought += 1
            origin = g.ends[e]
    if sought <= 1:
        return sought == 1
    r.stamp[-1] += 2
    mark = r.stamp[-1]
    for e in range(g.start[i], g.start[i + 1]):
        if s.assign[g.ends[e]] == j:
            r.stamp[g.ends[e]] = mark
    r.stamp[origin] = mark + 1
    r.queue[0] = origin
    head, tail, reached = 0, 1, 1
    while head < tail:
        u = r.queue[head]
        head += 1
        for e in range(g.start[u], g.start[u + 1]):
            w = g.ends[e]
            if w == i or s.assign[w] != j or r.stamp[w] == mark + 1:
                continue
            if r.stamp[w] == mark:
                reached += 1
                if reached == sought:
                    return True
            r.stamp[w] = mark + 1
            r.queue[tail] = w
            tail += 1
    return False


@_kernel
def _touching(g: Ground, s: State, i: int, j: int) -> int:
    """How many neighbours of unit i are in territory j."""
    found = 0
    for e in range(g.start[i], g.start[i + 1]):
        if s.assign[g.ends[e]] == j:
            found += 1
    return found


@_kernel
def _crosses(g: Ground, s: State, r: Region, i: int, k: int) -> bool:
    """Whether unit i is free to go to territory k, another of the same region."""
    j = s.assign[i]
    inside = j != k and r.of[j] == r.number and r.of[k] == r.number
    return inside and not g.fixed[i] and s.seat[j] != i and _may(g, i, k)


@_kernel
def _exchange(g: Ground, s: State, rules: Rules, i: int, other: int, k: int) -> float:
    """What it changes in penalty when i goes to k, and the other, unless -1, comes instead."""
    j = s.assign[i]
    penalty = 0.0
    for q in range(g.loads.shape[1]):
        load = g.loads[i, q] - (g.loads[other, q] if other >= 0 else 0.0)
        change = _outside(s.loads[j, q] - load, g.aim_least[j, q], g.aim_most[j, q])
        change -= _outside(s.loads[j, q], g.aim_least[j, q], g.aim_most[j, q])
        change += _outside(s.loads[k, q] + load, g.aim_least[k, q], g.aim_most[k, q])
        change -= _outside(s.loads[k, q], g.aim_least[k, q], g.aim_most[k, q])
        penalty += rules.alpha[q] * change + load * (g.prices[k, q] - g.prices[j, q])
    return penalty


@_kernel
def _go(g: Ground, s: State, i: int, k: int) -> None:
    j = s.assign[i]
    for q in range(g.loads.shape[1]):
        s.loads[j, q] -= g.loads[i, q]
        s.loads[k, q] += g.loads[i, q]
    _relink(s, i, k)


@_kernel
def _partner(g: Ground, s: State, r: Region, i: int, nearby: int) -> int:
    """The unit that comes in exchange for i from where the unit nearby is; -1 if none may."""
    k = s.assign[nearby]
    if _uniform(r.random) < 0.5:
        another = g.near[nearby, _pick(r.random, g.near.shape[1])]
        if s.assign[another] == k:
            nearby = another
    return int(nearby) if _crosses(g, s, r, nearby, s.assign[i]) else -1


@_kernel
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


@_kernel
def _seated(g: Ground, r: Region, j: int, column: int, count: int) -> tuple[int, float]:
    """The listed unit from which all of them cost least in territory j, and that cost."""
    best = -1
    least = np.inf
    for a in range(count):
        x, y = g.points[r.changes[a, column], 0], g.points[r.changes[a, column], 1]
        cost = 0.0
        for b in range(count):
            cost += _cost_at(g, r.changes[b, column], j, x, y)
            if cost >= least:
                break
        if cost < least:
            best = r.changes[a, column]
            least = cost
    return best, least


@_kernel
def _sum_in(g: Ground, s: State, j: int) -> float:
    """What the units of territory j cost now."""
    cost = 0.0
    u = s.first[j]
    while u >= 0:
        cost += _cost_in(g, s, u, j)
        u = s.after[u]
    return cost


@_kernel
def _sit(g: Ground, s: State, j: int, seat: int) -> None:
    s.seat[j] = seat
    s.centres[j, 0] = g.points[seat, 0]
    s.centres[j, 1] = g.points[seat, 1]


@_kernel
def _reseat(g: Ground, s: State, r: Region, rules: Rules, heat: float) -> None:
    """Try to shift or swap a unit between territories of few units, with their seats where they are then best.

    Where a seat is one of three units, what a move is worth at the present seats says little. Where units are many,
    the move is tried as any other.
    """
    i = r.border[_pick(r.random, len(r.border))]
    nearby = g.near[i, _pick(r.random, g.near.shape[1])]
    j, k = s.assign[i], s.assign[nearby]
    if j == k or r.of[k] != r.number or g.fixed[i] or not _may(g, i, k):
        return
    other = -1
    if _uniform(r.random) < 0.5:
        other = nearby
        if g.fixed[other] or not _may(g, other, j):
            return
    here, there = _members(s, r, j, i, other, 0), _members(s, r, k, other, i, 1)
    if here == 0 or there == 0:
        _shift_or_swap(g, s, r, rules, heat)
        return
    seat, cost = _seated(g, r, j, 0, here)
    new, more = _seated(g, r, k, 1, there)
    cost += more - _sum_in(g, s, j) - _sum_in(g, s, k)
    if not _accepts(r.random, cost + _exchange(g, s, rules, i, other, k), heat):
        return
    r.tally[0] += cost
    _go(g, s, i, k)
    if other >= 0:
        _go(g, s, other, j)
    _sit(g, s, j, seat)
    _sit(g, s, k, new)


@_kernel
def _shift_or_swap(g: Ground, s: State, r: Region, rules: Rules, heat: float) -> None:
    """Try to bring a unit of the border to a territory nearby; seldom to any, for those nearby may not be allowed."""
    i = r.border[_pick(r.random, len(r.border))]
    graph = g.start.shape[0] > 1
    nearby = g.near[i, _pick(r.random, g.near.shape[1])]
    if not graph and _uniform(r.random) < _FAR:
        nearby = r.border[_pick(r.random, len(r.border))]
    j, k = s.assign[i], s.assign[nearby]
    if not _crosses(g, s, r, i, k):
        return
    cost = _cost_in(g, s, i, k) - _cost_in(g, s, i, j)
    other = -1
    if graph:
        there = _touching(g, s, i, k)
        if rules.whole and there == 0:
            return
        cost += rules.cut * (_touching(g, s, i, j) - there)
    elif _uniform(r.random) < 0.5:
        other = _partner(g, s, r, i, nearby)
        if other < 0:
            return
        cost += _cost_in(g, s, other, j) - _cost_in(g, s, other, k)
    penalty = _exchange(g, s, rules, i, other, k)
    if not _accepts(r.random, cost + penalty, heat) or (rules.whole and not _stays_whole(g, s, r, i)):
        return
    r.tally[0] += cost
    _go(g, s, i, k)
    if other >= 0:
        _go(g, s, other, j)


@_kernel
def _move_seat(g: Ground, s: State, r: Region, heat: float) -> None:
    """Centre a territory at another of its units."""
    i = r.units[_pick(r.random, len(r.units))]
    j = s.assign[i]
    seat = s.seat[j]
    new = i if _uniform(r.random) < 0.2 else g.near[seat, _pick(r.random, g.near.shape[1])]
    if s.assign[new] != j or new == seat:
        return
    x, y = g.points[new, 0], g.points[new, 1]
    cost = 0.0
    u = s.first[j]
    while u >= 0:
        cost += _cost_at(g, u, j, x, y) - _cost_in(g, s, u, j)
        u = s.after[u]
    if _accepts(r.random, cost, heat):
        r.tally[0] += cost
        _sit(g, s, j, new)


@_kernel
def _leavers(g: Ground, s: State, r: Region, j: int, seat: int) -> tuple[int, float]:
    """The changes when j is closed and opened at another seat; -1 if it is too large. And their cost."""
    x, y = g.points[seat, 0], g.points[seat, 1]
    count = 0
    cost = 0.0
    u = s.first[j]
    while u >= 0:
        if count >= _MOST_MEMBERS:
            return -1, 0.0
        least = _cost_at(g, u, j, x, y)
        to = -1
        if not g.fixed[u]:
            for e in range(g.near.shape[1]):
                k = s.assign[g.near[u, e]]
                if k != j and r.of[k] == r.number and _may(g, u, k):
                    found = _cost_in(g, s, u, k)
                    if found < least:
                        least = found
                        to = k
        if to >= 0:
            r.changes[count, 0] = u
            r.changes[count, 1] = j
            r.changes[count, 2] = to
            count += 1
        cost += least - _cost_in(g, s, u, j)
        u = s.after[u]
    return count, cost


@_kernel
def _joiners(g: Ground, s: State, r: Region, j: int, seat: int, count: int) -> tuple[int, float]:
    """Adds the new seat and those near it to the changes."""
    x, y = g.points[seat, 0], g.points[seat, 1]
    cost = 0.0
    for e in range(-1, g.near.shape[1]):
        u = seat if e < 0 else g.near[seat, e]
        k = s.assign[u]
        if k == j or r.of[k] != r.number or s.seat[k] == u or g.fixed[u] or not _may(g, u, j):
            continue
        change = _cost_at(g, u, j, x, y) - _cost_in(g, s, u, k)
        if change < 0 or e < 0:
            r.changes[count, 0] = u
            r.changes[count, 1] = k
            r.changes[count, 2] = j
            count += 1
            cost += change
    return count, cost


@_kernel
def _apply_loads(g: Ground, s: State, r: Region, rules: Rules, count: int, sign: float) -> float:
    """Move the loads of the changes; what that changes in penalty."""
    penalty = 0.0
    for c in range(count):
        i = r.changes[c, 0]
        for side in range(2):
            j = r.changes[c, 1 + side]
            step = sign if side == 1 else -sign
            for q in range(g.loads.shape[1]):
                before = _outside(s.loads[j, q], g.aim_least[j, q], g.aim_most[j, q])
                s.loads[j, q] += step * g.loads[i, q]
                change = _outside(s.loads[j, q], g.aim_least[j, q], g.aim_most[j, q]) - before
                penalty += rules.alpha[q] * change
    return penalty


@_kernel
def _reopen(g: Ground, s: State, r: Region, rules: Rules, heat: float) -> None:
    """Close a territory, give its units to those around, and open it at another unit."""
    j = s.assign[r.units[_pick(r.random, len(r.units))]]
    seat = s.seat[j]
    if _uniform(r.random) < 0.5:
        seat = r.units[_pick(r.random, len(r.units))]
    else:
        for _ in range(2 + _pick(r.random, 5)):
            seat = g.near[seat, _pick(r.random, g.near.shape[1])]
    k = s.assign[seat]
    if k == j or r.of[k] != r.number or s.seat[k] == seat or g.fixed[seat] or not _may(g, seat, j):
        return
    count, cost = _leavers(g, s, r, j, seat)
    if count < 0:
        return
    count, more = _joiners(g, s, r, j, seat, count)
    cost += more
    penalty = _apply_loads(g, s, r, rules, count, 1.0)
    if not _accepts(r.random, cost + penalty, heat):
        _apply_loads(g, s, r, rules, count, -1.0)
        return
    r.tally[0] += cost
    for c in range(count):
        _relink(s, r.changes[c, 0], r.changes[c, 2])
    _sit(g, s, j, seat)


@_kernel
def _weigh(g: Ground, s: State, r: Region, rules: Rules) -> None:
    """The cost of the region as it stands."""
    cost = 0.0
    for u in r.units:
        cost += _cost_in(g, s, u, s.assign[u])
        if g.start.shape[0] > 1:
            cut = g.start[u + 1] - g.start[u] - _touching(g, s, u, s.assign[u])
            cost += 0.5 * rules.cut * cut
    r.tally[0] = cost


@_kernel
def _feasible(g: Ground, s: State, r: Region) -> bool:
    for j in range(len(r.of)):
        if r.of[j] == r.number:
            for q in range(g.loads.shape[1]):
                if s.loads[j, q] < g.least[j, q] or s.loads[j, q] > g.most[j, q]:
                    return False
    return True


@_kernel
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


@_kernel
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
        kind = _uniform(r.random) if rules.centring > 0.0 else 1.0
        if kind < rules.centring:
            _move_seat(g, s, r, heat)
        elif kind < rules.centring + rules.reopening:
            _reopen(g, s, r, rules, heat)
        elif rules.few:
            _reseat(g, s, r, rules, heat)
        else:
            _shift_or_swap(g, s, r, rules, heat)
    _remember(g, s, r)
