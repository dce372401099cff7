"""Attainments by chance: the same seed draws the same (numpy's PCG64); on a grid, so that pay is exact."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from app.domain.compensation.calculation.artefact import kept
from app.domain.compensation.calculation.lines import Outcome
from app.domain.compensation.contract.simulations import AttainmentFields, AttainmentSource

MOST = Decimal(5)
"""What attainments are cut off at; they are never below 0."""

# Over the windows of the period, of the first component that is held against a quota.
_ATTAINED = """
with latest as (
  select a.*, c.ordinal, row_number() over (
    partition by a.seller_id, a.component_id, a.window_start order by a.as_of desc) as place
  from read_parquet(?) a join read_parquet(?) c on c.component_id = a.component_id
  where a.quota > 0 and a.component_id = a.unit_id
), summed as (
  select seller_id, ordinal, sum(measured) as measured, sum(quota) as quota from latest where place = 1
  group by seller_id, component_id, ordinal
)
select cast(seller_id as varchar), arg_min(measured, ordinal), arg_min(quota, ordinal) from summed group by seller_id
"""


def attained(outcome: Outcome) -> dict[str, Decimal]:
    """What each seller attained by a calculation: measured over quota of its first component with a quota."""
    with duckdb.connect() as connection:
        paths = [kept(outcome.artefact, name) for name in ("attainment", "component")]
        return {seller: measured / quota for seller, measured, quota in connection.execute(_ATTAINED, paths).fetchall()}


def draw(
    fields: AttainmentFields,
    history: Sequence[Decimal],
    *,
    sellers: int,
    draws: int,
    seed: int,
    correlation: Decimal = Decimal(0),
    step: Decimal,
) -> NDArray[np.int64]:
    """Attainments in steps, a row for each draw and a column for each seller.

    Each seller's chance is √ρ · (one for all) + √(1 − ρ) · (its own), both standard normal, so that two sellers
    correlate by ρ; a normal distribution scales it, history is read at its rank.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    common = random.standard_normal((draws, 1))
    own = random.standard_normal((draws, sellers))
    z = np.sqrt(float(correlation)) * common + np.sqrt(1 - float(correlation)) * own
    if fields.source is AttainmentSource.NORMAL:
        assert fields.mean is not None
        assert fields.spread is not None
        found = float(fields.mean) + float(fields.spread) * z
    else:
        known = np.sort(np.array([float(one) for one in history]))
        found = known[np.minimum((ndtr(z) * len(known)).astype(np.int64), len(known) - 1)]
    steps: NDArray[np.int64] = np.rint(np.clip(found, 0, float(MOST)) / float(step)).astype(np.int64)
    return steps
