"""How values and bounds of a rate are said."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from app.domain.compensation.terms.choices import InputFigure, Pays
from app.domain.compensation.terms.inputs import RATIOS
from app.domain.compensation.terms.words import Words, money, number, percent, say
from app.domain.kernel.money import Figure

Bound = Annotated[
    Figure,
    Field(ge=0, description="In the unit of the input: an amount, a count, or a ratio of which 1 is 100 %."),
]
Value = Annotated[Figure, Field(ge=0, description="What it pays, in the unit that `pays` names.")]


def value_words(pays: Pays, value: Decimal, currency: str) -> Words:
    """`5 %`, `500 EUR per unit`, `80 % of target incentive`."""
    if pays is Pays.RATE:
        return percent(value)
    if pays is Pays.PER_UNIT:
        return say("{n} for each", "{n} l'unité", n=money(value, currency))
    if pays is Pays.AMOUNT:
        return money(value, currency)
    if pays is Pays.TARGET_SHARE:
        return say("{n} of target incentive", "{n} de la prime cible", n=percent(value))
    return say("{n} times the base rate", "{n} fois le taux de base", n=number(value))


def bound_words(figure: InputFigure, bound: Decimal) -> Words:
    """`80 %` of a ratio, `100,000` of anything else."""
    return percent(bound) if figure in RATIOS else number(bound)
