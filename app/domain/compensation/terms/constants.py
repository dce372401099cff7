"""Constants of a plan: numbers that its formulas name instead of repeating them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.domain.compensation.formula import Figure, literal
from app.domain.compensation.terms.words import Words, money, number, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields, Name
from app.domain.kernel.money import Figure as FigureValue


class ConstantUnit(StrEnum):
    """What a constant is."""

    AMOUNT = "amount"
    """In the plan's currency, to four places."""
    NUMBER = "number"
    """A rate or a count, as its place in a formula demands."""


class ConstantFields(Fields):
    """A number under a name."""

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,39}$")]
    """As formulas write it; not the name of a figure."""
    unit: ConstantUnit
    value: Annotated[FigureValue, Field(ge=Decimal(0))]
    label: Name
    """What people call it."""

    def figure(self, currency: str) -> Figure:
        """The constant as a figure of a formula, exactly as wide as it is."""
        return Figure(literal(self.value, currency if self.unit is ConstantUnit.AMOUNT else ""), self.label, self.label)

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`constant_places` for an amount of more than four places."""
        if self.unit is ConstantUnit.AMOUNT and round(self.value, 4) != self.value:
            yield FieldError(f"{pointer}/value", "constant_places", "An amount has at most four places.")

    def words(self, currency: str) -> Words:
        """`pool: 50,000 EUR`."""
        value = money(self.value, currency) if self.unit is ConstantUnit.AMOUNT else number(self.value)
        return say("{label}: {value}", "{label} : {value}", label=self.label, value=value)
