"""How the shares of a transaction are stored: as bounds that tile [0, 1], so that parts always add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from app.domain.compensation.contract.transactions import SplitFields
from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.kernel.money import plain

define(
    "splits_do_not_tile",
    Invalid,
    "The shares do not add up to 1",
    "Les parts ne totalisent pas 1",
    "Give shares with up to six digits whose sum is exactly 1.",
)


@dataclass(frozen=True)
class Bounds:
    """A seller's part of the interval [0, 1]."""

    ordinal: int
    seller_id: UUID
    low: Decimal
    high: Decimal


def tile(splits: Sequence[SplitFields]) -> Iterator[Bounds]:
    """The bounds of shares in their order; refuses with `splits_do_not_tile` unless they add up to exactly 1."""
    if splits and sum((split.share for split in splits), Decimal(0)) != 1:
        total = sum((split.share for split in splits), Decimal(0))
        raise refuse("splits_do_not_tile", f"The shares add up to {plain(total)}.", pointer="/splits")
    low = Decimal(0)
    for ordinal, split in enumerate(splits, 1):
        yield Bounds(ordinal, split.seller_id, low, low + split.share)
        low += split.share
