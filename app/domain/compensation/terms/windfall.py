"""What counts of a deal so large that it was not the seller's doing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.domain.compensation.terms.words import Words, money, percent, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields
from app.domain.kernel.money import Amount, Share


class WindfallRule(StrEnum):
    """What counts of a windfall."""

    PAY = "pay"
    """All of it."""
    CAP = "cap"
    """The threshold."""
    SPLIT = "split"
    """The threshold and a share of what lies above."""
    AMORTISE = "amortise"
    """All of it, in equal parts over some months beginning with its own."""
    EXCLUDE = "exclude"
    """Nothing."""


class WindfallFields(Fields):
    """What counts of a transaction, before it is split, above a threshold."""

    rule: WindfallRule
    above: Annotated[Amount, Field(gt=Decimal(0))]
    """A transaction larger than this, in the plan's currency, is a windfall."""
    share: Share | None = None
    """Of what lies above, for `split`."""
    months: int | None = Field(default=None, ge=2, le=12)
    """Over how many months, for `amortise`; what falls after the fiscal year counts in its last month."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`windfall_share` and `windfall_months` where they do not belong to the rule."""
        if (self.rule is WindfallRule.SPLIT) != (self.share is not None):
            yield FieldError(f"{pointer}/share", "windfall_share", "The rule split, and no other, has a share.")
        if (self.rule is WindfallRule.AMORTISE) != (self.months is not None):
            yield FieldError(f"{pointer}/months", "windfall_months", "The rule amortise, and no other, has months.")

    def words(self, currency: str) -> Words:
        """`of a deal above 1,000,000 EUR only 1,000,000 EUR counts`."""
        said = {
            WindfallRule.PAY: Words("a deal above {above} counts in full", "une affaire au-delà de {above} compte"),
            WindfallRule.CAP: Words(
                "of a deal above {above} only {above} counts", "d'une affaire au-delà de {above} ne compte que {above}"
            ),
            WindfallRule.SPLIT: Words(
                "of a deal, what lies above {above} counts by {share}",
                "d'une affaire, ce qui dépasse {above} compte à {share}",
            ),
            WindfallRule.AMORTISE: Words(
                "a deal above {above} counts over {months} months",
                "une affaire au-delà de {above} compte sur {months} mois",
            ),
            WindfallRule.EXCLUDE: Words(
                "a deal above {above} does not count", "une affaire au-delà de {above} ne compte pas"
            ),
        }[self.rule]
        share = percent(self.share or Decimal(0))
        return say(said.en, said.fr, above=money(self.above, currency), share=share, months=self.months or 0)
