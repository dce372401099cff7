"""What may be asked of leads, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import NO_NUL, Command, Country, Fields, Name, OptionalComment
from app.domain.kernel.money import Currency
from app.domain.kernel.resource import AllowedAction, ExternalId, Stored
from app.domain.market.contract import Headcount, Industry, NotNegative

Email = Annotated[
    str, NO_NUL, Field(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$", examples=["ada@example.com"])
]
LeadScore = Annotated[int, Field(ge=0, le=100)]


class LeadState(StrEnum):
    """How far a lead has come."""

    NEW = "new"
    QUALIFIED = "qualified"
    CONVERTED = "converted"
    DISQUALIFIED = "disqualified"


class DisqualificationReason(StrEnum):
    """Why a lead is not worked on."""

    NO_NEED = "no_need"
    NO_BUDGET = "no_budget"
    NO_FIT = "no_fit"
    UNREACHABLE = "unreachable"
    DUPLICATE = "duplicate"
    OTHER = "other"


class LeadFields(Fields):
    """What is known of a lead."""

    name: Name
    """The person."""
    company: Name | None = None
    """Where the person works."""
    email: Email | None = None
    city: Name | None = None
    """City or place."""
    country: Country | None = None
    """ISO 3166-1 alpha-2 country code."""
    job_function: Name | None = None
    """What the person does there, such as `Purchasing`."""
    industry: Industry | None = None
    """Industry, as the organisation calls it."""
    employees: Headcount | None = None
    """Number of employees of the company."""
    source: Name | None = None
    """Where the lead comes from, such as `Trade fair`."""
    score: LeadScore | None = None
    """How promising it is, from 0 to 100."""
    owner_id: UUID | None = None
    """The seller who works on it."""


class LeadView(LeadFields, Stored):
    """Somebody who may become a customer."""

    state: LeadState
    disqualified_for: DisqualificationReason | None = None
    account_id: UUID | None = None
    """The account it was converted to."""
    opportunity_id: UUID | None = None
    """The deal that its conversion began."""
    converted_at: datetime | None = None
    external_ids: list[ExternalId]
    allowed_actions: list[AllowedAction]


class CreateLead(LeadFields, Command):
    """Add a lead. Without an owner it belongs to the seller who adds it."""


class UpdateLead(Command):
    """Change a lead that is new or qualified; an absent field stays as it is."""

    name: Name | None = Field(default_factory=lambda: None)
    company: Name | None = Field(default_factory=lambda: None)
    email: Email | None = Field(default_factory=lambda: None)
    city: Name | None = Field(default_factory=lambda: None)
    country: Country | None = Field(default_factory=lambda: None)
    job_function: Name | None = Field(default_factory=lambda: None)
    industry: Industry | None = Field(default_factory=lambda: None)
    employees: Headcount | None = Field(default_factory=lambda: None)
    source: Name | None = Field(default_factory=lambda: None)
    score: LeadScore | None = Field(default_factory=lambda: None)
    owner_id: UUID | None = Field(default_factory=lambda: None)


class DisqualifyLead(OptionalComment):
    """Stop working on a lead."""

    reason: DisqualificationReason


class LeadOpportunity(Command):
    """The deal that begins with the conversion of a lead."""

    name: Name
    product_id: UUID | None = None
    amount: NotNegative | None = None
    """What it is worth, in `currency`."""
    currency: Currency | None = None
    """Currency of the amount; the organisation's when absent."""
    expected_close_on: date | None = None
    """Day by which a decision is expected."""


class ConvertLead(OptionalComment):
    """Make a customer of a lead: of an account that exists, or of a new one with the lead's company and place."""

    account_id: UUID | None = None
    """The account it belongs to; without it one is created from the lead."""
    opportunity: LeadOpportunity | None = None
    """A deal with that account to begin; absent for none."""
