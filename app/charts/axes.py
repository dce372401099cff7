"""Two axes that begin at zero, with a grid, for charts of amounts against something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.charts.scatter import step_for
from app.charts.svg import tag, words

Said = Callable[[Decimal], str]


@dataclass(frozen=True)
class Axes:
    """A rectangle of the sheet; `across` and `up` are the values at its right and upper edge."""

    left: float
    top: float
    width: float
    height: float
    across: Decimal
    up: Decimal
    start: Decimal = Decimal(0)
    """The value at its left edge."""

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    def x(self, value: Decimal) -> float:
        """Where a value lies across."""
        return self.left + float((value - self.start) / (self.across - self.start)) * self.width

    def y(self, value: Decimal) -> float:
        """Where a value lies up."""
        return self.bottom - float(value / self.up) * self.height

    def grid(self, across: Said, up: Said, columns: int = 4) -> Iterator[str]:
        """Lines with their values at both edges."""
        for n in range(columns + 1):
            value = self.start + (self.across - self.start) * n / columns
            yield tag("path", d=f"M{self.x(value):.1f},{self.top}V{self.bottom}", class_="line")
            yield words(self.x(value), self.bottom + 18, across(value), "middle soft")
        for n in range(5):
            value = self.up * n / 4
            yield tag("path", d=f"M{self.left},{self.y(value):.1f}H{self.right}", class_="line")
            yield words(self.left - 8, self.y(value) + 4, up(value), "end soft")


def round_up(most: Decimal) -> Decimal:
    """The end of an axis of four round steps that holds the most."""
    return 4 * step_for(most)
