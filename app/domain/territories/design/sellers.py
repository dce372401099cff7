"""Which seller takes which territory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from app.domain.territories.design.problem import Flags, Floats, Ints


@dataclass(frozen=True, eq=False)
class Matching:
    """Pairs of sellers and territories, and what they cost in km."""

    sellers: Ints
    """Ascending; as many as the fewer of sellers and territories."""
    territories: Ints
    """[p] the territory of each of them."""
    distance: Floats
    """[p] km from home to the centre of the territory."""
    missing: Ints
    """[p] skills that the territory asks for and the seller lacks."""
    kept: Floats
    """[p] stake of the territory that the seller already holds."""
    cost: float
    """Sum of distance and missing skills less continuity, in km; no other pairs cost less."""
    greedy: float
    """What taking the cheapest pair first would cost, in km."""


def match(
    homes: Floats,
    centres: Floats,
    *,
    has: Flags | None = None,
    asks: Flags | None = None,
    held: Floats | None = None,
    km_per_skill: float = 0.0,
    km_per_stake: float = 0.0,
) -> Matching:
    """Sellers to territories one to one, at the least cost; who is left over of the more numerous is left out.

    `homes` [s, 2] and `centres` [k, 2] in km, `has` [s, q] and `asks` [k, q] skills, `held` [s, k] stake of a
    territory's units that a seller holds today, which counts in favour.
    """
    shape = (len(homes), len(centres))
    away = np.hypot(homes[:, :1] - centres[None, :, 0], homes[:, 1:] - centres[None, :, 1])
    missing = np.zeros(shape, dtype=np.int32)
    if has is not None and asks is not None:
        missing = (asks[None, :, :] & ~has[:, None, :]).sum(axis=2, dtype=np.int32)
    kept = np.zeros(shape) if held is None else held
    cost = away + km_per_skill * missing - km_per_stake * kept
    sellers, territories = linear_sum_assignment(cost)
    at = (sellers, territories)
    return Matching(
        sellers=sellers.astype(np.int32),
        territories=territories.astype(np.int32),
        distance=away[at],
        missing=missing[at],
        kept=kept[at],
        cost=float(cost[at].sum()),
        greedy=_greedy(cost),
    )


def _greedy(cost: Floats) -> float:
    total, (rows, columns) = 0.0, cost.shape
    free_row, free_column = np.ones(rows, dtype=np.bool_), np.ones(columns, dtype=np.bool_)
    left = min(rows, columns)
    for pair in np.argsort(cost, axis=None, kind="stable"):
        if not left:
            break
        row, column = divmod(int(pair), columns)
        if free_row[row] and free_column[column]:
            free_row[row] = free_column[column] = False
            total += float(cost[row, column])
            left -= 1
    return total
