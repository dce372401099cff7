"""What is answered about the cost of covering territories."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.kernel.money import Amount, Currency, Money, Share
from app.domain.kernel.resource import View


class TerritoryCostView(View):
    """What it takes a seller to visit its part of a territory: as the cadence asks for, and as it was in the twelve
    months up to `as_of`. Distances that were not driven are estimates and called so; times and costs use the travel
    settings and are null without them."""

    id: UUID
    """Of the territory and the seller."""
    territory_id: UUID
    territory_code: str
    territory_name: str
    model_id: UUID
    held_on: date
    """The day whose accounts and sellers are the territory's: `as_of`, or the model's nearest day."""
    as_of: date
    """The last day of what happened."""
    seller_id: UUID | None = None
    """Null for the part that nobody covers."""
    seller_name: str | None = None
    share: Share
    """Share of the territory the seller covers; 0 where it only visited or sold."""
    currency: Currency
    """The organisation's; deals in others are in no sum."""
    travel_settings_id: UUID | None = None
    """The prices and speeds used."""
    ideal_visits: Amount
    """Visits a year the cadence policies ask for, times the share."""
    actual_visits: int
    """Visits to the accounts that the seller has done."""
    located_accounts: int
    """Accounts of the territory whose coordinates are known."""
    area_km2: Amount | None = None
    """Area over which they spread, in square kilometres."""
    mean_distance_km: Amount | None = None
    """From the seller's home to an account to be visited, as the crow flies; null without the home's coordinates."""
    tours: Amount | None = None
    """Ideal visits over visits per tour, of which there are no more than located accounts."""
    estimated_local_km: Amount | None = None
    """Estimate of the way between the accounts: 0.7124 · √(located accounts · area) for a visit to each of them."""
    estimated_line_haul_km: Amount | None = None
    """Estimate of the way there and back: twice the mean distance for each tour."""
    estimated_distance_km: Amount | None = None
    """Estimate of the way of the ideal visits on the road: both, times the detour factor."""
    actual_distance_km: Amount
    """Sum of the distances recorded with the actual visits."""
    visits_without_distance: int
    """Actual visits for which none was recorded."""
    ideal_hours: Amount | None = None
    """On the road and at the accounts, for the ideal visits."""
    actual_hours: Amount | None = None
    """On the road and at the accounts, for the actual visits."""
    ideal_travel_cost: Money | None = None
    ideal_time_cost: Money | None = None
    ideal_cost: Money | None = None
    """Travel and time of the ideal visits."""
    actual_travel_cost: Money | None = None
    actual_time_cost: Money | None = None
    actual_cost: Money | None = None
    """Travel and time of the actual visits."""
    won_revenue: Money
    """Deals of the seller with the accounts, won in the twelve months up to `as_of`."""
    cost_to_serve: Amount | None = None
    """`actual_cost` over `won_revenue`; 0.02 is 2 %. Null without revenue."""
    quota: Money | None = None
    """The seller's accepted and locked revenue quotas of the fiscal year that holds `as_of`, divided over its
    territories by the potential it covers there."""
    ideal_cost_of_quota: Amount | None = None
    """`ideal_cost` over `quota`; 0.02 is 2 %."""
