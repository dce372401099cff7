"""What may be asked of what travel costs, and what is answered."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from app.domain.kernel.fields import Command, Fields
from app.domain.kernel.money import Currency, Money, Rate
from app.domain.kernel.resource import Stored
from app.domain.market.contract import NotNegative

Speed = Annotated[Rate, Field(gt=0, le=300)]
Hours = Annotated[Rate, Field(ge=0, le=24)]
Stops = Annotated[int, Field(ge=1, le=100)]
Detour = Annotated[Rate, Field(ge=1, le=10)]


class TravelFields(Fields):
    """How visiting works, besides its prices."""

    average_speed_kmh: Speed = Decimal(60)
    """Kilometres per hour on the road."""
    hours_per_visit: Hours = Decimal(1)
    """Hours spent at an account."""
    visits_per_tour: Stops = 6
    """Accounts visited between leaving home and coming back."""
    detour_factor: Detour = Decimal("1.3")
    """Road kilometres for one kilometre as the crow flies."""


class TravelSettingsView(TravelFields, Stored):
    """What travel costs the organisation; one set per organisation."""

    cost_per_km: Money
    """Of driving a kilometre."""
    hourly_cost: Money
    """Of an hour of a seller's time."""
    currency: Currency
    """That of the organisation."""


class SetTravelSettings(TravelFields, Command):
    """Say what travel costs. A field that is left out takes its default."""

    cost_per_km: NotNegative
    """Of driving a kilometre, in the organisation's currency."""
    hourly_cost: NotNegative
    """Of an hour of a seller's time, in the organisation's currency."""
