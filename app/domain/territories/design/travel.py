"""How far a seller drives to see every unit of a territory once: an estimate for all, a routed tour for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyvrp import Model
from pyvrp.stop import MaxIterations
from scipy.spatial import ConvexHull, QhullError

from app.domain.territories.design.problem import Floats, Ints

TOUR = 0.7124
"""Length of the shortest tour through many random places, per root of number times area (Beardwood, Halton,
Hammersley; constant by Johnson and McGeoch)."""

_METRES = 1000
"""Whole units of length in a km, for the router."""


@dataclass(frozen=True)
class TravelEstimate:
    """A continuous estimate of one round; not a routed figure."""

    units: int
    area: float
    """Convex hull of the units, in square km."""
    local: float
    """km between the units: 0.7124 times the root of number times area."""
    line_haul: float
    """km from home to the middle of the units and back, once per day; 0 without a home."""

    @property
    def total(self) -> float:
        """km of both."""
        return self.local + self.line_haul


@dataclass(frozen=True, eq=False)
class Tour:
    """A routed round from home through every unit."""

    order: Ints
    """Units as they are visited."""
    length: float
    """km, home included at both ends."""


def estimate(points: Floats, home: Floats | None = None, days: int = 1) -> TravelEstimate:
    """km of one round through these places, after Daganzo: line-haul for each day, and local driving."""
    n = len(points)
    area = _area(points)
    haul = 0.0
    if home is not None and n:
        haul = 2.0 * days * float(np.hypot(*(points - home).T).mean())
    return TravelEstimate(n, area, TOUR * float(np.sqrt(n * area)), haul)


def _area(points: Floats) -> float:
    if len(points) < 3:
        return 0.0
    try:
        return float(ConvexHull(points).volume)
    except QhullError:  # All on one line, or at one point.
        return 0.0


def tour(points: Floats, home: Floats | None = None, *, iterations: int = 500, seed: int = 1) -> Tour:
    """A short round trip, by pyvrp; from the middle of the places without a home. Deterministic for its arguments."""
    if not len(points):
        return Tour(np.zeros(0, np.int32), 0.0)
    start = points.mean(axis=0) if home is None else home
    places = np.vstack([start, points])
    metres = np.rint(np.hypot(*(places[:, None, :] - places[None, :, :]).transpose(2, 0, 1)) * _METRES).astype(np.int64)
    model = Model()
    corner = places.min(axis=0)
    stops = [model.add_location(x=float(x), y=float(y)) for x, y in (places - corner) * _METRES]
    depot = model.add_depot(stops[0])
    for stop in stops[1:]:
        model.add_client(stop)
    model.add_vehicle_type(num_available=1, start_depot=depot, end_depot=depot)
    for i, begin in enumerate(stops):
        for j, end in enumerate(stops):
            if i != j:
                model.add_edge(begin, end, distance=int(metres[i, j]))
    best = model.solve(stop=MaxIterations(iterations), seed=seed, display=False).best
    (route,) = best.routes()
    order = np.array([stop.idx for stop in route if stop.is_client()], dtype=np.int32)
    return Tour(order, _length(start, points, order))


def _length(start: Floats, points: Floats, order: Ints) -> float:
    path = np.vstack([start, points[order], start])
    return float(np.hypot(*np.diff(path, axis=0).T).sum())
