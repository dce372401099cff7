"""A budget that all sellers of a component share."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.domain.compensation.terms.words import Words, money, say
from app.domain.kernel.fields import Fields
from app.domain.kernel.money import Amount


class WhenExhausted(StrEnum):
    """Who is paid when the budget does not suffice."""

    FIRST_COME = "first_come"
    """In order of date; what is earned on the same day shares what is left, and what a return takes back can be paid
    again from its day on."""
    PRO_RATA = "pro_rata"
    """Everybody in proportion."""


class BudgetFields(Fields):
    """What the component pays all sellers together in the year, at most, less what returns take back."""

    amount: Annotated[Amount, Field(gt=Decimal(0))]
    when_exhausted: WhenExhausted

    def words(self, currency: str) -> Words:
        """`within a budget of 20,000 EUR, first come, first served`."""
        said = {
            WhenExhausted.FIRST_COME: Words(
                "within a budget of {n}, first come, first served; what is taken back can be paid again",
                "dans la limite d'un budget de {n}, premiers servis\u202f; ce qui est repris peut être versé à nouveau",
            ),
            WhenExhausted.PRO_RATA: Words(
                "within a budget of {n}, shared in proportion", "dans la limite d'un budget de {n}, réparti au prorata"
            ),
        }[self.when_exhausted]
        return say(said.en, said.fr, n=money(self.amount, currency))
