"""What may be asked of the priorities among accounts, and what is answered."""

from __future__ import annotations

from enum import StrEnum

from app.domain.kernel.fields import Command, Fields
from app.domain.kernel.money import Currency, Money, Share
from app.domain.kernel.resource import Stored
from app.domain.market.contract import NotNegative


class Quadrant(StrEnum):
    """Where an account stands between its potential and the probability of winning it."""

    PRIORITY = "priority"
    """High potential, likely to be won."""
    BIG_BET = "big_bet"
    """High potential, unlikely to be won."""
    QUICK_WIN = "quick_win"
    """Low potential, likely to be won."""
    DEPRIORITISED = "deprioritised"
    """Low potential, unlikely to be won."""


class PrioritisationBasis(StrEnum):
    """Where the thresholds come from."""

    MEDIAN = "median"
    """The medians over all accounts that had both figures when they were computed."""
    FIXED = "fixed"
    """Values somebody chose."""


class TargetMix(Fields):
    """The share of effort that each quadrant should get; together they are 1."""

    priority: Share
    big_bet: Share
    quick_win: Share
    deprioritised: Share


class PrioritisationView(Stored):
    """The thresholds that sort accounts into quadrants; one set per organisation."""

    basis: PrioritisationBasis
    potential_threshold: Money
    """From this potential on it is high."""
    win_probability_threshold: Share
    """From this probability on it is high."""
    currency: Currency
    """Accounts in another currency are in no quadrant."""
    target_mix: TargetMix | None = None
    """The share of effort that each quadrant should get; null when nobody said."""


class SetPrioritisation(Command):
    """Choose the thresholds, or have the medians computed."""

    basis: PrioritisationBasis = PrioritisationBasis.MEDIAN
    potential_threshold: NotNegative | None = None
    """In the organisation's currency; only with fixed thresholds."""
    win_probability_threshold: Share | None = None
    """Only with fixed thresholds."""
    target_mix: TargetMix | None = None
    """The share of effort that each quadrant should get, adding up to 1; the present one stays when absent."""
