"""What the kernels work on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from app.domain.territories.design.problem import Flags, Floats, Ints

Longs = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]


class Ground(NamedTuple):
    """What does not change during a search."""

    points: Floats
    weight: Floats
    loads: Floats
    least: Floats
    most: Floats
    """[k, m] the bands, which a plan that is kept is within."""
    aim_least: Floats
    aim_most: Floats
    """[k, m] narrower bands, outside which a load costs."""
    prices: Floats
    """[k, m] cost of one more unit of load in a territory, which keeps a plan balanced while the penalty is low."""
    near: Ints
    """[n, q] units nearby, between whose territories moves are tried."""
    start: Ints
    ends: Ints
    """The graph of contiguity; empty without."""
    today: Ints
    loyalty: Floats
    """[n] what leaving today's territory costs."""
    fixed: Flags
    misfit: Floats
    """[n, k], or [0, 0] without."""
    allowed: Flags
    """[n, k], or [0, 0] without."""


class State(NamedTuple):
    """The plan as it stands, and the members of each territory as linked lists."""

    assign: Ints
    centres: Floats
    seat: Ints
    """[k] the unit at which a territory is centred; -1 where it may be anywhere."""
    loads: Floats
    first: Ints
    after: Ints
    before: Ints


class Region(NamedTuple):
    """What one kernel call may touch, and its scratch."""

    number: int
    of: Ints
    """[k] the region of each territory."""
    units: Ints
    border: Ints
    """Those of the units that have a unit of another territory nearby."""
    random: Words
    stamp: Longs
    queue: Ints
    changes: Ints
    """[c, 3] unit, territory it leaves, territory it joins."""
    tally: Floats
    """Cost, best cost, checks, and how many of these found a feasible plan."""
    best: Ints
    """[n] the best feasible plan of the region's units in this call."""
    best_seat: Ints


class Rules(NamedTuple):
    """How moves are weighed."""

    alpha: Floats
    """[m] cost of one unit of load outside its band."""
    whole: bool
    """Territories stay in one piece."""
    cut: float
    """Cost of a pair of neighbours in different territories."""
    centring: float
    reopening: float
    """Shares of the moves; 0 where centres may be anywhere."""
    few: bool
    """Territories have seats and mostly few units."""
