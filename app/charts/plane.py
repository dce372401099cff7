"""Places on a sheet: convex hulls, a projection that keeps proportions, a scale in kilometres."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import cos, radians

Place = tuple[float, float]
"""Degrees east and north."""

KM_PER_DEGREE = 111.19508
"""Of a great circle, on a sphere with the earth's mean radius."""


def hull(points: Iterable[Place]) -> list[Place]:
    """The corners of the smallest convex shape around the points, against the clock; Andrew's monotone chain."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    return _chain(ordered)[:-1] + _chain(reversed(ordered))[:-1]


def around_cells(cells: Iterable[Place], grid: float) -> list[Place]:
    """The hull around square cells, given by their middles: never without an area, even for a single one."""
    half = grid / 2
    corners = {
        (round(east + x, 6), round(north + y, 6)) for east, north in cells for x in (-half, half) for y in (-half, half)
    }
    return hull(corners)


def middle(corners: Sequence[Place]) -> Place:
    """The centre of gravity of a polygon."""
    area = east = north = 0.0
    x0, y0 = corners[0]
    for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
        cross = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        area += cross
        east += cross * (x1 + x2 - 2 * x0)
        north += cross * (y1 + y2 - 2 * y0)
    return (x0 + east / (3 * area), y0 + north / (3 * area)) if area else (x0, y0)


@dataclass(frozen=True)
class Frame:
    """A rectangle of the sheet that shows a part of the earth, north up, equally stretched in both directions."""

    left: float
    top: float
    width: float
    height: float
    west: float
    north: float
    per_degree: float
    """Pixels for a degree of latitude."""
    squeeze: float
    """Length of a degree of longitude over one of latitude, in the middle of the map."""

    @classmethod
    def around(cls, places: Iterable[Place], left: float, top: float, width: float, height: float) -> Frame:
        """The frame that shows all places with some margin; without any, the whole earth."""
        known = list(places) or [(-180.0, -80.0), (180.0, 80.0)]
        west, east = min(x for x, _ in known), max(x for x, _ in known)
        south, north = min(y for _, y in known), max(y for _, y in known)
        squeeze = max(0.05, cos(radians((south + north) / 2)))
        wide, high = max(east - west, 0.002) * squeeze, max(north - south, 0.002)
        per_degree = 0.92 * min(width / wide, height / high)
        return cls(
            left,
            top,
            width,
            height,
            (west + east) / 2 - width / per_degree / squeeze / 2,
            (south + north) / 2 + height / per_degree / 2,
            per_degree,
            squeeze,
        )

    def point(self, place: Place) -> Place:
        """Where a place is on the sheet."""
        x = self.left + (place[0] - self.west) * self.squeeze * self.per_degree
        return x, self.top + (self.north - place[1]) * self.per_degree

    def scale(self, most: float) -> tuple[float, float]:
        """A round number of kilometres no longer than `most` pixels, and its length."""
        per_km = self.per_degree / KM_PER_DEGREE
        rounds = [step * 10.0**power for power in range(-3, 5) for step in (1, 2, 5)]
        best = max((km for km in rounds if km * per_km <= most), default=rounds[0])
        return best, best * per_km


def _chain(points: Iterable[Place]) -> list[Place]:
    found: list[Place] = []
    for point in points:
        while len(found) > 1 and _turn(found[-2], found[-1], point) <= 0:
            found.pop()
        found.append(point)
    return found


def _turn(a: Place, b: Place, c: Place) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
