"""Gates: what must be reached before a component pays."""

from __future__ import annotations

from app.domain.compensation.terms.inputs import InputFields
from app.domain.compensation.terms.rates.values import Bound, bound_words
from app.domain.compensation.terms.words import Words, percent, say
from app.domain.kernel.fields import Fields
from app.domain.kernel.money import Share


class GateFields(Fields):
    """A threshold of this or another component. Of several that are missed, the strictest counts."""

    input: InputFields
    at_least: Bound
    below: Share
    """The part that is still paid when it is missed; 0 pays nothing."""

    def words(self) -> Words:
        """`pays only when attainment of REVENUE is at least 80 %`."""
        reached = bound_words(self.input.figure, self.at_least)
        if not self.below:
            return say(
                "pays only when {input} is at least {reached}",
                "n'est versé que si {input} est d'au moins {reached}",
                input=self.input.words(),
                reached=reached,
            )
        return say(
            "pays {below} while {input} is below {reached}",
            "est versé à {below} tant que {input} est sous {reached}",
            below=percent(self.below),
            input=self.input.words(),
            reached=reached,
        )
