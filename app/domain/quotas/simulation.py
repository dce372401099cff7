"""How likely a quota is to be reached: months drawn again and again from those that were. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from uuid import UUID


@dataclass(frozen=True)
class Chance:
    """What came of the draws; the amounts are those that a tenth, half and nine tenths of the draws do not exceed."""

    probability: Decimal
    low: Decimal
    middle: Decimal
    high: Decimal


def chance(seed: int, seller: UUID, past: Sequence[Decimal], months: int, quota: Decimal, draws: int) -> Chance:
    """Draw `months` past months with replacement, `draws` times, and count how often they reach the quota.

    The same seed, seller and past give the same answer whoever else is simulated, in whatever order.
    """
    # Reproducible draws are the point; nothing here is secret.
    random = Random(f"{seed}:{seller}")  # noqa: S311
    units = [int(amount.scaleb(4)) for amount in past]
    drawn = random.choices(units, k=months * draws)
    sums = sorted(sum(drawn[start : start + months]) for start in range(0, len(drawn), months))
    reached = sum(total >= quota.scaleb(4) for total in sums)
    low, middle, high = (Decimal(sums[(draws - 1) * tenth // 10]).scaleb(-4) for tenth in (1, 5, 9))
    return Chance((Decimal(reached) / draws).quantize(Decimal("0.000001")), low, middle, high)
