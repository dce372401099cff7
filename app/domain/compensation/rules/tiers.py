"""What makes a list of tiers sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.domain.compensation.contract.plans import TierFields
from app.domain.kernel.errors import FieldError
from app.domain.kernel.money import plain


def tier_findings(tiers: Sequence[TierFields], pointer: str) -> Iterator[FieldError]:
    """Every place where tiers do not cover attainment from 0 to infinity once, with a code of its own.

    `tier_gap` and `tier_overlap` between neighbours, `tier_empty` for a slice that ends before it begins,
    `tier_start` when the first does not begin at 0, `tier_end` when the last ends or an earlier one does not.
    """
    expected = tiers[0].from_attainment if tiers else None
    if tiers and tiers[0].from_attainment != 0:
        yield FieldError(f"{pointer}/0/from_attainment", "tier_start", "The first tier begins at 0.")
    for n, tier in enumerate(tiers):
        here, last = f"{pointer}/{n}", n == len(tiers) - 1
        if expected is not None and tier.from_attainment > expected:
            yield FieldError(f"{here}/from_attainment", "tier_gap", f"Nothing is said from {plain(expected)} on.")
        if expected is not None and tier.from_attainment < expected:
            yield FieldError(
                f"{here}/from_attainment", "tier_overlap", f"The tier before ends only at {plain(expected)}."
            )
        if tier.to_attainment is not None and tier.to_attainment <= tier.from_attainment:
            yield FieldError(f"{here}/to_attainment", "tier_empty", "A tier ends above where it begins.")
        if (tier.to_attainment is None) != last:
            text = "The last tier has no end." if last else "Only the last tier has no end."
            yield FieldError(f"{here}/to_attainment", "tier_end", text)
        expected = tier.to_attainment
