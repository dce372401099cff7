"""Passes over all units."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from app.domain.territories.design.problem import Flags, Floats, Ints


@njit(cache=True, nogil=True)
def borders(near: Ints, assign: Ints, begin: int, end: int, found: Flags) -> None:
    """Mark the units that have a unit of another territory nearby."""
    for i in range(begin, end):
        found[i] = False
        for e in range(near.shape[1]):
            if assign[near[i, e]] != assign[i]:
                found[i] = True
                break


@njit(cache=True, nogil=True)
def cheapest(base: Floats, near: Ints, loads: Floats, prices: Floats, assign: Ints, begin: int, end: int) -> None:
    """Give every unit to the candidate territory that is cheapest at these prices."""
    for i in range(begin, end):
        least = np.inf
        for e in range(near.shape[1]):
            j = near[i, e]
            cost = base[i, e]
            for q in range(loads.shape[1]):
                cost += prices[j, q] * loads[i, q]
            if cost < least:
                least = cost
                assign[i] = j


@njit(cache=True, nogil=True)
def recentre(points: Floats, weight: Floats, assign: Ints, centres: Floats) -> None:
    """One step towards the weighted geometric median of each territory."""
    sums = np.zeros((len(centres), 3))
    for i in range(len(assign)):
        j = assign[i]
        dx = points[i, 0] - centres[j, 0]
        dy = points[i, 1] - centres[j, 1]
        force = weight[i] / max(math.sqrt(dx * dx + dy * dy), 1e-3)
        sums[j, 0] += force * points[i, 0]
        sums[j, 1] += force * points[i, 1]
        sums[j, 2] += force
    for j in range(len(centres)):
        if sums[j, 2] > 0.0:
            centres[j, 0] = sums[j, 0] / sums[j, 2]
            centres[j, 1] = sums[j, 1] / sums[j, 2]
