"""What is answered about attainment."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.domain.kernel.money import Currency, Money, Rate
from app.domain.kernel.resource import View


class AttainmentView(View):
    """How far a seller is with its revenue quota of a period, in one currency."""

    id: UUID
    """Of the seller and the currency."""
    seller_id: UUID
    seller_name: str
    period_id: UUID
    period_code: str
    currency: Currency
    counted_until: date
    """First day that is not counted: the day after `as_of`, or earlier where the period or the run ends."""
    quota: Money | None = None
    """Accepted and locked quotas of the whole period; null without any."""
    quota_to_date: Money | None = None
    """What of it fell due until then; a month that is under way counts by its days."""
    credited_to_date: Money | None = None
    """What was credited in the period until then; null before the first run."""
    attainment: Rate | None = None
    """Credited over the quota of the whole period; 1 is 100 %."""
    attainment_to_date: Rate | None = None
    """Credited over the quota to date."""
    pace: Money | None = None
    """What the period comes to if it goes on as it went, in the rhythm of the quota."""
    run_id: UUID | None = None
    """The run whose credits are counted: of the period's year the official one that reaches furthest, the newest."""
    calculated_at: datetime | None = None
    """When that run was calculated: what was recorded later is not in the figures."""
