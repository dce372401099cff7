"""A curve through points, linear between them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise

from pydantic import Field

from app.domain.compensation.terms.choices import Pays
from app.domain.compensation.terms.inputs import InputFields
from app.domain.compensation.terms.rates.values import Bound, Value, bound_words, value_words
from app.domain.compensation.terms.words import Words, join, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields


class Outside(StrEnum):
    """What lies before the first point and after the last."""

    FLAT = "flat"
    """The value of the nearest point."""
    EXTRAPOLATE = "extrapolate"
    """The line through the two nearest points goes on, never below zero."""


class PointFields(Fields):
    """A point of a curve."""

    at: Bound
    value: Value


class CurveFields(Fields):
    """A payout curve: linear between points."""

    input: InputFields
    outside: Outside
    pays: Pays
    points: list[PointFields] = Field(min_length=2, max_length=50)
    """In order."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`points_out_of_order` where a point does not lie after the one before."""
        for n, (before, point) in enumerate(pairwise(self.points), 1):
            if point.at <= before.at:
                text = "Each point lies after the one before."
                yield FieldError(f"{pointer}/points/{n}/at", "points_out_of_order", text)

    def words(self, currency: str) -> Words:
        """`by attainment on a line through 80 %: 50 % of target incentive; …`."""
        points = join(
            say(
                "{at}: {value}",
                "{at} : {value}",
                at=bound_words(self.input.figure, point.at),
                value=value_words(self.pays, point.value, currency),
            )
            for point in self.points
        )
        beyond = _BEYOND[self.outside]
        return say(
            "by {input} on a line through {points}, {beyond}",
            "selon {input} sur une ligne par {points}, {beyond}",
            input=self.input.words(),
            points=points,
            beyond=beyond,
        )


_BEYOND = {
    Outside.FLAT: Words("flat outside", "constante au-delà"),
    Outside.EXTRAPOLATE: Words("going on outside", "prolongée au-delà"),
}
