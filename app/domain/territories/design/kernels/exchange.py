"""Exchanges of whole blocks along the ways that a relaxation left open, at a falling heat.

Every change of cost is exact. Nothing here is about places: a way has a cost and leads to a territory, wherever it is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from app.domain.territories.design.problem import Floats, Ints


class Ways(NamedTuple):
    """The places that blocks may take, one row each, sorted by block; a block's place of now is one of them."""

    block: Ints
    territory: Ints
    cost: Floats
    """Of that place, its prices included."""
    open: Ints
    """Rows of the blocks that have more than one."""
    into: Ints
    """The open rows sorted by their territory."""
    begin_into: Ints
    """[k + 1] where the rows into each territory begin there."""


class Balance(NamedTuple):
    """What territories should hold, in targets."""

    loads: Floats
    """[b, m] in units of their measure."""
    unit: Floats
    """[k, m] what is one target."""
    least: Floats
    most: Floats


@njit(cache=True, nogil=True)
def _beyond(balance: Balance, held: Floats, j: int) -> float:
    """How far territory j is outside its bands."""
    found = 0.0
    for q in range(held.shape[1]):
        load = held[j, q] / balance.unit[j, q]
        if load > balance.most[j, q]:
            found += load - balance.most[j, q]
        elif load < balance.least[j, q]:
            found += balance.least[j, q] - load
    return found


@njit(cache=True, nogil=True)
def _all_beyond(balance: Balance, held: Floats, here: int, k: int, there: int) -> float:
    """The same of all that a move changes; `there` is -1 if only two are."""
    found: float = _beyond(balance, held, here) + _beyond(balance, held, k)
    if there >= 0 and there != k:
        found += _beyond(balance, held, there)
    return found


@njit(cache=True, nogil=True)
def _go(balance: Balance, held: Floats, i: int, j: int, k: int) -> None:
    """Block i leaves j for k; nothing if it is -1."""
    if i >= 0:
        for q in range(held.shape[1]):
            held[j, q] -= balance.loads[i, q]
            held[k, q] += balance.loads[i, q]


@njit(cache=True, nogil=True)
def _coming(ways: Ways, row: Ints, here: int, i: int) -> int:
    """The row by which another block comes to where i is, or -1."""
    first, last = ways.begin_into[here], ways.begin_into[here + 1]
    if last == first or np.random.random() < 0.5:
        return -1
    found = ways.into[first + np.random.randint(last - first)]
    other = ways.block[found]
    return -1 if other == i or ways.territory[row[other]] == here else int(found)


@njit(cache=True, nogil=True)
def exchange(
    ways: Ways, balance: Balance, row: Ints, held: Floats, penalty: float, heats: Floats, moves: int, seed: int
) -> None:
    """Try moves while the heat falls from the first to the second; `row` [b] is each block's place and is changed.

    A block goes another way, and in up to half of the moves a block from anywhere comes to where it was.
    """
    np.random.seed(seed)
    heat = heats[0]
    cooling = (heats[1] / heats[0]) ** (256.0 / max(256, moves))
    for move in range(moves):
        if move % 256 == 255:
            heat *= cooling
        to = ways.open[np.random.randint(len(ways.open))]
        i = ways.block[to]
        here, k = ways.territory[row[i]], ways.territory[to]
        if here == k:
            continue
        change = ways.cost[to] - ways.cost[row[i]]
        other, there = -1, -1
        back = _coming(ways, row, here, i)
        if back >= 0:
            other = ways.block[back]
            there = ways.territory[row[other]]
            change += ways.cost[back] - ways.cost[row[other]]
        before = _all_beyond(balance, held, here, k, there)
        if change - penalty * before > 40.0 * heat:
            continue
        _go(balance, held, i, here, k)
        _go(balance, held, other, there, here)
        change += penalty * (_all_beyond(balance, held, here, k, there) - before)
        if change <= 0.0 or (change < 40.0 * heat and np.random.random() < math.exp(-change / heat)):
            row[i] = to
            if other >= 0:
                row[other] = back
        else:
            _go(balance, held, i, k, here)
            _go(balance, held, other, here, there)
