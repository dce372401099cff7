"""Compensation plans: components with their tiers, who takes part, and their agreement."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Fields, LongText, Name, OptionalComment, RequiredComment
from app.domain.kernel.money import Amount, Currency, Money, Rate
from app.domain.kernel.resource import AllowedAction, Pay, Stored, View
from app.domain.organisation.contract import JobRole, Team


class CompensationPlanState(StrEnum):
    """Where a compensation plan stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


class AgreementState(StrEnum):
    """Where a seller's agreement to a plan stands."""

    ISSUED = "issued"
    QUERIED = "queried"
    ACKNOWLEDGED = "acknowledged"
    EXPIRED = "expired"


class Trigger(StrEnum):
    """The event that counts as revenue, on its date. The others of a deal are recorded and pay nothing."""

    BOOKING = "booking"
    INVOICE = "invoice"
    PAYMENT = "payment"


class CreditingRule(StrEnum):
    """How it is found out who is credited for a transaction."""

    EXPLICIT_SPLIT = "explicit_split"
    """Whom the transaction itself names."""
    TERRITORY_COVERAGE = "territory_coverage"
    """Who covers the account's territory on the day."""
    ACCOUNT_OWNER = "account_owner"
    """Who owns the account."""


class Measure(StrEnum):
    """What a component measures."""

    CREDITED_REVENUE = "credited_revenue"


class Rollup(StrEnum):
    """Whose credits count."""

    OWN = "own"
    TEAM = "team"
    """Own credits and those of everybody below in the reporting line on the day."""


class Boundary(StrEnum):
    """The tier a value exactly on a bound is said to have reached."""

    LOWER = "lower"
    HIGHER = "higher"


class QuotaBasis(StrEnum):
    """The quota that attainment is measured against."""

    ANNUAL = "annual"
    TO_DATE = "to_date"


Attainment = Annotated[Rate, Field(ge=0, description="Attainment as a ratio; 1 is 100 % of quota.", examples=["1.00"])]
CommissionRate = Annotated[
    Rate, Field(ge=0, description="Paid per unit of credited revenue; 0.05 is 5 %.", examples=["0.05"])
]


class TierFields(Fields):
    """One slice of attainment and its rate."""

    from_attainment: Attainment
    to_attainment: Attainment | None = None
    """Where the slice ends; null on the last, which has no end."""
    rate: CommissionRate


class CommissionFields(Fields):
    """Commission on credited revenue, each slice of attainment at its own rate. Nothing here has a silent default."""

    kind: Literal["commission"]
    code: Code
    name: Name
    measure: Measure
    rollup: Rollup
    tier_rule: Literal["marginal"]
    tier_input: Literal["attainment"]
    boundary: Boundary
    quota_basis: QuotaBasis
    tiers: list[TierFields] = Field(min_length=1, max_length=20)
    """In order, from 0 without gap or overlap."""


class ComponentView(CommissionFields, View):
    """A component of a compensation plan."""

    id: UUID
    ordinal: int
    """Its place in the plan, from 1."""
    tiers: list[TierFields]


class CompensationPlanFields(Fields):
    """What a compensation plan says beside its components."""

    code: Code
    name: Name
    description: LongText | None = None
    fiscal_year: int = Field(ge=1990, le=2200)
    currency: Currency
    trigger: Trigger
    """Transactions of this kind count, and returns, which take back. All plans of a fiscal year say the same."""
    crediting_rules: list[CreditingRule] = Field(min_length=1, max_length=3)
    """In order: the first that names somebody wins."""


class CompensationPlanView(CompensationPlanFields, Stored):
    """A version of a compensation plan."""

    plan_version: int
    based_on_id: UUID | None = None
    """The version this one revises."""
    state: CompensationPlanState
    components: list[ComponentView]
    participant_count: int
    submitted_at: datetime | None = None
    reviewed_at: datetime | None = None
    approved_at: datetime | None = None
    published_at: datetime | None = None
    allowed_actions: list[AllowedAction]


class CreateCompensationPlan(CompensationPlanFields, Command):
    """Author a plan as one document."""

    components: list[CommissionFields] = Field(min_length=1, max_length=20)


class UpdateCompensationPlan(Command):
    """Change a draft; an absent field stays as it is, components are replaced as a whole."""

    name: Name | None = Field(default_factory=lambda: None)
    description: LongText | None = Field(default_factory=lambda: None)
    crediting_rules: list[CreditingRule] | None = Field(default_factory=lambda: None, min_length=1, max_length=3)
    components: list[CommissionFields] | None = Field(default_factory=lambda: None, min_length=1, max_length=20)


class PublishCompensationPlan(OptionalComment):
    """Put the plan in force and issue an agreement to every participant."""

    due_on: date | None = None
    """Until when sellers should acknowledge; 30 days from today unless said."""


class EnrolParticipants(Command):
    """Let sellers take part in a plan; those who do already stay as they are."""

    seller_ids: list[UUID] | None = Field(default=None, max_length=10_000)
    job_role: JobRole | None = None
    """Everybody with this job role on the day."""
    team: Team | None = None
    """Everybody of this team on the day."""
    effective_from: date
    effective_to: date | None = None
    """First day on which they no longer take part; null means open."""
    target_incentive: Amount | None = Field(default=None, ge=Decimal(0))
    """On-target variable pay of each for the year, in the plan's currency."""


class Enrolment(View):
    """What an enrolment did."""

    enrolled: int
    already_enrolled: int


class ParticipantView(View):
    """A seller who takes part in a plan."""

    id: UUID
    plan_id: UUID
    seller_id: UUID
    effective_from: date
    effective_to: date | None = None
    """First day on which it no longer takes part; null means open."""
    target_incentive: Annotated[Money | None, Pay] = None
    """On-target variable pay for the year."""


class AgreementView(Stored):
    """A seller's agreement to a published plan."""

    plan_id: UUID
    seller_id: UUID
    state: AgreementState
    issued_at: datetime
    due_on: date
    """Until when it should be acknowledged."""
    acknowledged_at: datetime | None = None
    allowed_actions: list[AllowedAction]


class QueryAgreement(RequiredComment):
    """Ask about the plan before acknowledging."""


class AnswerAgreement(RequiredComment):
    """Answer the seller's question; the agreement is open to it again."""
