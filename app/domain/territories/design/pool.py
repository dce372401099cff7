"""Territories that searches have found, whatever plan they were in, and the best plan that can be made of them.

Short searches get most of the map right, each another part of it. Choosing among all their territories so that every
unit is in one is a set partitioning programme; territories in different parts of the map hardly bind each other, so it
is solved in no time.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array

from app.domain.territories.design.anneal import Plan
from app.domain.territories.design.kernels.state import Ground
from app.domain.territories.design.part import costs_of, pools_of
from app.domain.territories.design.problem import Floats, Ints

_MOST = 30_000
"""Territories kept, besides those of whole plans: the programme takes a few seconds for as many."""
_NODES = 200


class Pool:
    """Territories that keep their bands, each with the unit at which it is best centred."""

    def __init__(self, ground: Ground, assign: Ints) -> None:
        self.ground = ground
        self.kind = pools_of(ground, assign)
        self.known: dict[tuple[int, bytes], tuple[Ints, int, float]] = {}

    def add(self, assign: Ints, most: int = _MOST) -> None:
        """Keep the territories of a plan; those outside their bands are left out, and new ones beyond so many."""
        order = np.argsort(assign, kind="stable").astype(np.int32)
        edges = np.searchsorted(assign[order], np.arange(len(self.kind) + 1))
        for j, (begin, end) in enumerate(pairwise(edges)):
            units = order[begin:end]
            key = int(self.kind[j]), units.tobytes()
            if begin < end and key not in self.known and len(self.known) < most and self._fits(units, j):
                cost = costs_of(self.ground, units, units, j).sum(axis=1)
                seat = int(cost.argmin())
                self.known[key] = units, int(units[seat]), float(cost[seat])

    def _fits(self, units: Ints, j: int) -> bool:
        load = self.ground.loads[units].sum(axis=0)
        return bool((load >= self.ground.least[j]).all() and (load <= self.ground.most[j]).all())

    def best(self, plans: Sequence[Plan], seconds: float) -> Plan:
        """The best plan made of these territories and those of these plans, of which there is one at least."""
        for each in plans:
            self.add(each.assign, most=sys.maxsize)
        plan = min(plans, key=self._cost)
        found = list(self.known.values())
        cost = np.array([each for _, _, each in found])
        chosen = self._chosen([units for units, _, _ in found], cost, seconds)
        seats = np.array([seat for _, seat, _ in found], np.int32)
        if chosen is None or cost[chosen].sum() >= self._cost(plan):
            return plan
        assign, seat = plan.assign.copy(), plan.seat.copy()
        kinds = np.array([kind for kind, _ in self.known])[chosen]
        for kind in np.unique(kinds):
            for j, column in zip(np.flatnonzero(self.kind == kind), chosen[kinds == kind], strict=True):
                assign[found[column][0]], seat[j] = j, seats[column]
        return Plan(assign, self.ground.points[seat], seat, plan.prices, feasible=True)

    def _cost(self, plan: Plan) -> float:
        """Of a plan centred where it is best."""
        if not plan.feasible:
            return np.inf
        every = np.arange(len(plan.assign), dtype=np.int32)
        return sum(
            float(costs_of(self.ground, plan.seat[[j]], every[plan.assign == j], j).sum())
            for j in range(len(self.kind))
        )

    def _chosen(self, members: list[Ints], cost: Floats, seconds: float) -> Ints | None:
        """Columns with every unit once and as many of each kind as there are territories of it."""
        size = np.array([len(units) for units in members])
        column = np.repeat(np.arange(len(members)), size)
        kinds, kind = np.unique([each for each, _ in self.known], return_inverse=True)
        units = len(self.ground.weight)
        rows = np.r_[np.concatenate(members), units + kind]
        once = csc_array((np.ones(len(rows)), (rows, np.r_[column, np.arange(len(members))])))
        count = np.bincount(self.kind)[kinds]
        sums = np.r_[np.ones(units), count]
        options = {"node_limit": _NODES, "mip_rel_gap": 1e-5}
        solved = milp(
            cost / max(float(cost.mean()), 1e-12),
            integrality=np.ones(len(cost)),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(once, sums, sums),
            options=options if np.isinf(seconds) else {**options, "time_limit": max(seconds, 0.1)},
        )
        return None if solved.x is None else np.flatnonzero(solved.x > 0.5).astype(np.int32)
