"""What may be asked of plans, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Fields, LongText, Name, OptionalComment, ShortText
from app.domain.kernel.money import Rate, Share
from app.domain.kernel.resource import AllowedAction, Stored, View

SectionKey = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=64,
        description="Key of a section, column or criterion within its template.",
        examples=["strategy"],
    ),
]


class PlanKind(StrEnum):
    """What a plan is about."""

    REVENUE_PLAN = "revenue_plan"
    """Revenue, margin and bookings of a period."""
    TERRITORY_PLAN = "territory_plan"
    """One territory over a period."""
    ACCOUNT_PLAN = "account_plan"
    """One account over a period."""


class PlanState(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    ARCHIVED = "archived"


class SectionType(StrEnum):
    """What a section holds."""

    TEXT = "text"
    """A string."""
    TABLE = "table"
    """A list of rows: objects from column to string, with the columns the template names."""
    MEASURES = "measures"
    """An object from fiscal period code to money."""
    ACCOUNTS = "accounts"
    """A list of account ids."""
    ACTIONS = "actions"
    """A list of actions: what, who, due."""


class TemplateSection(View):
    """One section of a template."""

    key: SectionKey
    title: Name
    guidance: ShortText = ""
    """What belongs in the section, for whoever writes it."""
    required: bool = False
    """Whether a plan can be submitted without it."""
    type: SectionType
    columns: list[SectionKey] = Field(default_factory=list, max_length=20)
    """Columns of a table; empty for other types."""


class RubricCriterion(View):
    """What reviewers score."""

    key: SectionKey
    title: Name
    weight: Annotated[Rate, Field(gt=0)]
    """How much it counts against the other criteria."""
    max_score: Annotated[Rate, Field(gt=0, le=100)]
    """The best score; the worst is 0."""


class PlanAction(View):
    """What somebody will do by when."""

    what: Annotated[LongText, Field(min_length=1)]
    who: Name
    due: date


class PlanTemplateFields(Fields):
    """What every form of a template has."""

    kind: PlanKind
    code: Code
    """Names the template in all its versions."""
    name: Name


class PlanTemplateView(PlanTemplateFields, Stored):
    """What plans of a kind consist of, and the bar they must reach."""

    template_version: int
    """Counts from 1 under its code; plans keep the version they were started from."""
    sections: list[TemplateSection]
    """In the order in which they are read."""
    rubric: list[RubricCriterion]
    minimum_quality: Share
    """The bar: the share of the best score below which a plan is not approved."""


Sections = Annotated[list[TemplateSection], Field(min_length=1, max_length=40)]
Rubric = Annotated[list[RubricCriterion], Field(min_length=1, max_length=20)]


class CreatePlanTemplate(PlanTemplateFields, Command):
    """Add a template; under a code that exists it becomes the next version."""

    sections: Sections
    rubric: Rubric
    minimum_quality: Share


class UpdatePlanTemplate(Command):
    """Change a template that no plan uses yet; an absent field stays as it is."""

    name: Name | None = Field(default_factory=lambda: None)
    sections: Sections | None = Field(default_factory=lambda: None)
    rubric: Rubric | None = Field(default_factory=lambda: None)
    minimum_quality: Share | None = Field(default_factory=lambda: None)


class InstalledTemplate(View):
    """A shipped template, as the organisation has it."""

    id: UUID
    kind: PlanKind
    code: str
    created: bool
    """False when its code was there before; then nothing was changed."""


class InstalledTemplates(View):
    """The shipped templates, one per kind."""

    templates: list[InstalledTemplate]


SectionContents = Annotated[
    dict[SectionKey, Any],
    Field(
        max_length=40,
        description="Content by section key, in the form of the section's type: a string (text), a list of rows"
        ' (table), period code → {"amount","currency"} (measures), a list of ids (accounts), a list of'
        ' {"what","who","due"} (actions).',
        examples=[{"strategy": "Two new logos.", "revenue": {"2026": {"amount": "1.00", "currency": "EUR"}}}],
    ),
]


class PlanFields(Fields):
    """What every form of a plan has."""

    title: Name
    account_id: UUID | None = None
    """The account of an account plan; null for other kinds."""
    territory_id: UUID | None = None
    """The territory of a territory plan; null for other kinds."""


class PlanView(PlanFields, Stored):
    """A plan of an owner for a period."""

    template_id: UUID
    kind: PlanKind
    owner_id: UUID
    """The seller whose plan it is."""
    period_id: UUID
    """The fiscal period it is for."""
    plan_version: int
    """Counts from 1; a revision of an approved plan is the next version."""
    based_on_id: UUID | None = None
    """The approved plan that this one revises."""
    state: PlanState
    content: dict[str, Any]
    """Content by section key, in the form of the section's type."""
    completeness: Share
    """Required sections filled, over required sections."""
    quality: Share | None = None
    """Weighted share of the best score in the latest review; null before it."""
    submitted_by: UUID | None = None
    """Principal who submitted it last."""
    submitted_at: datetime | None = None
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = None
    approved_by: UUID | None = None
    approved_at: datetime | None = None
    allowed_actions: list[AllowedAction]


class CreatePlan(PlanFields, Command):
    """Start a plan from a template."""

    template_id: UUID
    owner_id: UUID | None = None
    """The seller whose plan it is; the acting seller when absent."""
    period_id: UUID
    sections: SectionContents = Field(default_factory=dict)


class UpdatePlan(Command):
    """Write a plan: the sections named are replaced, those set to null are emptied, the rest stays."""

    title: Name | None = Field(default_factory=lambda: None)
    sections: SectionContents | None = Field(default_factory=lambda: None)


class CriterionScore(View):
    """The score a reviewer gives on one criterion of the rubric."""

    criterion: SectionKey
    score: Annotated[Rate, Field(ge=0)]
    """From 0 to the criterion's `max_score`."""


class ReviewPlan(OptionalComment):
    """Score a plan on every criterion of its rubric."""

    scores: list[CriterionScore] = Field(min_length=1, max_length=20)


class PlanReviewView(View):
    """One review of a plan."""

    id: UUID
    plan_id: UUID
    scores: list[CriterionScore]
    quality: Share
    """Σ weight·score / Σ weight·max_score."""
    comment: str | None = None
    reviewer_id: UUID
    """Principal who reviewed it."""
    reviewer_name: str
    reviewed_at: datetime
