"""Compensation plans: components with their tiers, who takes part, and their agreement."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.compensation.terms.component import ComponentFields
from app.domain.compensation.terms.constants import ConstantFields
from app.domain.compensation.terms.draw import DrawFields
from app.domain.compensation.terms.eligibility import EligibilityFields, PayMixFields
from app.domain.kernel.fields import Code, Command, Fields, LongText, Name, OptionalComment, RequiredComment
from app.domain.kernel.money import SPOT, Amount, Currency, Money, RateName
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


class InWordsView(View):
    """One sentence in both languages."""

    en: str
    fr: str


class ComponentView(ComponentFields, View):
    """A component of a compensation plan."""

    id: UUID
    ordinal: int
    """Its place in the plan, from 1."""
    in_words: list[InWordsView]
    """What it says, sentence by sentence, as it was saved."""


class CompensationPlanFields(Fields):
    """What a compensation plan says beside its components."""

    code: Code
    name: Name
    description: LongText | None = None
    fiscal_year: int = Field(ge=1990, le=2200)
    currency: Currency
    exchange_rates: RateName = SPOT
    """By which rates amounts in other currencies are converted: `SPOT`, those of the day, or such as `BUDGET`."""


class CompensationPlanView(CompensationPlanFields, Stored):
    """A version of a compensation plan."""

    plan_version: int
    based_on_id: UUID | None = None
    """The version this one revises."""
    state: CompensationPlanState
    components: list[ComponentView]
    draws: list[DrawFields]
    """Advances and guarantees beside the components."""
    constants: list[ConstantFields]
    """Numbers that its formulas name."""
    eligibility: EligibilityFields | None = None
    """Who takes part; null leaves it to who enrols."""
    pay_mix: PayMixFields | None = None
    in_words: list[InWordsView]
    """What it says beside its components, sentence by sentence, as it was saved."""
    participant_count: int
    submitted_at: datetime | None = None
    reviewed_at: datetime | None = None
    approved_at: datetime | None = None
    published_at: datetime | None = None
    allowed_actions: list[AllowedAction]


class CompensationPlanDifferenceView(View):
    """A place where two plan documents differ; a component that only one of them has differs in all its places."""

    id: UUID
    component_code: Code | None = None
    """The component that differs; null for what the plan says of itself, such as its draws."""
    path: str
    """JSON pointer within the component, such as `/rate/tiers/tiers/1/value`, or within the plan, such as
    `/draws/0/amount`."""
    before: str | None = None
    """What the plan it is compared with says; null where it says nothing."""
    after: str | None = None


class CreateCompensationPlan(CompensationPlanFields, Command):
    """Author a plan as one document."""

    components: list[ComponentFields] = Field(min_length=1, max_length=20)
    draws: list[DrawFields] = Field(default_factory=list, max_length=5)
    constants: list[ConstantFields] = Field(default_factory=list, max_length=50)
    eligibility: EligibilityFields | None = None
    pay_mix: PayMixFields | None = None


class UpdateCompensationPlan(Command):
    """Change a draft; an absent field stays as it is, components are replaced as a whole."""

    name: Name | None = Field(default_factory=lambda: None)
    description: LongText | None = Field(default_factory=lambda: None)
    exchange_rates: RateName | None = Field(default_factory=lambda: None)
    components: list[ComponentFields] | None = Field(default_factory=lambda: None, min_length=1, max_length=20)
    draws: list[DrawFields] | None = Field(default_factory=lambda: None, max_length=5)
    constants: list[ConstantFields] | None = Field(default_factory=lambda: None, max_length=50)
    eligibility: EligibilityFields | None = Field(default_factory=lambda: None)
    pay_mix: PayMixFields | None = Field(default_factory=lambda: None)


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
    eligible: bool = False
    """Everybody whom the plan's eligibility names, on the days on which it does."""
    effective_from: date
    effective_to: date | None = None
    """First day on which they no longer take part; null means open."""
    target_incentive: Amount | None = Field(default=None, ge=Decimal(0))
    """On-target variable pay of each for the year, in the plan's currency."""
    base_salary: Amount | None = Field(default=None, ge=Decimal(0))
    """Or the salary of the year, from which it follows by the plan's pay mix."""
    on_target_earnings: Amount | None = Field(default=None, ge=Decimal(0))
    """Or salary and variable pay of the year together, parted by the plan's pay mix."""


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
    base_salary: Annotated[Money | None, Pay] = None
    """Salary of the year that it was worked out from."""


class PlanParticipationView(View):
    """In how many published plans a seller takes part on a day."""

    id: UUID
    seller_id: UUID
    seller_name: str
    job_role: str | None = None
    team: str | None = None
    plan_count: int
    """0 is on no plan; 2 is on two at once."""
    plan_codes: list[str]


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


class ReissueAgreement(OptionalComment):
    """Issue an expired agreement again."""

    due_on: date
    """Until when it should be acknowledged."""


class UnsignedAgreementView(View):
    """Somebody who takes part in a published plan and has not acknowledged it."""

    id: UUID
    plan_id: UUID
    plan_code: str
    plan_name: str
    plan_version: int
    fiscal_year: int
    seller_id: UUID
    seller_name: str
    agreement_id: UUID | None = None
    """Null where none was issued."""
    state: AgreementState | None = None
    issued_at: datetime | None = None
    due_on: date | None = None
    days_overdue: int
    """Days since it was due; 0 before."""


class AnswerAgreement(RequiredComment):
    """Answer the seller's question; the agreement is open to it again."""
