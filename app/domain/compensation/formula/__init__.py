"""The formula language: a small typed expression over named figures, for pay no ready rule describes.

    formula = read_formula("min(credited * 0.05, EUR(20000))", NAMES, result=money("EUR", 38, 10))
    formula.text                     the canonical text, to store; formula.digest is its SHA-256
    formula.sql({"credited": "a.credited_to_date"})      an expression in the steps' portable subset
    formula.value({"credited": Decimal("1000")})         the same in Decimal; None when it cannot be said
    formula.words("fr")              a sentence
    formula.worked({...}, "en")      every part with what it came to

It knows amounts in a currency, rates, quantities, dates and conditions; `+ - *`, comparisons (chained too), `and or
not`, `a if condition else b`, and min, max, round(a, places), floor, ceil, abs, div(a, b, places), days(from, to),
date(y, m, d) and amounts such as EUR(1000). Units that do not go together, unknown names and values that could
outgrow the exact types are refused when it is read, each with its place. A division by zero is unknown, and so is
what needs it: never zero.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.domain.compensation.formula.canonical import canonical
from app.domain.compensation.formula.decimals import Value, value_of, worked_of
from app.domain.compensation.formula.reading import read_tree
from app.domain.compensation.formula.sql import decimal, sql_of
from app.domain.compensation.formula.syntax import FormulaError
from app.domain.compensation.formula.tree import Node, Number, filled, names_in
from app.domain.compensation.formula.types import BOOL, DATE, NUMERIC, Kind, Type, literal, money, quantity, rate
from app.domain.compensation.formula.words import Language, words_of

__all__ = [
    "BOOL",
    "DATE",
    "Figure",
    "Formula",
    "FormulaError",
    "Kind",
    "Language",
    "Type",
    "Value",
    "literal",
    "money",
    "quantity",
    "rate",
    "read_formula",
]


@dataclass(frozen=True)
class Figure:
    """A figure that a formula may name: its type, and what people call it."""

    type: Type
    en: str
    fr: str


@dataclass(frozen=True)
class Formula:
    """A formula that was read and found sound."""

    tree: Node
    figures: Mapping[str, Figure]
    result: Type

    @property
    def text(self) -> str:
        """The canonical text; equal for formulas that differ in blanks, brackets or needless zeros only."""
        return canonical(self.tree)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def names(self) -> frozenset[str]:
        """The figures it needs."""
        return names_in(self.tree)

    @property
    def nullable(self) -> bool:
        """Whether it can be unknown."""
        return self.tree.type.nullable

    def filled(self, values: Mapping[str, Decimal]) -> Formula:
        """The same with numbers, none below zero, in the place of some names."""
        return Formula(filled(self.tree, values), self.figures, self.result)

    def sql(self, columns: Mapping[str, str]) -> str:
        """The expression over the given columns; a numeric one is DECIMAL(38, places of the result)."""
        expression = sql_of(self.tree, columns)
        return decimal(expression, self.result.scale) if self.result.kind in NUMERIC else expression

    def value(self, values: Mapping[str, Value]) -> Value:
        """What it comes to; None when it cannot be said."""
        return value_of(self.tree, values)

    def words(self, language: Language = "en") -> str:
        """What it says, as a sentence without capital and full stop."""
        return words_of(self.tree, self._labels(language), language)

    def worked(self, values: Mapping[str, Value], language: Language = "en") -> list[tuple[str, Value]]:
        """Every part beyond plain numbers in words, with what it came to; the whole last."""
        labels = self._labels(language)
        worked = worked_of(self.tree, values)
        shown = [step for step in worked[:-1] if not isinstance(step.part, Number)] + worked[-1:]
        return [(words_of(step.part, labels, language), step.value) for step in shown]

    def _labels(self, language: Language) -> dict[str, str]:
        return {name: figure.en if language == "en" else figure.fr for name, figure in self.figures.items()}


def read_formula(text: str, figures: Mapping[str, Figure], result: Type) -> Formula:
    """Read a formula over `figures` whose value is to have the unit and fit the digits of `result`.

    Raises:
        FormulaError: with `code`, `detail`, and `start` and `end` of the place in the text.
    """
    tree = read_tree(text, {name: figure.type for name, figure in figures.items()}, result)
    return Formula(tree, figures, result)
