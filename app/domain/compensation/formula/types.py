"""What a formula computes with: units, and the bounds between which a value lies.

Bounds and places are inferred when a formula is read, so that no engine meets a value its exact type cannot hold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Context, Decimal
from enum import StrEnum
from typing import Final

from typing_extensions import override

MOST_DIGITS: Final = 38
"""The widest exact decimal of every engine."""
_EXACT: Final = Context(prec=100)


class Kind(StrEnum):
    """The unit of a value."""

    MONEY = "money"
    RATE = "rate"
    """A ratio, such as an attainment or a commission rate."""
    QUANTITY = "quantity"
    """Something counted, such as units, deals or days."""
    NUMBER = "number"
    """A number as written: a ratio or a count, as its place demands."""
    DATE = "date"
    BOOL = "bool"


NUMERIC: Final = frozenset((Kind.MONEY, Kind.RATE, Kind.QUANTITY, Kind.NUMBER))
_PLAIN: Final = frozenset((Kind.RATE, Kind.QUANTITY, Kind.NUMBER))


@dataclass(frozen=True)
class Type:
    """The unit of a value, its places, between what bounds it lies, and whether it can be unknown."""

    kind: Kind
    low: Decimal = Decimal(0)
    high: Decimal = Decimal(0)
    scale: int = 0
    currency: str = ""
    nullable: bool = False

    @property
    def most(self) -> Decimal:
        """The largest size a value can have."""
        return max(self.low.copy_abs(), self.high.copy_abs())

    @property
    def whole(self) -> int:
        """Most digits before the point."""
        return max(self.most.adjusted() + 1, 0) if self.most else 0

    def spanning(self, low: Decimal, high: Decimal, scale: int) -> Type:
        """The same unit between other bounds, with other places."""
        return replace(self, low=low, high=high, scale=scale)

    @override
    def __str__(self) -> str:
        return f"an amount in {self.currency}" if self.kind is Kind.MONEY else _SAID[self.kind]


_SAID: Final = {
    Kind.RATE: "a rate",
    Kind.QUANTITY: "a quantity",
    Kind.NUMBER: "a number",
    Kind.DATE: "a date",
    Kind.BOOL: "a condition",
}


def money(currency: str, precision: int = 18, scale: int = 4, *, nullable: bool = False) -> Type:
    """An amount in a currency, numeric(18,4) unless said."""
    return Type(Kind.MONEY, *_bounds(precision, scale), scale, currency, nullable)


def rate(precision: int = 9, scale: int = 6, *, nullable: bool = False) -> Type:
    """A ratio, numeric(9,6) unless said; an attainment is `rate(18, 6)`."""
    return Type(Kind.RATE, *_bounds(precision, scale), scale, nullable=nullable)


def quantity(precision: int = 18, scale: int = 4, *, nullable: bool = False) -> Type:
    """A count, numeric(18,4) unless said."""
    return Type(Kind.QUANTITY, *_bounds(precision, scale), scale, nullable=nullable)


def literal(value: Decimal, currency: str = "") -> Type:
    """A number as written, or an amount when a currency is given."""
    places = max(-int(value.normalize().as_tuple().exponent), 0)
    return Type(Kind.MONEY if currency else Kind.NUMBER, value, value, places, currency)


def _bounds(precision: int, scale: int) -> tuple[Decimal, Decimal]:
    most = Decimal("9" * precision).scaleb(-scale, _EXACT)
    return most.copy_negate(), most


DATE: Final = Type(Kind.DATE)
BOOL: Final = Type(Kind.BOOL)


def together(a: Type, b: Type) -> Type | None:
    """The unit of two values that are added or compared; none when their units differ."""
    nullable = a.nullable or b.nullable
    if a.kind == b.kind and a.currency == b.currency:
        return replace(a, nullable=nullable)
    if Kind.NUMBER in (a.kind, b.kind) and a.kind in _PLAIN and b.kind in _PLAIN:
        return replace(b if a.kind is Kind.NUMBER else a, nullable=nullable)
    return None


def product(a: Type, b: Type) -> Type | None:
    """The unit of a product; none for two amounts."""
    if a.kind is Kind.MONEY and b.kind is Kind.MONEY:
        return None
    for kind in (Kind.MONEY, Kind.QUANTITY, Kind.RATE, Kind.NUMBER):
        for one in (a, b):
            if one.kind is kind:
                return replace(one, nullable=a.nullable or b.nullable)
    return None


def quotient(a: Type, b: Type) -> Type | None:
    """The unit of a quotient; none for two currencies, or an amount below the line only."""
    if b.kind is Kind.MONEY:
        return Type(Kind.RATE) if a.kind is Kind.MONEY and a.currency == b.currency else None
    if a.kind is Kind.MONEY:
        return a
    if b.kind is Kind.QUANTITY:
        return Type(Kind.RATE)
    return b if a.kind is Kind.NUMBER else a
