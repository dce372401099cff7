"""What is answered about attainment."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from app.domain.kernel.money import Currency, Money, Rate
from app.domain.kernel.resource import View


class AttainmentFigures(View):
    """Revenue credited against quota in a period and one currency, to date and as it is likely to end."""

    id: UUID
    """Of whom the row is about, and the currency."""
    period_id: UUID
    period_code: str
    currency: Currency
    counted_until: date
    """First day whose credits are not counted: the day after `as_of`, or earlier where the period or the run ends."""
    quota: Money | None = None
    """Quotas of the whole period as accepted last; null without any."""
    quota_to_date: Money | None = None
    """What of it fell due until then; a month that is under way counts by its days."""
    credited_to_date: Money | None = None
    """What was credited in the period until then; null before the first run that counts."""
    credited_unposted: Money | None = None
    """What the newest run credits until `as_of` where it is not posted yet, and may still change; null otherwise."""
    attainment: Rate | None = None
    """Credited over the quota of the whole period; 1 is 100 %."""
    attainment_to_date: Rate | None = None
    """Credited over the quota to date."""
    pace: Money | None = None
    """What the period comes to if it goes on as it went, in the rhythm of the quota."""
    won_since: Money
    """Deals won in the period and until `as_of` that the run does not reach."""
    pipeline: Money
    """Deals that were open on `as_of` and are expected to close in the period, times the probability of their stage."""
    forecast: Money
    """Credited to date, plus won since, plus pipeline."""
    forecast_attainment: Rate | None = None
    """Forecast over the quota of the whole period."""
    run_id: UUID | None = None
    """The run whose credits are counted: of the period's year the official one that reaches furthest, the newest."""
    calculated_at: datetime | None = None
    """When that run was calculated: what was recorded later is not in the figures."""


class AttainmentView(AttainmentFigures):
    """How far a seller is with its revenue quota of a period, in one currency."""

    seller_id: UUID
    seller_name: str


class TeamAttainmentView(AttainmentFigures):
    """How far a team is with its sellers' revenue quotas of a period, in one currency."""

    team: str | None = None
    """The team its sellers are in on the day; null for those in none."""
    sellers: int
    """Sellers with a quota, credits or deals."""


class TerritoryAttainmentView(AttainmentFigures):
    """How far a territory is with the revenue quotas for it, in one currency.

    A quota for no territory counts where its seller covers, by the potential covered there. Credits and deals count
    where their account belongs.
    """

    territory_id: UUID | None = None
    """A territory of the model in force on the day; null for what belongs to none."""
    territory_code: str | None = None
    territory_name: str | None = None
    held_on: date
    """The day on which accounts and sellers are looked up: `as_of`, or the nearest one of the period."""
