"""Gates: what must be reached, or not exceeded, before a component pays."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.compensation.terms.inputs import InputFields
from app.domain.compensation.terms.rates.values import Bound, bound_words
from app.domain.compensation.terms.words import Words, join, percent, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields
from app.domain.kernel.money import Share


class GateFields(Fields):
    """A bound of a figure of this or another component. Of several that are missed, the strictest counts."""

    input: InputFields
    at_least: Bound | None = None
    at_most: Bound | None = None
    """Such as the tenth place, or a discount; with at_least, the figure lies between the two."""
    below: Share
    """The part that is still paid when it is missed; 0 pays nothing."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`gate_bound` where there is no bound, or nothing between the two."""
        if self.at_least is None and self.at_most is None:
            yield FieldError(pointer, "gate_bound", "Give at_least, at_most or both.")
        elif self.at_least is not None and self.at_most is not None and self.at_most < self.at_least:
            yield FieldError(f"{pointer}/at_most", "gate_bound", "It is not below at_least.")

    def words(self) -> Words:
        """`pays only when attainment of REVENUE is at least 80 %`."""
        figure, bounds = self.input.figure, []
        if self.at_least is not None:
            least = bound_words(figure, self.at_least)
            bounds.append(say("at least {n}", "d'au moins {n}", n=least))
        if self.at_most is not None:
            bounds.append(say("at most {n}", "d'au plus {n}", n=bound_words(figure, self.at_most)))
        if not self.below:
            return say(
                "pays only when {input} is {bounds}",
                "n'est versé que si {input} est {bounds}",
                input=self.input.words(),
                bounds=join(bounds, ", "),
            )
        return say(
            "pays {below} unless {input} is {bounds}",
            "est versé à {below} sauf si {input} est {bounds}",
            below=percent(self.below),
            input=self.input.words(),
            bounds=join(bounds, ", "),
        )
