"""What is answered about the quality of territories."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from app.domain.kernel.money import Amount, Currency, Money, Rate
from app.domain.kernel.resource import View


class Grade(StrEnum):
    """Where a territory stands on a figure among the territories of its model."""

    HIGH = "high"
    """In the upper third."""
    MEDIUM = "medium"
    LOW = "low"
    """In the lower third."""


class TerritoryQualityView(View):
    """What a territory is worth, from the accounts in itself and not in those below it. A grade is null where its
    figure is, and for a territory without accounts."""

    id: UUID
    """The territory's id."""
    territory_id: UUID
    territory_code: str
    territory_name: str
    model_id: UUID
    held_on: date
    """The day whose accounts and sellers are the territory's: `as_of`, or the model's nearest day."""
    as_of: date
    """The last day of what happened."""
    currency: Currency
    """The organisation's; what is in others is in no sum."""
    account_count: int
    accounts_in_other_currencies: int
    """Accounts whose potential is in another currency and hence not in `potential`."""
    potential: Money
    """Sum of the accounts' potential."""
    potential_grade: Grade | None = None
    workload: Amount
    """Touches a year that the cadence policies ask for."""
    accounts_without_cadence: int
    """Accounts for which no policy is, and hence not in `workload`."""
    workload_grade: Grade | None = None
    """High is much to do; it does not count in the overall grade."""
    account_quality: Rate | None = None
    """Mean score from 0 to 100 on the published scorecard scored last; null before any."""
    scored_accounts: int
    """Accounts that have such a score."""
    account_quality_grade: Grade | None = None
    located_accounts: int
    """Accounts whose coordinates are known."""
    area_km2: Amount | None = None
    """Area over which they spread, in square kilometres; 0 on one line, null without any."""
    density: Amount | None = None
    """Located accounts per 1,000 square kilometres of that area."""
    density_grade: Grade | None = None
    won_revenue: Money
    """Deals with the accounts won in the twelve months up to `as_of`."""
    won_revenue_before: Money
    """Deals with them won in the twelve months before those."""
    growth: Amount | None = None
    """`won_revenue` over `won_revenue_before`, less 1; 0.25 is 25 %. Null without any before."""
    growth_grade: Grade | None = None
    open_pipeline: Money
    """Deals with the accounts that are open now."""
    weighted_pipeline: Money | None = None
    """The same, each times the share of closed deals that were won among those that ever stood in its stage, or
    among all for a stage without any; null before any deal was closed."""
    quota: Money | None = None
    """Accepted and locked revenue quotas of its sellers for the fiscal year that holds `as_of`; a seller's is divided
    over its territories by the potential it covers there. Null without any."""
    funnel_coverage: Amount | None = None
    """`weighted_pipeline` over `quota`."""
    funnel_coverage_grade: Grade | None = None
    points: int
    """2 for each high, 1 for each medium grade, workload aside."""
    graded: int
    """How many grades that counts."""
    overall_grade: Grade | None = None
    """High from more than 4/3 points a grade on, low below 2/3; null where nothing is graded."""
