"""How a measure becomes money: exactly one of the ways below."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.compensation.terms.choices import Pays
from app.domain.compensation.terms.inputs import InputFields
from app.domain.compensation.terms.rates.curve import CurveFields
from app.domain.compensation.terms.rates.flat import FlatFields
from app.domain.compensation.terms.rates.formula import FormulaFields
from app.domain.compensation.terms.rates.matrix import MatrixFields
from app.domain.compensation.terms.rates.tiers import TiersFields
from app.domain.compensation.terms.words import Words
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields

WAYS = ("flat", "tiers", "curve", "matrix", "formula")


class RateFields(Fields):
    """How the measure becomes money: exactly one of these."""

    flat: FlatFields | None = None
    tiers: TiersFields | None = None
    curve: CurveFields | None = None
    matrix: MatrixFields | None = None
    formula: FormulaFields | None = None

    @property
    def sound(self) -> bool:
        """Whether exactly one way is given, without which there is nothing else to say."""
        return sum(getattr(self, way) is not None for way in WAYS) == 1

    @property
    def chosen(self) -> tuple[str, FlatFields | TiersFields | CurveFields | MatrixFields | FormulaFields]:
        """The way that is given, and its name."""
        return next((way, terms) for way in WAYS if (terms := getattr(self, way)) is not None)

    @property
    def pays(self) -> Pays:
        """What its values mean."""
        return self.chosen[1].pays

    def inputs(self) -> Iterator[tuple[str, InputFields]]:
        """What it is read with, at the pointers below this one."""
        way, terms = self.chosen
        if isinstance(terms, TiersFields | CurveFields):
            yield f"/{way}/input", terms.input
        if isinstance(terms, MatrixFields):
            yield f"/{way}/rows/input", terms.rows.input
            yield f"/{way}/columns/input", terms.columns.input

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """What is unsound about the chosen way; a formula is read with the plan it stands in."""
        way, terms = self.chosen
        if not isinstance(terms, FlatFields | FormulaFields):
            yield from terms.findings(f"{pointer}/{way}")

    def words(self, currency: str) -> Words:
        """The chosen table in words."""
        terms = self.chosen[1]
        return Words(terms.text, terms.text) if isinstance(terms, FormulaFields) else terms.words(currency)
