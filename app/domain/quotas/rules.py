"""Exact shares and months: arithmetic without rounding on the way.

Amounts to be shared are whole numbers of the smallest unit (a cent, a unit sold), weights are whole
numbers or fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from math import lcm

from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.kernel.money import minor_digits, round_half_away
from app.domain.quotas.contract.allocations import Bound
from app.domain.quotas.contract.measures import COUNTED, QuotaMeasure

define(
    "allocation_infeasible",
    Invalid,
    "No allocation fits the floor and the growth cap",
    "Aucune répartition ne respecte le plancher et le plafond de croissance",
    "Change the total, the floor or the growth cap; `least` and `most` are what they allow.",
)

_RATE = Decimal("0.000001")
_MOST_RATE = Decimal("999.999999")

Weights = Sequence[Fraction] | Sequence[int]


def digits_of(measure: QuotaMeasure, currency: str) -> int:
    """Digits after the point of a quota: the currency's for money, none for numbers of things."""
    return 0 if measure in COUNTED else minor_digits(currency)


def in_units(amount: Decimal, digits: int) -> int:
    """The amount in smallest units, rounded half away from zero."""
    return int(round_half_away(amount.scaleb(digits), 0))


def from_units(units: int, digits: int) -> Decimal:
    """The amount that so many smallest units are."""
    return Decimal(units).scaleb(-digits)


def whole(weights: Weights) -> list[int]:
    """The weights as whole numbers in the same proportions."""
    common = lcm(*(weight.denominator for weight in weights))
    return [weight.numerator * (common // weight.denominator) for weight in weights]


@dataclass(frozen=True)
class Portion:
    """One share: what it exactly is, what it was rounded to, and why it is what it is."""

    exact: Fraction
    units: int
    bound: Bound | None = None
    remainder_rank: int | None = None


def share_out(total: int, weights: Weights, lows: Sequence[int], highs: Sequence[int | None]) -> list[Portion]:
    """Cut `total` by weight between the lows and the highs (null: no limit), so that it adds up exactly.

    What a bound takes from a share or gives to it is spread over the others by weight; rounding goes to the largest
    remainders, the first of equals first.

    Raises:
        DomainError: `allocation_infeasible` when no shares with these bounds add up to the total.
    """
    scaled = whole(weights)
    _feasible(total, scaled, lows, highs)
    bounds = _bounded(total, scaled, lows, highs)
    free = [n for n in range(len(scaled)) if n not in bounds]
    rest = total - sum(units for units, _ in bounds.values())
    units, ranks = _largest_remainder(rest, [scaled[n] for n in free])
    weight = sum(scaled[n] for n in free) or 1
    found = [Portion(Fraction(at), at, bound) for at, bound in (bounds.get(n, (0, None)) for n in range(len(scaled)))]
    for place, n in enumerate(free):
        found[n] = Portion(Fraction(rest * scaled[n], weight), units[place], None, ranks.get(place))
    return found


def _largest_remainder(total: int, weights: Sequence[int]) -> tuple[list[int], dict[int, int]]:
    """Whole shares by weight, and the rank of those that got one unit more than their share rounded down."""
    whole_weight = sum(weights)
    if not whole_weight:
        return [0] * len(weights), {}
    units, remainders = [], []
    for weight in weights:
        unit, remainder = divmod(total * weight, whole_weight)
        units.append(unit)
        remainders.append(remainder)
    left = total - sum(units)
    order = sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)[:left] if left else []
    for n in order:
        units[n] += 1
    return units, {n: rank for rank, n in enumerate(order, 1)}


def _bounded(
    total: int, weights: Sequence[int], lows: Sequence[int], highs: Sequence[int | None]
) -> dict[int, tuple[int, Bound]]:
    """Which shares a bound decides and at what; the others are proportional to their weights.

    Each round fixes the shares that break a bound on the side that outweighs; those stay broken whatever follows, so
    the rounds end with the one solution.
    """
    fixed: dict[int, tuple[int, Bound]] = {}
    free = list(range(len(weights)))
    rest = total
    while True:
        weight = sum(weights[n] for n in free) or 1
        low = [n for n in free if rest * weights[n] < lows[n] * weight]
        high = [n for n in free if (most := highs[n]) is not None and rest * weights[n] > most * weight]
        if not low and not high:
            return fixed
        lifted = sum(lows[n] * weight - rest * weights[n] for n in low)
        cut = sum(rest * weights[n] - (highs[n] or 0) * weight for n in high)
        new: dict[int, tuple[int, Bound]] = {}
        if lifted >= cut:
            new |= {n: (lows[n], Bound.FLOOR) for n in low}
        if cut >= lifted:
            new |= {n: (highs[n] or 0, Bound.GROWTH_CAP) for n in high}
        fixed |= new
        rest -= sum(at for at, _ in new.values())
        free = [n for n in free if n not in new]


def _feasible(total: int, weights: Sequence[int], lows: Sequence[int], highs: Sequence[int | None]) -> None:
    least, most = sum(lows), 0
    unlimited = False
    for weight, low, high in zip(weights, lows, highs, strict=True):
        unlimited = unlimited or (bool(weight) and high is None)
        # A share without weight gets its floor and never more.
        most += low if not weight else high or 0
    if total < least or (not unlimited and total > most):
        detail = "No quotas between the floor and the growth cap add up to what is to be shared."
        raise refuse("allocation_infeasible", detail, least=least, most=None if unlimited else most, wanted=total)


def phase(amount: Decimal, weights: Weights, digits: int) -> list[Decimal]:
    """Spread an amount over months by weight, so that they add up exactly; evenly when no month has any weight."""
    scaled = whole(weights) if any(weights) else [1] * len(weights)
    units, _ = _largest_remainder(in_units(amount, digits), scaled)
    return [from_units(unit, digits) for unit in units]


def as_rate(value: Fraction | Decimal) -> Decimal:
    """The value to 6 digits, cut off; at most what a rate can hold."""
    number = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else value
    return min(number, _MOST_RATE).quantize(_RATE, ROUND_DOWN)
