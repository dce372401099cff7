"""The target incentive of a component, and how part of a window counts."""

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


class TargetFields(Fields):
    """What the component pays for the year when everything is met: a share of the seller's own, or an amount."""

    share: Share | None = None
    """Of the participant's target incentive of the year: its weight in the pay mix."""
    amount: Annotated[Amount, Field(ge=Decimal(0))] | None = None
    """For the year, the same for everybody, in the plan's currency."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`target_value` unless exactly one of them is given."""
        if (self.share is None) == (self.amount is None):
            yield FieldError(pointer, "target_value", "Give either share or amount.")

    def words(self, currency: str) -> Words:
        """`target: 70 % of the target incentive`."""
        if self.amount is not None:
            return say("target: {n} a year", "cible : {n} par an", n=money(self.amount, currency))
        share = percent(self.share or Decimal(0))
        return say("target: {n} of the target incentive", "cible : {n} de la prime cible", n=share)


class Prorated(StrEnum):
    """How a seller who takes part in the plan for part of a window counts."""

    NONE = "none"
    """As if for all of it."""
    MONTHS = "months"
    """The months in which the seller takes part on any day."""
    DAYS = "days"
    """Each month by days of presence over days of the month."""


class ProrationFields(Fields):
    """What is reduced for those who are hired, leave or change the plan within a window."""

    quota: Prorated
    target: Prorated

    def words(self) -> Words:
        """`quota by month of presence, target by day of presence`."""
        return say(
            "quota {quota}, target {target}",
            "quota {quota}, cible {target}",
            quota=_HOW[self.quota],
            target=_HOW[self.target],
        )


_HOW = {
    Prorated.NONE: Words("in full", "sans prorata"),
    Prorated.MONTHS: Words("by month of presence", "au prorata des mois de présence"),
    Prorated.DAYS: Words("by day of presence", "au prorata des jours de présence"),
}
