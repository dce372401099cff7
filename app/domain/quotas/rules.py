"""Exact shares, months and fairness: arithmetic without rounding on the way.

Amounts to be shared are whole numbers of the smallest unit (a cent, a unit sold), weights are fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from math import floor
from statistics import median, quantiles

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

_OUTSIDE = Decimal("1.5")
_RATE = Decimal("0.000001")
_MOST_RATE = Decimal("999.999999")


def digits_of(measure: QuotaMeasure, currency: str) -> int:
    """Digits after the point of a quota: the currency's for money, none for numbers of things."""
    return 0 if measure in COUNTED else minor_digits(currency)


def in_units(amount: Decimal, digits: int) -> int:
    """The amount in smallest units, rounded half away from zero."""
    return int(round_half_away(amount.scaleb(digits), 0))


def from_units(units: int, digits: int) -> Decimal:
    """The amount that so many smallest units are."""
    return Decimal(units).scaleb(-digits)


@dataclass(frozen=True)
class Portion:
    """One share: what it exactly is, what it was rounded to, and why it is what it is."""

    exact: Fraction
    units: int
    bound: Bound | None = None
    remainder_rank: int | None = None


def share_out(
    total: int, weights: Sequence[Fraction], lows: Sequence[int], highs: Sequence[int | None]
) -> list[Portion]:
    """Cut `total` by weight between the lows and the highs (null: no limit), so that it adds up exactly.

    What a bound takes from a share or gives to it is spread over the others by weight; rounding goes to the largest
    remainders, the first of equals first.

    Raises:
        DomainError: `allocation_infeasible` when no shares with these bounds add up to the total.
    """
    exact, bounds = _bounded(total, weights, lows, highs)
    units = [floor(share) for share in exact]
    left = total - sum(units)
    order = sorted(range(len(exact)), key=lambda n: (units[n] - exact[n], n))
    ranks = {n: rank for rank, n in enumerate(order[:left], 1)}
    return [Portion(share, units[n] + (n in ranks), bounds.get(n), ranks.get(n)) for n, share in enumerate(exact)]


def _bounded(
    total: int, weights: Sequence[Fraction], lows: Sequence[int], highs: Sequence[int | None]
) -> tuple[list[Fraction], dict[int, Bound]]:
    """Shares proportional to the weights except where a bound holds, in whole numbers, which bound that is.

    Each round fixes the shares that break a bound on the side that outweighs; those stay broken whatever follows, so
    the rounds end with the one solution.
    """
    _feasible(total, weights, lows, highs)
    fixed: dict[int, Bound] = {}
    exact = [Fraction(0)] * len(weights)
    while True:
        free = [n for n in range(len(weights)) if n not in fixed]
        rest = total - sum(exact[n] for n in fixed)
        weight = sum(weights[n] for n in free)
        for n in free:
            exact[n] = rest * weights[n] / weight if weight else Fraction(0)
        low = [n for n in free if exact[n] < lows[n]]
        high = [n for n in free if _above(exact[n], highs[n])]
        if not low and not high:
            return exact, fixed
        lifted = sum(lows[n] - exact[n] for n in low)
        cut = sum(exact[n] - (highs[n] or 0) for n in high)
        if lifted >= cut:
            fixed |= dict.fromkeys(low, Bound.FLOOR)
        if cut >= lifted:
            fixed |= dict.fromkeys(high, Bound.GROWTH_CAP)
        for n, bound in fixed.items():
            exact[n] = Fraction(lows[n] if bound is Bound.FLOOR else highs[n] or 0)


def _above(share: Fraction, high: int | None) -> bool:
    return high is not None and share > high


def _feasible(total: int, weights: Sequence[Fraction], lows: Sequence[int], highs: Sequence[int | None]) -> None:
    least, most = sum(lows), 0
    unlimited = False
    for weight, low, high in zip(weights, lows, highs, strict=True):
        unlimited = unlimited or (bool(weight) and high is None)
        # A share without weight gets its floor and never more.
        most += low if not weight else high or 0
    if total < least or (not unlimited and total > most):
        detail = "No quotas between the floor and the growth cap add up to what is to be shared."
        raise refuse("allocation_infeasible", detail, least=least, most=None if unlimited else most, wanted=total)


def phase(amount: Decimal, weights: Sequence[Fraction], digits: int) -> list[Decimal]:
    """Spread an amount over months by weight, so that they add up exactly; evenly when no month has any weight."""
    if not any(weights):
        weights = [Fraction(1)] * len(weights)
    none: list[int | None] = [None] * len(weights)
    portions = share_out(in_units(amount, digits), weights, [0] * len(weights), none)
    return [from_units(portion.units, digits) for portion in portions]


def as_rate(value: Fraction | Decimal) -> Decimal:
    """The value to 6 digits, cut off; at most what a rate can hold."""
    number = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else value
    return min(number, _MOST_RATE).quantize(_RATE, ROUND_DOWN)


def gini(loads: Sequence[Decimal]) -> Decimal | None:
    """The Gini coefficient of loads that are not negative; None without any, or when all are zero."""
    ordered, total, count = sorted(loads), sum(loads, Decimal(0)), len(loads)
    if not total:
        return None
    ranked = sum((rank * load for rank, load in enumerate(ordered, 1)), Decimal(0))
    return 2 * ranked / (count * total) - Decimal(count + 1) / count


def variation(loads: Sequence[Decimal]) -> Decimal | None:
    """The coefficient of variation: standard deviation of the whole over the mean; None when there is no mean."""
    mean = sum(loads, Decimal(0)) / len(loads) if loads else Decimal(0)
    if not mean:
        return None
    return (sum(((load - mean) ** 2 for load in loads), Decimal(0)) / len(loads)).sqrt() / mean


def outliers(loads: Sequence[Decimal]) -> list[int]:
    """The places of loads more than 1.5 interquartile ranges outside the quartiles; none among fewer than four."""
    if len(loads) < 4:
        return []
    lower, _, upper = quantiles(loads, n=4, method="inclusive")
    reach = _OUTSIDE * (upper - lower)
    return [n for n, load in enumerate(loads) if load < lower - reach or load > upper + reach]


def above_median(loads: Sequence[Decimal]) -> Decimal | None:
    """By how much the highest load exceeds the median, as a share of it; None when there is no median."""
    middle = median(loads) if loads else Decimal(0)
    return max(loads) / middle - 1 if middle else None
