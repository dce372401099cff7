"""What an amendment within its period makes of a quota's months: exact, by days. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from uuid import UUID

from app.domain.quotas.rules import from_units, in_units, share_out


@dataclass(frozen=True)
class MonthShare:
    """A month of a quota as it is."""

    id: UUID
    start: date
    end: date
    """The first day after it."""
    amount: Decimal
    seasonal: Decimal
    """Its weight among the months of the whole period."""
    kept: Decimal = Decimal(0)
    """What of it fell due before an amendment."""

    def left(self, day: date) -> Fraction:
        """The part of the month from a day on."""
        days = (self.end - max(self.start, day)).days
        return Fraction(max(days, 0), (self.end - self.start).days)


@dataclass(frozen=True)
class Phased:
    """The months of a quota in their order: what is kept of each, and what each comes to."""

    kept: list[Decimal]
    amounts: list[Decimal]

    @property
    def total(self) -> Decimal:
        """The quota: its months add up to it."""
        return sum(self.amounts, Decimal(0))


def amended(whole: Decimal, months: Sequence[MonthShare], day: date, digits: int) -> Phased:
    """The months when `whole`, the quota of a whole period, holds from `day` on.

    What fell due before stays as it is; from then on each month is its part of `whole` by season and days.
    """
    before = [_units(month.amount, digits) * (1 - month.left(day)) for month in months]
    season = sum((Fraction(month.seasonal) for month in months), Fraction(0))
    after = sum((_weight(month, day, season) for month in months), Fraction(0))
    part = after / (season or len(months))
    total = _rounded(sum(before, Fraction(0)) + _units(whole, digits) * part)
    # Not more than the total where both halves of a month round up.
    return spread(from_units(total, digits), months, day, [_rounded(units) for units in before], digits)


def spread(total: Decimal, months: Sequence[MonthShare], day: date, kept: Sequence[int], digits: int) -> Phased:
    """The months when they come to `total`: what is kept of each, and of the rest a part by season and days left.

    `kept` is in smallest units, and no more than the total.
    """
    season = sum((Fraction(month.seasonal) for month in months), Fraction(0))
    weights = [_weight(month, day, season) for month in months]
    if not any(weights):
        weights = [month.left(day) for month in months]
    none: list[int | None] = [None] * len(months)
    rest = share_out(in_units(total, digits) - sum(kept), weights, [0] * len(months), none)
    amounts = [units + portion.units for units, portion in zip(kept, rest, strict=True)]
    return Phased([from_units(units, digits) for units in kept], [from_units(units, digits) for units in amounts])


def _weight(month: MonthShare, day: date, season: Fraction) -> Fraction:
    """Months without any season at all count alike."""
    seasonal = Fraction(month.seasonal) if season else Fraction(1)
    return seasonal * month.left(day)


def _units(amount: Decimal, digits: int) -> Fraction:
    return Fraction(amount.scaleb(digits))


def _rounded(units: Fraction) -> int:
    return floor(units + Fraction(1, 2))
