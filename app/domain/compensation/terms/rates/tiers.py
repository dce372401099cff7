"""Tiers: each slice at its own value, or all at the value of the tier reached."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from pydantic import Field

from app.domain.compensation.terms.choices import RANKS, Boundary, InputFigure, Pays, Standing
from app.domain.compensation.terms.inputs import InputFields
from app.domain.compensation.terms.rates.values import Bound, Value, bound_words, value_words
from app.domain.compensation.terms.words import Words, join, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields
from app.domain.kernel.money import plain


class TierMethod(StrEnum):
    """What the value of a tier applies to."""

    MARGINAL = "marginal"
    """Each slice at its own value."""
    WHOLE = "whole"
    """Retroactive: the tier reached applies to everything."""


class TierFields(Fields):
    """One tier and its value."""

    lower: Bound
    upper: Bound | None = None
    """Where the tier ends; null on the last, which has no end."""
    value: Value


class TiersFields(Fields):
    """Tiers of a figure. Nothing here has a silent default."""

    method: TierMethod
    input: InputFields
    boundary: Boundary
    pays: Pays
    tiers: list[TierFields] = Field(min_length=1, max_length=30)
    """In order, from 0 without gap or overlap."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """Tiers that do not cover from 0 to infinity once, and what cannot be paid slice by slice."""
        yield from tier_findings(self.tiers, f"{pointer}/tiers")
        if self.method is TierMethod.WHOLE:
            if self.input.figure in RANKS and self.input.ties is None:
                text = "Say what sellers get who share a place: share or better."
                yield FieldError(f"{pointer}/input/ties", "ties_missing", text)
            return
        if self.pays in (Pays.AMOUNT, Pays.TARGET_SHARE):
            text = (
                "A slice has no fixed amount or share of the target: pay a rate, per unit or base_rate, or use whole."
            )
            yield FieldError(f"{pointer}/pays", "marginal_value", text)
        elsewhere = (self.input.component is not None and self.input.standing is None) or self.input.earlier is not None
        if elsewhere or self.input.figure not in (InputFigure.MEASURED, InputFigure.ATTAINMENT):
            text = "Slices are of the component's own measure: use measured or attainment, or use whole."
            yield FieldError(f"{pointer}/input", "marginal_input", text)
        if self.input.standing is Standing.BEFORE_DEAL:
            text = "A deal is cut where the sum with it crosses a bound: use with_deal, or use whole."
            yield FieldError(f"{pointer}/input/standing", "marginal_standing", text)

    def words(self, currency: str) -> Words:
        """`by attainment, each slice at its own: up to 100 %: 5 %; above: 8 %`."""
        figure = self.input.figure
        said = []
        for tier in self.tiers:
            value = value_words(self.pays, tier.value, currency)
            low = bound_words(figure, tier.lower)
            if tier.upper is None:
                said.append(say("above {low}: {value}", "au-delà de {low} : {value}", low=low, value=value))
            else:
                high = bound_words(figure, tier.upper)
                said.append(
                    say("{low} to {high}: {value}", "de {low} à {high} : {value}", low=low, high=high, value=value)
                )
        return say(_HOW[self.method].en, _HOW[self.method].fr, input=self.input.words(), tiers=join(said))


_HOW = {
    TierMethod.MARGINAL: Words(
        "by {input}, each slice at its own: {tiers}", "selon {input}, chaque tranche à son taux : {tiers}"
    ),
    TierMethod.WHOLE: Words(
        "by {input}, the tier reached for everything: {tiers}", "selon {input}, le palier atteint pour tout : {tiers}"
    ),
}


def tier_findings(tiers: list[TierFields], pointer: str) -> Iterator[FieldError]:
    """Every place where tiers do not cover from 0 to infinity once, with a code of its own.

    `tier_gap` and `tier_overlap` between neighbours, `tier_empty` for one that ends before it begins, `tier_start` when
    the first does not begin at 0, `tier_end` when the last ends or an earlier one does not.
    """
    expected = tiers[0].lower if tiers else None
    if tiers and tiers[0].lower != 0:
        yield FieldError(f"{pointer}/0/lower", "tier_start", "The first tier begins at 0.")
    for n, tier in enumerate(tiers):
        here, last = f"{pointer}/{n}", n == len(tiers) - 1
        if expected is not None and tier.lower > expected:
            yield FieldError(f"{here}/lower", "tier_gap", f"Nothing is said from {plain(expected)} on.")
        if expected is not None and tier.lower < expected:
            yield FieldError(f"{here}/lower", "tier_overlap", f"The tier before ends only at {plain(expected)}.")
        if tier.upper is not None and tier.upper <= tier.lower:
            yield FieldError(f"{here}/upper", "tier_empty", "A tier ends above where it begins.")
        if (tier.upper is None) != last:
            text = "The last tier has no end." if last else "Only the last tier has no end."
            yield FieldError(f"{here}/upper", "tier_end", text)
        expected = tier.upper
