"""What may be asked of the organisation, and what it answers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import NO_NUL, Code, Command, Fields, Latitude, Longitude, Name, ShortText
from app.domain.kernel.money import SPOT, Currency, FxRate, RateName, Share
from app.domain.kernel.permissions import Role
from app.domain.kernel.resource import AllowedAction, Stored, View

Email = Annotated[str, Field(max_length=320, pattern=r"^[^@\s\x00]+@[^@\s\x00]+$", examples=["ada@example.com"])]
JobRole = Annotated[
    str, NO_NUL, Field(min_length=1, max_length=100, description="Job role.", examples=["Account executive"])
]
Skill = Annotated[Code, Field(description="What is mastered, as the organisation calls it.", examples=["roi-selling"])]
SkillLevel = Annotated[int, Field(ge=1, le=5)]
Team = Annotated[str, NO_NUL, Field(min_length=1, max_length=100, description="Team or office.", examples=["Paris"])]


class PeriodKind(StrEnum):
    """How long a fiscal period is."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


class PeriodState(StrEnum):
    """Whether figures of the period may still change."""

    OPEN = "open"
    CLOSED = "closed"


class CalendarPattern(StrEnum):
    """How a fiscal year is cut into months."""

    CALENDAR_MONTHS = "calendar_months"
    WEEKS_4_4_5 = "weeks_4_4_5"


class OrganisationFields(Fields):
    """What an organisation decides for itself."""

    name: Name
    currency: Currency
    """Currency in which the organisation plans and reports."""
    managers_see_pay: bool = True
    """Whether a manager sees the pay of its reporting line."""
    quota_over_assignment: Share
    """How much children's quotas may add up to above their parent; 0.10 is 10 %."""


class OrganisationView(OrganisationFields, Stored):
    """The organisation the caller belongs to."""


class UpdateOrganisation(Command):
    """Change settings; an absent field stays as it is."""

    name: Name | None = Field(default_factory=lambda: None)
    managers_see_pay: bool | None = Field(default_factory=lambda: None)
    quota_over_assignment: Share | None = Field(default_factory=lambda: None)


class SellerFields(Fields):
    """A seller's own data."""

    name: Name
    email: Email | None = None
    employee_number: Code | None = None
    hired_on: date
    """First day with the organisation."""
    latitude: Latitude | None = None
    """Where the seller sets out from: degrees north, from -90 to 90, up to 6 digits after the point."""
    longitude: Longitude | None = None
    """Where the seller sets out from: degrees east, from -180 to 180, up to 6 digits after the point."""


class PositionFields(Fields):
    """What a seller is for a time."""

    job_role: JobRole
    team: Team
    manager_id: UUID | None = None
    """The seller this one reports to; null at the top."""


class SellerView(SellerFields, Stored):
    """A seller, with the position it holds today."""

    left_on: date | None = None
    """First day no longer with the organisation; null while it stays."""
    placeholder: bool
    """Whether it is nobody yet: an open position that holds what a leaver left until somebody takes over."""
    job_role: JobRole | None = None
    team: Team | None = None
    manager_id: UUID | None = None


class CreateSeller(SellerFields, Command):
    """Hire a seller into its first position."""

    position: PositionFields


class UpdateSeller(Command):
    """Correct a seller's own data; an absent field stays as it is."""

    name: Name | None = Field(default_factory=lambda: None)
    email: Email | None = Field(default_factory=lambda: None)
    employee_number: Code | None = Field(default_factory=lambda: None)
    latitude: Latitude | None = Field(default_factory=lambda: None)
    longitude: Longitude | None = Field(default_factory=lambda: None)


class MoveSeller(PositionFields, Command):
    """Give a seller another position from a day on; the present one ends there."""

    effective_from: date


class EndSeller(Command):
    """A seller leaves; its position ends with it."""

    left_on: date
    """First day no longer with the organisation."""


class SkillFields(Fields):
    """How well a seller masters something."""

    level: SkillLevel
    """From 1, a beginner, to 5, who teaches others."""


class SellerSkillView(SkillFields, Stored):
    """A skill of a seller, such as a language, a deal size, a segment or a method."""

    seller_id: UUID
    skill: Skill


class CreateSellerSkill(SkillFields, Command):
    """Record a skill of a seller."""

    seller_id: UUID
    skill: Skill


class UpdateSellerSkill(SkillFields, Command):
    """Change how well a seller masters a skill."""


class PositionView(PositionFields, View):
    """What a seller was, from when to when."""

    id: UUID
    seller_id: UUID
    effective_from: date
    effective_to: date | None = None
    """First day on which it no longer holds; null means open."""


class FiscalPeriodView(Stored):
    """A month, quarter, half or year of the fiscal calendar; the range is half open."""

    code: str = Field(examples=["2026-Q1"])
    kind: PeriodKind
    fiscal_year: int
    ordinal: int
    """Place within the year among periods of its kind, from 1."""
    start_date: date
    end_date: date
    """First day after the period."""
    state: PeriodState
    allowed_actions: list[AllowedAction]


class CreateFiscalYear(Command):
    """Set up a fiscal year with its months, quarters and halves."""

    fiscal_year: int = Field(ge=1990, le=2200, description="The year in which it ends.")
    start_date: date
    pattern: CalendarPattern = CalendarPattern.CALENDAR_MONTHS


class FxRateFields(Fields):
    """An exchange rate and when it holds."""

    name: RateName = SPOT
    """Of which rates it is one: those of the day, or such as a plan is converted with."""
    from_currency: Currency
    to_currency: Currency
    rate: FxRate
    """Units of `to_currency` for one of `from_currency`."""
    effective_from: date
    effective_to: date | None = None
    """First day on which it no longer holds; null means open."""


class FxRateView(FxRateFields, View):
    """A dated exchange rate."""

    id: UUID


class CreateFxRate(FxRateFields, Command):
    """Record an exchange rate; an open one for the pair ends where this begins."""


class PrincipalKind(StrEnum):
    """A human being or a program."""

    PERSON = "person"
    SERVICE = "service"


class PrincipalFields(Fields):
    """Who may call, and as what."""

    kind: PrincipalKind
    name: Name
    email: Email | None = None
    roles: list[Role] = Field(min_length=1, max_length=8)
    seller_id: UUID | None = None
    """The seller this person is, if any: decides what it sees and accepts."""


class PrincipalView(PrincipalFields, Stored):
    """Somebody or something that may call the service."""

    active: bool


class CreatePrincipal(PrincipalFields, Command):
    """Let a person or a program in."""

    issuer: ShortText | None = Field(default=None, description="OIDC issuer of the person's tokens.")
    subject: ShortText | None = Field(default=None, description="OIDC subject of the person's tokens.")


class UpdatePrincipal(Command):
    """Correct a principal or shut it out; an absent field stays as it is. Other roles need another principal."""

    name: Name | None = Field(default_factory=lambda: None)
    email: Email | None = Field(default_factory=lambda: None)
    active: bool | None = Field(default_factory=lambda: None)
    """False shuts it out at once, with all its keys and tokens."""


class ApiKeyView(View):
    """An API key; its secret is never shown again."""

    id: UUID
    principal_id: UUID
    name: str
    prefix: str
    """The readable beginning of the key."""
    scopes: list[str] | None = None
    """Permissions the key is narrowed to; null means all of its principal."""
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    created_at: datetime


class CreateApiKey(Command):
    """Issue a key for a principal."""

    principal_id: UUID
    name: Name
    scopes: list[ShortText] | None = Field(default=None, max_length=100)
    expires_at: datetime | None = None


class IssuedApiKey(View):
    """A new key with its secret, shown this once."""

    id: UUID
    key: str
    """Send it as `Authorization: Bearer …`; it cannot be read again."""
