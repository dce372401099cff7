"""What may be asked of accounts and opportunities, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Command, Comment, Country, Fields, Name
from app.domain.kernel.money import Currency, Money, Rate, Share
from app.domain.kernel.resource import ExternalId, Stored, View
from app.domain.market.contract import Headcount, Industry, NotNegative

Latitude = Annotated[Rate, Field(ge=-90, le=90)]
Longitude = Annotated[Rate, Field(ge=-180, le=180)]


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


class PrioritisationBasis(StrEnum):
    """Where the thresholds come from."""

    MEDIAN = "median"
    """The medians over all accounts that had both figures when they were computed."""
    FIXED = "fixed"
    """Values somebody chose."""


class PrioritisationView(Stored):
    """The thresholds that sort accounts into quadrants; one set per organisation."""

    basis: PrioritisationBasis
    potential_threshold: Money
    """From this potential on it is high."""
    win_probability_threshold: Share
    """From this probability on it is high."""
    currency: Currency
    """Accounts in another currency are in no quadrant."""


class SetPrioritisation(Command):
    """Choose the thresholds, or have the medians computed."""

    basis: PrioritisationBasis = PrioritisationBasis.MEDIAN
    potential_threshold: NotNegative | None = None
    """In the organisation's currency; only with fixed thresholds."""
    win_probability_threshold: Share | None = None
    """Only with fixed thresholds."""


class SegmentCoverageView(View):
    """What the accounts of a segment add up to, against its total addressable market."""

    id: UUID
    """The segment's id."""
    code: str
    name: str
    account_count: int
    """Accounts that match the rule now."""
    other_currency_count: int
    """Matching accounts in another currency than the segment's; their potential is left out."""
    potential: Money
    """Sum of the potential of matching accounts in the segment's currency."""
    tam: Money | None = None
    """Total addressable market over twelve months."""


class OpportunityStage(StrEnum):
    """How far a deal is."""

    PROSPECTING = "prospecting"
    ENGAGING = "engaging"
    PROPOSAL = "proposal"
    WON = "won"
    LOST = "lost"


CLOSED = frozenset({OpportunityStage.WON, OpportunityStage.LOST})

STAGE_PROBABILITY: Mapping[OpportunityStage, Decimal] = {
    OpportunityStage.PROSPECTING: Decimal("0.10"),
    OpportunityStage.ENGAGING: Decimal("0.30"),
    OpportunityStage.PROPOSAL: Decimal("0.60"),
    OpportunityStage.WON: Decimal(1),
    OpportunityStage.LOST: Decimal(0),
}
"""How probable it is that a deal at the stage is won; it weighs the pipeline."""


class OpportunityFields(Fields):
    """What a deal is about, and its days."""

    name: Name
    account_id: UUID | None = None
    """The buyer; null while it is not known."""
    product_id: UUID | None = None
    opened_on: date | None = None
    """Day on which work on the deal began; null before."""
    expected_close_on: date | None = None
    """Day by which a decision is expected."""
    closed_on: date | None = None
    """Day on which it was won or lost; null while it is open."""


class OpportunityView(OpportunityFields, Stored):
    """A deal in the pipeline, or what became of it."""

    seller_id: UUID
    """The seller who works on it."""
    stage: OpportunityStage
    amount: Money | None = None
    """What it is worth, or was sold for."""
    probability: Rate
    """Probability of its stage: prospecting 0.10, engaging 0.30, proposal 0.60, won 1, lost 0."""
    weighted_amount: Money | None = None
    """Amount times probability."""
    currency: Currency
    """Currency of the amounts."""
    external_ids: list[ExternalId]


class CreateOpportunity(OpportunityFields, Command):
    """Add a deal to the pipeline, or record one that is closed already."""

    seller_id: UUID | None = None
    """The seller who works on it; the acting seller when absent."""
    stage: OpportunityStage = OpportunityStage.PROSPECTING
    amount: NotNegative | None = None
    """What it is worth, or was sold for, in `currency`."""
    currency: Currency | None = None
    """Currency of the amount; the organisation's when absent."""


class UpdateOpportunity(Command):
    """Change the details of a deal; an absent field stays as it is. The stage has its own action."""

    name: Name | None = Field(default_factory=lambda: None)
    account_id: UUID | None = Field(default_factory=lambda: None)
    seller_id: UUID | None = Field(default_factory=lambda: None)
    product_id: UUID | None = Field(default_factory=lambda: None)
    amount: NotNegative | None = Field(default_factory=lambda: None)
    currency: Currency | None = Field(default_factory=lambda: None)
    opened_on: date | None = Field(default_factory=lambda: None)
    expected_close_on: date | None = Field(default_factory=lambda: None)
    closed_on: date | None = Field(default_factory=lambda: None)


class ChangeOpportunityStage(Command):
    """Move a deal to another stage."""

    stage: OpportunityStage
    amount: NotNegative | None = None
    """What it was sold for; the present amount when absent."""
    closed_on: date | None = None
    """Day on which it was won or lost; only for those stages."""
    comment: Comment | None = None
    """Why; needed to reopen a closed deal."""


class OpportunityStageChangeView(View):
    """One step in the history of a deal."""

    id: UUID
    opportunity_id: UUID
    from_stage: OpportunityStage | None = None
    """Null for the stage it began with."""
    to_stage: OpportunityStage
    amount: Money | None = None
    """What it was worth at that moment."""
    comment: str | None = None
    actor_id: UUID
    """The principal who recorded it."""
    actor_name: str
    occurred_at: datetime
    """When it was recorded."""
