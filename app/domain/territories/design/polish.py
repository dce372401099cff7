"""Exact improvement of a plan whose territories are centred at units, a few neighbouring territories at a time.

A bound first proves most parts to be the best there are, or strikes out nearly all that could be otherwise; an integer
programme decides what is left. Parts grow while nothing gets better.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
from scipy.spatial import cKDTree

from app.domain.territories.design.anneal import Plan
from app.domain.territories.design.kernels.dual import dual
from app.domain.territories.design.kernels.state import Ground
from app.domain.territories.design.part import Better, Part, part_of, pools_of, solve
from app.domain.territories.design.problem import Flags, Ints
from app.domain.territories.design.threads import Run
from app.domain.territories.design.watch import Watch

_STEPS = 300
_BATCH = 8
"""Parts without a territory in common that are solved side by side."""
_UNITS, _PAIRS = 600, 4_000
"""Units of a part, and pairs that are left of it, above which it is let be."""
_MOVES = 50_000
"""Moves of the search that one integer programme counts as."""


def polish(ground: Ground, plan: Plan, watch: Watch, run: Run, begin: float, end: float) -> Plan:
    """A feasible plan made better, until parts cannot grow, the budget is used up or the share `end` of the time is."""
    polishing = _Polish(ground, plan, watch.search.seed)
    polishing.improve(watch, run, begin, end)
    return replace(plan, assign=polishing.assign, seat=polishing.seat, centres=ground.points[polishing.seat])


class _Polish:
    """A plan, and what is known about its parts."""

    def __init__(self, ground: Ground, plan: Plan, seed: int) -> None:
        self.ground, self.assign, self.seat = ground, plan.assign.copy(), plan.seat.copy()
        self.pools = pools_of(ground, plan.assign)
        self.chance = np.random.default_rng(seed)
        self.changes = np.zeros(len(plan.seat), np.int64)
        self.tried: set[bytes] = set()
        self.solved = 0

    def improve(self, watch: Watch, run: Run, begin: float, end: float) -> None:
        """Small parts first; larger ones when no part of a size gets better."""
        programmes = watch.search.iterations // _MOVES
        width = 2
        while width <= len(self.seat):
            found = False
            for batch in self._batches(width):
                share = begin + (end - begin) * min(1.0, self.solved / max(programmes, 1))
                if self.solved >= programmes or not watch.goes_on("polish", share, until=end):
                    return
                found |= self._try(batch, watch.left(end), run)
            width += not found

    def _batches(self, width: int) -> Iterator[list[Ints]]:
        """The territories around each unit, so many at a time; what was tried and is unchanged is left out."""
        _, near = cKDTree(self.ground.points[self.seat]).query(self.ground.points, width)
        regions = np.unique(np.sort(near, axis=1), axis=0).astype(np.int32)
        waiting = [regions[at] for at in self.chance.permutation(len(regions))]
        while waiting:
            batch: list[Ints] = []
            later: list[Ints] = []
            taken = np.zeros(len(self.seat), np.bool_)
            for region in waiting:
                if len(batch) == _BATCH or taken[region].any():
                    later.append(region)
                elif (known := region.tobytes() + self.changes[region].tobytes()) not in self.tried:
                    self.tried.add(known)
                    taken[region] = True
                    batch.append(region)
            if batch:
                yield batch
            waiting = later

    def _try(self, batch: list[Ints], seconds: float, run: Run) -> bool:
        found: list[Better | None] = [None] * len(batch)
        solved = np.zeros(len(batch), np.bool_)

        def one(at: int) -> None:
            if opened := self._open(batch[at]):
                solved[at] = True
                found[at] = solve(self.ground, *opened, seconds)

        run([partial(one, at) for at in range(len(batch))])
        for better in filter(None, found):
            self.assign[better.units] = better.to
            self.seat[better.region] = better.seat
            self.changes[better.region] += 1
        self.solved += int(solved.sum())
        return any(found)

    def _open(self, region: Ints) -> tuple[Part, Flags, Flags] | None:
        """The part with the sites and pairs that a better plan may have; None if there is none."""
        if np.isin(self.assign, region).sum() > _UNITS:
            return None
        part = part_of(self.ground, self.assign, self.seat, self.pools, region)
        if not part.known > 0:
            return None
        sites, pairs = np.zeros(len(part.place), np.bool_), np.zeros(part.sites.cost.shape, np.bool_)
        bound = dual(part.sites, part.prices, part.aim, _STEPS, sites, pairs)
        return None if bound >= part.aim or pairs.sum() > _PAIRS else (part, sites, pairs)
