"""How figures are cut into parts that add up exactly."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from app.domain.kernel.money import minor_digits


def cut(amount: Decimal, currency: str, weights: Sequence[Decimal]) -> list[Decimal]:
    """The amount by weight, in minor units, with the sum exact: what rounding leaves goes to the largest remainders.

    Weights must not all be zero. An amount finer than the currency's minor unit is cut in units of its own last digit.
    """
    exponent = amount.normalize().as_tuple().exponent
    digits = max(minor_digits(currency), -exponent if isinstance(exponent, int) else 0)
    units, whole = int(amount.scaleb(digits)), sum(map(Fraction, weights))
    exact = [units * Fraction(weight) / whole for weight in weights]
    parts = [part.__floor__() for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda n: (parts[n] - exact[n], n))
    for n in by_remainder[: units - sum(parts)]:
        parts[n] += 1
    return [Decimal(part).scaleb(-digits) for part in parts]
