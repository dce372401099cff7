"""What a territory design is asked and what it answers, as arrays.

n units (an account, or accounts that stay together) go to k territories; m measures are balanced. Territories and units
are known by their position. Distances are kilometres in a plane, loads are in the unit of their measure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

NOWHERE = -1
"""In place of a territory: none."""


class Contiguity(StrEnum):
    """Whether the units of a territory have to touch one another."""

    NONE = "none"
    SOFT = "soft"
    """Preferred: an exclave costs, but is allowed."""
    HARD = "hard"
    """Every territory is one piece."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A design to be found. Arrays are not changed by the engine."""

    points: Floats
    """[n, 2] places in km, projected."""
    weight: Floats
    """[n] visits in a year, at least 0; travel is the sum of weight times distance to the territory's centre."""
    loads: Floats
    """[n, m] what each unit adds to each measure, at least 0."""
    targets: Floats
    """[k, m] what each territory should hold of each measure; a column adds up to the total load of its measure."""
    tolerance: Floats
    """[m] how far a territory may be from its target, as a share of it; 0.05 is 5 %."""
    today: Ints
    """[n] the present territory, or NOWHERE."""
    stake: Floats
    """[n] what is at stake when the unit changes hands, such as its revenue; at least 0."""
    locked: Ints
    """[n] the only territory it may be in, or NOWHERE."""
    group: Ints
    """[n] units with the same number stay together; NOWHERE for those that are alone."""
    max_units: Ints
    """[k] most units of a territory."""
    allowed: Flags | None = None
    """[n, k] which pairs are allowed; all, when absent."""
    misfit: Floats | None = None
    """[n, k] km that a pair costs on top of its distance, for a missing skill, language or time zone."""
    neighbours: Ints | None = None
    """[e, 2] pairs of units that touch; for contiguity. Those of a Delaunay triangulation, when absent."""
    contiguity: Contiguity = Contiguity.NONE
    disruption: float | None = None
    """km of travel that moving one unit of stake away from today's territory weighs; when absent, nothing in a design
    from nothing, and so much in a re-balance that stake comes first."""
    floor: bool = True
    """Whether the tolerance also holds downwards; without, a territory may hold as little as it likes."""
    centre_at_unit: bool = False
    """Whether a territory is centred at one of its units, as in a p-median, and not anywhere."""

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.weight)

    @property
    def territories(self) -> int:
        """How many territories there are."""
        return len(self.targets)


@dataclass(frozen=True)
class Progress:
    """How far a search has come."""

    phase: str
    share: float
    """Of the whole work, from 0 to 1."""
    deviation: float | None = None
    """Largest deviation from a target so far, as a share; null before a first plan."""


def _go_on(_: Progress) -> bool:
    return True


def _no_clock() -> float:
    return 0.0


@dataclass(frozen=True)
class Search:
    """How long and how to search. The same seed and iterations give the same plan, bit for bit."""

    seed: int = 1
    iterations: int = 1_000_000
    """Moves tried by the local search."""
    deadline: float | None = None
    """Seconds by `clock`, from the start of the search, after which the best plan so far is returned."""
    clock: Callable[[], float] = _no_clock
    """Seconds, monotonic; read only for the deadline."""
    report: Callable[[Progress], bool] = _go_on
    """Called between steps; False asks to stop and keep the best plan so far."""


@dataclass(frozen=True)
class Infeasible:
    """Why no plan can exist, found before any search."""

    code: str
    """Stable: `unit_exceeds_band`, `locks_exceed_band`, `no_territory_allowed`, `too_many_units`, `group_torn`,
    `measure_empty`, …"""
    detail: str
    territory: int | None = None
    measure: int | None = None
    units: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Solution:
    """A plan and its figures."""

    assign: Ints
    """[n] the territory of each unit."""
    centres: Floats
    """[k, 2] where each territory is centred, in km."""
    loads: Floats
    """[k, m] what each territory holds."""
    deviation: Floats
    """[m] largest distance of a territory from its target, as a share of it."""
    travel: float
    """Sum of weight times distance to the centre, in km."""
    moved_stake: float
    """Stake of the units that leave today's territory."""
    bound: float | None
    """At least so much stake must move for these tolerances; null when it was not computed."""
    feasible: bool
    """Whether every tolerance, lock, limit and, when hard, contiguity is kept."""
    pieces: Ints
    """[k] connected pieces of each territory; ones when contiguity was not asked for."""
    prices: Floats
    """[k, m] km that one more unit of load costs in a territory."""
    stopped: str
    """What ended the search: `done`, `iterations`, `deadline` or `cancelled`."""
    notes: tuple[str, ...] = field(default=())
    relaxed_stake: float | None = None
    """Stake that the best re-balance would move at the same weights if units could be shared; null without one."""
