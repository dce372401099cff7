"""The functions of `hooks/` in decimals, for engines that call Python. Nothing here imports anything of ours."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

# Wide enough for the product of three figures of 38 digits.
_EXACT = Context(prec=120, rounding=ROUND_HALF_UP)


def div(n: Decimal | None, d: Decimal | None, digits: int) -> Decimal | None:
    """n / d to `digits` places, half away from zero; None when d = 0."""
    return None if n is None or not d else _rounded(_EXACT.divide(n, d), digits)


def prorate(a: Decimal | None, b: Decimal | None, d: Decimal | None) -> Decimal | None:
    """a · b / d to ten places; None when d = 0."""
    return None if a is None or b is None or not d else _rounded(_EXACT.divide(_EXACT.multiply(a, b), d), 10)


def part(amount: Decimal | None, lo: Decimal | None, hi: Decimal | None) -> Decimal | None:
    """What lies between two bounds of a split, each rounded to four places."""
    if amount is None or lo is None or hi is None:
        return None
    return _rounded(_EXACT.multiply(amount, hi), 4) - _rounded(_EXACT.multiply(amount, lo), 4)


def days(first: date | None, last: date | None) -> int | None:
    """Days from one date to another."""
    return None if first is None or last is None else (last - first).days


def minor(amount: Decimal | None, digits: int | None) -> Decimal | None:
    """An amount in the minor unit of its currency."""
    return None if amount is None or digits is None or not 0 <= digits <= 4 else _rounded(amount, digits)


def within_limits(
    amount: Decimal | None,
    target: Decimal | None,
    above: Decimal | None,
    above_multiple: Decimal | None,
    share: Decimal | None,
    cap: Decimal | None,
    cap_multiple: Decimal | None,
    floor: Decimal | None,
    floor_multiple: Decimal | None,
) -> Decimal | None:
    """What decelerator, cap and floor leave of an amount, in that order."""

    def limit(own: Decimal | None, multiple: Decimal | None) -> Decimal | None:
        if own is not None or target is None or multiple is None:
            return own
        return _EXACT.multiply(target, multiple)

    start, most, least = limit(above, above_multiple), limit(cap, cap_multiple), limit(floor, floor_multiple)
    left = amount
    if left is not None and share is not None and start is not None and left > start:
        left = _EXACT.add(start, _EXACT.multiply(_rounded(_EXACT.subtract(left, start), 10), share))
    left = min((value for value in (left, most) if value is not None), default=None)
    return max((value for value in (left, least) if value is not None), default=None)


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), context=_EXACT)
