"""Shift a unit to another territory, or swap two; and what every kind of move needs. Every change of cost is exact."""

from __future__ import annotations

import math

import numpy as np

from app.domain.territories.design.kernels.compiled import kernel
from app.domain.territories.design.kernels.state import Ground, Region, Rules, State, Words
from app.domain.territories.design.problem import Ints

_FAR = 0.01
"""Share of the moves to a territory anywhere in the region."""


@kernel
def uniform(random: Words) -> float:
    """The next number in [0, 1)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@kernel
def pick(random: Words, n: int) -> int:
    """A number from 0 to n - 1."""
    return int(uniform(random) * n)


@kernel
def cost_at(g: Ground, i: int, j: int, x: float, y: float) -> float:
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


@kernel
def cost_in(g: Ground, s: State, i: int, j: int) -> float:
    """Unit i in territory j as it is centred now."""
    return cost_at(g, i, j, s.centres[j, 0], s.centres[j, 1])


@kernel
def may(g: Ground, i: int, j: int) -> bool:
    """Whether unit i is allowed in territory j."""
    return g.allowed.shape[0] == 0 or bool(g.allowed[i, j])


@kernel
def outside(load: float, least: float, most: float) -> float:
    """How far a load is outside its band."""
    if load > most:
        return load - most
    if load < least:
        return least - load
    return 0.0


@kernel
def accepts(random: Words, change: float, heat: float) -> bool:
    """Whether a change of cost is taken at this heat."""
    return change <= 0.0 or (change < 40.0 * heat and uniform(random) < math.exp(-change / heat))


@kernel
def relink(s: State, i: int, j: int) -> None:
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


@kernel
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


@kernel
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


@kernel
def touching(g: Ground, s: State, i: int, j: int) -> int:
    """How many neighbours of unit i are in territory j."""
    found = 0
    for e in range(g.start[i], g.start[i + 1]):
        if s.assign[g.ends[e]] == j:
            found += 1
    return found


@kernel
def _crosses(g: Ground, s: State, r: Region, i: int, k: int) -> bool:
    """Whether unit i is free to go to territory k, another of the same region."""
    j = s.assign[i]
    inside = j != k and r.of[j] == r.number and r.of[k] == r.number
    return inside and not g.fixed[i] and s.seat[j] != i and may(g, i, k)


@kernel
def exchange_of(g: Ground, s: State, rules: Rules, i: int, other: int, k: int) -> float:
    """What it changes in penalty when i goes to k, and the other, unless -1, comes instead."""
    j = s.assign[i]
    penalty = 0.0
    for q in range(g.loads.shape[1]):
        load = g.loads[i, q] - (g.loads[other, q] if other >= 0 else 0.0)
        change = outside(s.loads[j, q] - load, g.aim_least[j, q], g.aim_most[j, q])
        change -= outside(s.loads[j, q], g.aim_least[j, q], g.aim_most[j, q])
        change += outside(s.loads[k, q] + load, g.aim_least[k, q], g.aim_most[k, q])
        change -= outside(s.loads[k, q], g.aim_least[k, q], g.aim_most[k, q])
        penalty += rules.alpha[q] * change + load * (g.prices[k, q] - g.prices[j, q])
    return penalty


@kernel
def go(g: Ground, s: State, i: int, k: int) -> None:
    """Unit i goes to territory k."""
    j = s.assign[i]
    for q in range(g.loads.shape[1]):
        s.loads[j, q] -= g.loads[i, q]
        s.loads[k, q] += g.loads[i, q]
    relink(s, i, k)


@kernel
def _partner(g: Ground, s: State, r: Region, i: int, nearby: int) -> int:
    """The unit that comes in exchange for i from where the unit nearby is; -1 if none may."""
    k = s.assign[nearby]
    if uniform(r.random) < 0.5:
        another = g.near[nearby, pick(r.random, g.near.shape[1])]
        if s.assign[another] == k:
            nearby = another
    return int(nearby) if _crosses(g, s, r, nearby, s.assign[i]) else -1


@kernel
def shift_or_swap(g: Ground, s: State, r: Region, rules: Rules, heat: float) -> None:
    """Try to bring a unit of the border to a territory nearby; seldom to any, for those nearby may not be allowed."""
    i = r.border[pick(r.random, len(r.border))]
    graph = g.start.shape[0] > 1
    nearby = g.near[i, pick(r.random, g.near.shape[1])]
    if not graph and uniform(r.random) < _FAR:
        nearby = r.border[pick(r.random, len(r.border))]
    j, k = s.assign[i], s.assign[nearby]
    if not _crosses(g, s, r, i, k):
        return
    cost = cost_in(g, s, i, k) - cost_in(g, s, i, j)
    other = -1
    if graph:
        there = touching(g, s, i, k)
        if rules.whole and there == 0:
            return
        cost += rules.cut * (touching(g, s, i, j) - there)
    elif uniform(r.random) < 0.5:
        other = _partner(g, s, r, i, nearby)
        if other < 0:
            return
        cost += cost_in(g, s, other, j) - cost_in(g, s, other, k)
    penalty = exchange_of(g, s, rules, i, other, k)
    if not accepts(r.random, cost + penalty, heat) or (rules.whole and not _stays_whole(g, s, r, i)):
        return
    r.tally[0] += cost
    go(g, s, i, k)
    if other >= 0:
        go(g, s, other, j)
