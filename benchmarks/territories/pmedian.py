"""Published capacitated p-median instances, as the engine understands them.

A file says `n p`, then for each node its place, capacity and demand. A territory is centred at a node, its capacity is
an upper limit only, and what counts is the sum of unweighted Euclidean distances.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.domain.territories.design.problem import NOWHERE, Problem

BEST_KNOWN = {
    "SJC1": 17288.99, "SJC2": 33270.94, "SJC3a": 45335.16, "SJC3b": 40635.90, "SJC4a": 61925.51, "SJC4b": 52458.02,
    "lin318_005": 180281.21, "lin318_015": 88901.56, "lin318_040": 47988.38, "lin318_070": 32198.64,
    "lin318_100": 22942.69, "u724_010": 181782.96, "u724_030": 95034.01, "u724_075": 54735.05, "u724_125": 38976.76,
    "u724_200": 28079.97, "p3038_600": 122711.17, "p3038_700": 109677.30, "p3038_800": 100064.94,
    "p3038_900": 92310.09, "p3038_1000": 85854.05,
}  # fmt: skip
"""Of Stefanello, de Araújo and Müller (2015) and those they quote."""


def read(path: Path) -> Problem:
    """The instance of a file; all its capacities are equal."""
    numbers = np.array(path.read_text().split(), np.float64)
    units, territories = int(numbers[0]), int(numbers[1])
    x, y, capacity, demand = numbers[2 : 2 + 4 * units].reshape(units, 4).T
    nowhere = np.full(units, NOWHERE, np.int32)
    each = demand.sum() / territories
    return Problem(
        points=np.column_stack([x, y]),
        weight=np.ones(units),
        loads=demand[:, None],
        targets=np.full((territories, 1), each),
        tolerance=np.array([capacity[0] / each - 1]),
        today=nowhere,
        stake=np.zeros(units),
        locked=nowhere,
        group=nowhere,
        max_units=np.full(territories, units, np.int32),
        floor=False,
        centre_at_unit=True,
    )
