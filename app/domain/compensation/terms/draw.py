"""Advances on what is earned, and guarantees."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.domain.compensation.terms.target import Prorated
from app.domain.compensation.terms.words import Words, money, percent, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Code, Fields, Name
from app.domain.kernel.money import Amount, Share


class DrawKind(StrEnum):
    """What becomes of an advance that earnings do not cover."""

    RECOVERABLE = "recoverable"
    """It is owed and recovered from later earnings."""
    NON_RECOVERABLE = "non_recoverable"
    """It is never owed: a guarantee."""
    FORGIVEN = "forgiven"
    """It is owed, and what is still owed after the last month is forgiven."""


class DrawFields(Fields):
    """At least this much is paid each month; earnings above it recover what is owed.

    What returns take back beyond all that was earned lowers a guarantee, and raises a draw.
    """

    kind: DrawKind
    code: Code
    name: Name
    amount: Annotated[Amount, Field(gt=Decimal(0))]
    """For each month, in the plan's currency."""
    months: int | None = Field(default=None, ge=1, le=60)
    """For how many months from the first of the seller's participation; absent is without end."""
    maximum_recovery: Share | None = None
    """The largest part of a period's earnings beyond the draw that may recover; absent recovers all that is owed."""
    proration: Prorated

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`draw_recovery` and `draw_months` where they do not belong to the kind."""
        if self.kind is DrawKind.NON_RECOVERABLE and self.maximum_recovery is not None:
            text = "A draw that is not recoverable recovers nothing."
            yield FieldError(f"{pointer}/maximum_recovery", "draw_recovery", text)
        if self.kind is DrawKind.FORGIVEN and self.months is None:
            yield FieldError(f"{pointer}/months", "draw_months", "Say after how many months the rest is forgiven.")

    def words(self, currency: str) -> Words:
        """`a recoverable draw of 2,000 EUR a month for 6 months`."""
        said = {
            DrawKind.RECOVERABLE: Words("a recoverable draw of {n} a month", "une avance récupérable de {n} par mois"),
            DrawKind.NON_RECOVERABLE: Words("a guarantee of {n} a month", "une garantie de {n} par mois"),
            DrawKind.FORGIVEN: Words(
                "a draw of {n} a month whose rest is forgiven", "une avance de {n} par mois dont le reste est remis"
            ),
        }[self.kind]
        words = say(said.en, said.fr, n=money(self.amount, currency))
        if self.months is not None:
            words = say("{w} for {m} months", "{w} pendant {m} mois", w=words, m=self.months)
        if self.maximum_recovery is not None:
            share = percent(self.maximum_recovery)
            words = say("{w}, recovering at most {s}", "{w}, récupérée à {s} au plus", w=words, s=share)
        return words
