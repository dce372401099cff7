"""What is answered about the books of sellers and about how quadrants performed; what may be asked of snapshots."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from app.domain.accounts.contract.prioritisation import Quadrant
from app.domain.kernel.fields import Command, Name
from app.domain.kernel.money import Currency, Money, Rate, Share
from app.domain.kernel.resource import View


class PortfolioView(View):
    """One quadrant of the book of a seller: what is in it, and what share of the seller's effort it gets."""

    id: UUID
    """Of the seller and the quadrant."""
    seller_id: UUID
    seller_name: str
    quadrant: Quadrant | None = None
    """Null stands for the accounts that are in no quadrant."""
    account_count: int
    """Accounts that the seller owns."""
    potential: Money
    """Their potential; of accounts in another currency nothing is counted."""
    expected_value: Money
    """Their potential times win probability."""
    touches: int
    """Activities that the seller did in the window with accounts of the quadrant, its own or not."""
    share_of_effort: Rate | None = None
    """Touches over all touches of the seller in the window; null without any."""
    target_share: Share | None = None
    """What the target mix wants; null without a target mix."""
    gap: Rate | None = None
    """Share of effort minus target share; above 0 it gets more than it should."""
    currency: Currency


class SnapshotQuadrants(Command):
    """Keep where every account stands today, to see later how each quadrant performed."""

    name: Name


class QuadrantSnapshotView(View):
    """Where accounts stood on a day."""

    id: UUID
    name: Name
    taken_on: date
    taken_at: datetime
    potential_threshold: Money
    """The thresholds of that moment."""
    win_probability_threshold: Share
    currency: Currency
    account_count: int
    """Accounts that were in a quadrant."""
    unsorted_count: int
    """Accounts that were in none: a figure was missing, or their currency was another."""


class QuadrantPlacementView(View):
    """Where one account stood in a snapshot."""

    id: UUID
    snapshot_id: UUID
    account_id: UUID
    quadrant: Quadrant
    potential: Money
    win_probability: Share
    expected_value: Money
    """Potential times win probability."""
    currency: Currency


class Verdict(StrEnum):
    """Whether a quadrant won more of its deals than the others together."""

    BETTER = "better"
    """The whole interval of the difference is above 0."""
    WORSE = "worse"
    """The whole interval of the difference is below 0."""
    OPEN = "open"
    """The interval holds 0: the data do not decide."""


class QuadrantPerformanceView(View):
    """How the accounts that stood in a quadrant performed since, and against the rest. See `docs/scorecards.md`."""

    id: UUID
    """Of the snapshot and the quadrant."""
    snapshot_id: UUID
    quadrant: Quadrant
    taken_on: date
    """First day that counts."""
    until: date
    """First day that no longer counts."""
    account_count: int
    deals_closed: int
    """Deals with these accounts that were won or lost in the time."""
    deals_won: int
    win_rate: Share | None = None
    """Won over closed; null without a closed deal."""
    win_rate_low: Share | None = None
    """Lower end of the 95 % Wilson interval of the win rate."""
    win_rate_high: Share | None = None
    """Upper end of it."""
    won_revenue: Money
    """Amounts of the deals won."""
    other_currency_count: int
    """Deals won in another currency than the snapshot's; their amounts are left out."""
    expected_value: Money
    """Potential times win probability at the time, over twelve months."""
    actual_to_expected: Rate | None = None
    """Won revenue over the expected value; null when nothing was expected."""
    won_revenue_per_account: Money | None = None
    """Rounded to cents; null without an account."""
    touches: int
    """Activities done with these accounts in the time."""
    won_revenue_per_touch: Money | None = None
    """Rounded to cents; null without a touch."""
    rest_win_rate: Share | None = None
    """Win rate of the other quadrants together."""
    win_rate_difference: Rate | None = None
    """Win rate minus that of the rest; null when either is."""
    difference_low: Rate | None = None
    """Lower end of its 95 % interval, by Newcombe's method from the two Wilson intervals."""
    difference_high: Rate | None = None
    """Upper end of it."""
    verdict: Verdict | None = None
    """What the interval of the difference says; null without one."""
    rest_won_revenue_per_account: Money | None = None
    """Rounded to cents; null when the rest has no account."""
    currency: Currency
