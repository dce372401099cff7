"""What performance answers."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.domain.kernel.money import Currency, Money, Rate
from app.domain.kernel.resource import View


class AttainmentView(View):
    """How far a seller is with its revenue quota of a period, in one currency."""

    id: UUID
    """The seller's."""
    seller_id: UUID
    seller_name: str
    period_id: UUID
    period_code: str
    as_of: date
    """Figures to date run from the start of the period to the day before."""
    currency: Currency
    quota: Money
    """Accepted and locked quotas of the whole period."""
    quota_to_date: Money
    """The part of it that fell due by `as_of`; a month that has begun counts by its days."""
    credited_to_date: Money
    """Credits of the newest official run that reaches into the period."""
    attainment: Rate | None = None
    """Credited over the quota of the whole period; 1 is 100 %. Null without a quota."""
    attainment_to_date: Rate | None = None
    """Credited over the quota to date."""
    pace: Money | None = None
    """What the period comes to if it goes on as it went; null before anything is due."""
    run_id: UUID | None = None
    """The run whose credits are counted; null before the first."""
    credited_until: date | None = None
    """First day that the run does not know."""
    calculated_at: datetime | None = None
    """When that run was calculated: what happened later is not in the figures."""
