"""One value for everything: a rate, an amount per unit, a fixed amount, a share of the target."""

from __future__ import annotations

from app.domain.compensation.terms.choices import Pays
from app.domain.compensation.terms.rates.values import Value, value_words
from app.domain.compensation.terms.words import Words
from app.domain.kernel.fields import Fields


class FlatFields(Fields):
    """The same value whatever is measured."""

    pays: Pays
    value: Value

    def words(self, currency: str) -> Words:
        """`5 %`."""
        return value_words(self.pays, self.value, currency)
