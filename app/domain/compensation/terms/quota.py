"""What a component is held against, where that is not the seller's quota of the measure as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from app.domain.compensation.terms.choices import MONEY, Measured
from app.domain.compensation.terms.words import Words, money, number, percent, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields
from app.domain.kernel.money import Amount, Rate


class QuotaFields(Fields):
    """A share of the seller's quota, such as the part that is to be new business; or the same for everybody."""

    share: Annotated[Rate, Field(gt=Decimal(0))] | None = None
    """Of the seller's own quota of the measure, month by month."""
    amount: Annotated[Amount, Field(gt=Decimal(0))] | None = None
    """For the year, in equal months: an amount in the plan's currency, or units, deals or activities."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`quota_value` unless exactly one of them is given."""
        if (self.share is None) == (self.amount is None):
            yield FieldError(pointer, "quota_value", "Give either share or amount.")

    def words(self, of: Measured, currency: str) -> Words:
        """`quota: 300,000 EUR a year`."""
        if self.amount is not None:
            asked = money(self.amount, currency) if of in MONEY else number(self.amount)
            return say("quota: {n} a year", "quota : {n} par an", n=asked)
        share = percent(self.share or Decimal(0))
        return say("quota: {n} of the seller's own", "quota : {n} de celui du vendeur", n=share)
