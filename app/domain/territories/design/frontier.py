"""Plans between least disruption, best balance and least travel, of which none is worse than another in all three."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from app.domain.territories.design.problem import Floats, Problem, Progress, Search, Solution
from app.domain.territories.design.rebalance import disruption_of, rebalance, today_centres


@dataclass(frozen=True)
class Weights:
    """What a plan of the frontier was asked."""

    disruption: float
    """km that one unit of stake moved weighs."""
    tolerance: float
    """Share of the asked tolerance of each measure."""


@dataclass(frozen=True, eq=False)
class Point:
    """A plan of the frontier."""

    weights: Weights
    solution: Solution

    @property
    def figures(self) -> Floats:
        """Stake moved, largest deviation, and km of travel: less is better in each."""
        plan = self.solution
        return np.array([plan.moved_stake, float(plan.deviation.max(initial=0.0)), plan.travel])


def frontier(problem: Problem, search: Search, steps: int) -> list[Point]:
    """Plans over `steps` weights of disruption and as many shares of the tolerance; the ones no other plan beats.

    Compactness is the other side of disruption: the less stake weighs, the more travel does. Cancelled or out of time,
    those found so far.
    """
    top = disruption_of(problem, today_centres(problem))
    asked = [
        Weights(top / 10.0 ** (2 * turn / max(1, steps - 1)), 1.0 - 0.5 * balance / max(1, steps - 1))
        for turn in range(steps)
        for balance in range(steps)
    ]
    points: list[Point] = []
    for number, weights in enumerate(asked):
        if not search.report(Progress("frontier", number / len(asked))):
            break
        sharper = replace(problem, disruption=weights.disruption, tolerance=problem.tolerance * weights.tolerance)
        plan = rebalance(sharper, replace(search, report=lambda _: True))
        if plan.feasible:
            points.append(Point(weights, plan))
        if plan.stopped == "deadline":
            break
    return non_dominated(points)


def non_dominated(points: list[Point]) -> list[Point]:
    """Those for which no other is at least as good in everything and better in something; of equals the first."""
    figures = np.array([point.figures for point in points]).reshape(-1, 3)
    kept = []
    for here, point in enumerate(points):
        no_worse = (figures <= figures[here]).all(axis=1)
        better = no_worse & (figures < figures[here]).any(axis=1)
        same_before = (figures[:here] == figures[here]).all(axis=1)
        if not better.any() and not same_before.any():
            kept.append(point)
    return kept
