"""What may be asked of accounts, and what is answered."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from app.domain.accounts.contract.prioritisation import Quadrant
from app.domain.kernel.fields import Command, Country, Fields, Latitude, Longitude, Name
from app.domain.kernel.money import Currency, Money, Share
from app.domain.kernel.resource import ExternalId, Stored
from app.domain.market.contract import Headcount, Industry, NotNegative


class AccountFields(Fields):
    """What is known of an account besides its amounts."""

    name: Name
    parent_id: UUID | None = None
    """The account directly above it, such as the group of a subsidiary."""
    industry: Industry | None = None
    """Industry, as the organisation calls it."""
    country: Country | None = None
    """ISO 3166-1 alpha-2 country code."""
    city: Name | None = None
    """City or place."""
    latitude: Latitude | None = None
    """Degrees north, from -90 to 90, up to 6 digits after the point."""
    longitude: Longitude | None = None
    """Degrees east, from -180 to 180, up to 6 digits after the point."""
    employees: Headcount | None = None
    """Number of employees."""
    win_probability: Share | None = None
    """Probability of winning its potential, from 0 to 1."""
    owner_id: UUID | None = None
    """The seller who looks after it."""


class AccountView(AccountFields, Stored):
    """A customer or prospect."""

    annual_revenue: Money | None = None
    """What the account itself earns in twelve months."""
    potential: Money | None = None
    """Revenue that could be won from it in twelve months."""
    expected_value: Money | None = None
    """Potential times win probability; null when one is missing."""
    quadrant: Quadrant | None = None
    """By the organisation's thresholds; null without them, without an input, or in another currency than theirs."""
    currency: Currency
    """Currency of the amounts."""
    external_ids: list[ExternalId]


class CreateAccount(AccountFields, Command):
    """Add a customer or prospect. Without an owner it belongs to the seller who adds it."""

    annual_revenue: NotNegative | None = None
    """What the account itself earns in twelve months, in `currency`."""
    potential: NotNegative | None = None
    """Revenue that could be won from it in twelve months, in `currency`."""
    currency: Currency | None = None
    """Currency of the amounts; the organisation's when absent."""


class UpdateAccount(Command):
    """Change an account; an absent field stays as it is."""

    name: Name | None = Field(default_factory=lambda: None)
    parent_id: UUID | None = Field(default_factory=lambda: None)
    industry: Industry | None = Field(default_factory=lambda: None)
    country: Country | None = Field(default_factory=lambda: None)
    city: Name | None = Field(default_factory=lambda: None)
    latitude: Latitude | None = Field(default_factory=lambda: None)
    longitude: Longitude | None = Field(default_factory=lambda: None)
    employees: Headcount | None = Field(default_factory=lambda: None)
    annual_revenue: NotNegative | None = Field(default_factory=lambda: None)
    potential: NotNegative | None = Field(default_factory=lambda: None)
    currency: Currency | None = Field(default_factory=lambda: None)
    win_probability: Share | None = Field(default_factory=lambda: None)
    owner_id: UUID | None = Field(default_factory=lambda: None)
