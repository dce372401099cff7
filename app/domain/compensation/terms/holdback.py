"""Part of an earning is kept back until something has happened."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.domain.compensation.terms.words import Words, percent, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields
from app.domain.kernel.money import Share


class ReleaseOn(StrEnum):
    """What releases what is held back."""

    PAYMENT = "payment"
    """The customer has paid: a transaction of the kind payment for the same opportunity or account."""
    DAYS = "days"
    """Some days after the end of the period that earned it."""
    EVENT = "event"
    """Somebody of the pay desk releases it, such as on go-live."""


class HoldbackFields(Fields):
    """Part now, part later."""

    share: Annotated[Share, Field(gt=Decimal(0))]
    """The part that is kept back."""
    release: ReleaseOn
    days: int | None = Field(default=None, ge=1, le=1_500)
    """For the release by days."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`holdback_days` where days do not belong to the release."""
        if (self.release is ReleaseOn.DAYS) != (self.days is not None):
            yield FieldError(f"{pointer}/days", "holdback_days", "The release by days, and no other, has days.")

    def words(self) -> Words:
        """`20 % is held back for 90 days`."""
        said = {
            ReleaseOn.PAYMENT: Words(
                "{share} is held back until the customer has paid", "{share} est retenu jusqu'au paiement du client"
            ),
            ReleaseOn.DAYS: Words("{share} is held back for {days} days", "{share} est retenu pendant {days} jours"),
            ReleaseOn.EVENT: Words(
                "{share} is held back until it is released", "{share} est retenu jusqu'à libération"
            ),
        }[self.release]
        return say(said.en, said.fr, share=percent(self.share), days=self.days or 0)
