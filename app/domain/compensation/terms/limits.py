"""Caps, floors and decelerators."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.domain.compensation.terms.window import WindowLength
from app.domain.compensation.terms.words import Words, money, percent, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields
from app.domain.kernel.money import Amount, Rate, Share


class LimitKind(StrEnum):
    """What happens at the limit."""

    CAP = "cap"
    """No more than this."""
    FLOOR = "floor"
    """No less than this; a floor of 0 never takes back more than was earned."""
    DECELERATOR = "decelerator"
    """Of what lies above this only a share."""


class LimitPer(StrEnum):
    """Over what the earnings are added up that the limit is for."""

    WINDOW = "window"
    """The component's own window, or the single transaction."""
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


_LENGTHS = {
    WindowLength.TRANSACTION: 0,
    WindowLength.ROLLING: 1,
    WindowLength.MONTH: 1,
    WindowLength.QUARTER: 3,
    WindowLength.HALF_YEAR: 6,
    WindowLength.YEAR: 12,
}
_PER = {
    LimitPer.WINDOW: Words("per window", "par fenêtre"),
    LimitPer.MONTH: Words("per month", "par mois"),
    LimitPer.QUARTER: Words("per quarter", "par trimestre"),
    LimitPer.HALF_YEAR: Words("per half-year", "par semestre"),
    LimitPer.YEAR: Words("per year", "par an"),
}


class LimitFields(Fields):
    """One limit; it applies to what the gates leave, the shorter time first: decelerator, cap, floor."""

    kind: LimitKind
    per: LimitPer
    amount: Annotated[Amount, Field(ge=Decimal(0))] | None = None
    """The limit in the plan's currency."""
    target_multiple: Annotated[Rate, Field(ge=Decimal(0))] | None = None
    """The limit as a multiple of the target incentive, instead of an amount; 2 caps at 200 % of target."""
    share: Share | None = None
    """What a decelerator leaves of the part above it."""

    def findings(self, pointer: str, over: WindowLength) -> Iterator[FieldError]:
        """`limit_value`, `limit_share`, and `limit_within_window` for a time shorter than the component's window."""
        if (self.amount is None) == (self.target_multiple is None):
            yield FieldError(pointer, "limit_value", "Give either amount or target_multiple.")
        if (self.kind is LimitKind.DECELERATOR) != (self.share is not None):
            yield FieldError(f"{pointer}/share", "limit_share", "A decelerator, and no other, has a share.")
        if self.per is LimitPer.WINDOW:
            return
        if _LENGTHS[WindowLength(self.per.value)] < _LENGTHS[over]:
            yield FieldError(f"{pointer}/per", "limit_within_window", f"It is shorter than the window, {over.value}.")

    def words(self, currency: str) -> Words:
        """`at most 50,000 EUR per year`."""
        if self.amount is not None:
            limit = money(self.amount, currency)
        else:
            share = percent(self.target_multiple or Decimal(0))
            limit = say("{share} of target incentive", "{share} de la prime cible", share=share)
        said = {
            LimitKind.CAP: Words("at most {limit} {per}", "au plus {limit} {per}"),
            LimitKind.FLOOR: Words("at least {limit} {per}", "au moins {limit} {per}"),
            LimitKind.DECELERATOR: Words(
                "{share} of what exceeds {limit} {per}", "{share} de ce qui dépasse {limit} {per}"
            ),
        }[self.kind]
        return say(said.en, said.fr, limit=limit, per=_PER[self.per], share=percent(self.share or Decimal(0)))
