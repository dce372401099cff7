"""A lower bound for territories centred at units: what is left when "every unit once" is priced instead of asked."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from app.domain.territories.design.problem import Flags, Floats, Ints


class Sites(NamedTuple):
    """Where territories may be centred, one row each, and what it costs to serve each unit from there."""

    cost: Floats
    """[c, u] infinite where it may not be."""
    load: Floats
    """[u] of the measure that binds most."""
    room: Floats
    """[c] most of it that a territory centred there may hold."""
    fixed: Floats
    """[c] what is served from there in any case."""
    pool: Ints
    """[c] territories of the same terms share a pool."""
    open: Ints
    """[p] how many sites of each pool are opened."""


@njit(cache=True, nogil=True)
def _worth(s: Sites, c: int, prices: Floats, saving: Floats, order: Ints) -> tuple[float, float]:
    """What site c costs at least with the units that gain by it, in shares; and the gain of a load at the edge."""
    count = 0
    for i in range(len(prices)):
        gain = prices[i] - s.cost[c, i]
        if gain > 0.0:
            saving[i] = gain / s.load[i] if s.load[i] > 0.0 else np.inf
            at = count
            while at > 0 and saving[order[at - 1]] < saving[i]:
                order[at] = order[at - 1]
                at -= 1
            order[at] = i
            count += 1
    left, value = s.room[c], s.fixed[c]
    for at in range(count):
        i = order[at]
        if s.load[i] > left:
            return value - saving[i] * left, saving[i]
        left -= s.load[i]
        value -= prices[i] - s.cost[c, i]
    return value, 0.0


@njit(cache=True, nogil=True)
def _choose(s: Sites, value: Floats, chosen: Flags, edge: Floats) -> float:
    """Open the sites that cost least in each pool; `edge` is what the last of each costs. What they cost together."""
    total = 0.0
    chosen[:] = False
    edge[:] = -np.inf
    for p in range(len(s.open)):
        for _ in range(s.open[p]):
            best = -1
            for c in range(len(value)):
                if s.pool[c] == p and not chosen[c] and (best < 0 or value[c] < value[best]):
                    best = c
            if best < 0:
                return np.inf
            chosen[best] = True
            edge[p] = value[best]
            total += value[best]
    return total


@njit(cache=True, nogil=True)
def dual(s: Sites, prices: Floats, known: float, steps: int, sites: Flags, pairs: Flags) -> float:
    """The best bound found, at most `known`; and which sites and which pairs may be in a plan that costs less than it.

    `prices` [u] are changed to those of the bound.
    """
    count, units = s.cost.shape
    value, edge_load, saving = np.zeros(count), np.zeros(count), np.zeros(units)
    order, chosen, edge = np.zeros(units, np.int32), np.zeros(count, np.bool_), np.zeros(len(s.open))
    best, tried, pace, since = -np.inf, prices.copy(), 1.0, 0
    served, mean = np.zeros(units), np.zeros(units)
    sites[:] = True
    pairs[:] = np.isfinite(s.cost)
    for _ in range(steps):
        for c in range(count):
            value[c], edge_load[c] = _worth(s, c, tried, saving, order)
        bound = _choose(s, value, chosen, edge) + tried.sum()
        if bound > best:
            if bound > best + 1e-4 * abs(known):
                since = 0
            best = bound
            prices[:] = tried
        since += 1
        if since > 10:
            pace, since = pace * 0.75, 0
            tried[:] = prices
            mean[:] = 0.0
            continue
        if bound >= known or not math.isfinite(bound) or pace < 0.005:
            break
        _drop(s, tried, value, edge_load, chosen, edge, known - bound, sites, pairs)
        _unserved(s, tried, edge_load, chosen, served)
        mean[:] = 0.3 * mean + 0.7 * served
        norm = (mean * mean).sum()
        if norm < 1e-12:
            break
        tried += pace * (known - best) / norm * mean
    return best


@njit(cache=True, nogil=True)
def _unserved(s: Sites, prices: Floats, edge_load: Floats, chosen: Flags, unserved: Floats) -> None:
    """One less how often each unit is served at these prices: the way in which its price should go."""
    unserved[:] = 1.0
    for c in range(len(chosen)):
        if not chosen[c]:
            continue
        left, shared = s.room[c], -1
        for i in range(len(prices)):
            gain = prices[i] - s.cost[c, i]
            saving = np.inf if s.load[i] <= 0.0 else gain / s.load[i]
            if gain > 0.0 and saving > edge_load[c]:
                unserved[i] -= 1.0
                left -= s.load[i]
            elif gain > 0.0 and saving == edge_load[c]:
                shared = i
        if shared >= 0:
            unserved[shared] -= min(1.0, max(left, 0.0) / s.load[shared])


@njit(cache=True, nogil=True)
def _drop(
    s: Sites,
    prices: Floats,
    value: Floats,
    edge_load: Floats,
    chosen: Flags,
    edge: Floats,
    room: float,
    sites: Flags,
    pairs: Flags,
) -> None:
    """Strike out what would cost more than there is room for above this bound."""
    for c in range(len(value)):
        extra = 0.0 if chosen[c] else value[c] - edge[s.pool[c]]
        if extra > room:
            sites[c] = False
        if not sites[c]:
            pairs[c, :] = False
            continue
        for i in range(len(prices)):
            short = s.cost[c, i] - prices[i] + edge_load[c] * s.load[i]
            if short > 0.0 and extra + short > room:
                pairs[c, i] = False
