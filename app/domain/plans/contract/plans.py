"""What may be asked of plans, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.domain.accounts.contract.contacts import DecisionRole, Strength
from app.domain.kernel.fields import Command, Fields, LongText, Name, ShortText
from app.domain.kernel.money import Money, Share
from app.domain.kernel.resource import AllowedAction, Stored, View
from app.domain.plans.contract.templates import PlanKind, SectionKey


class PlanState(StrEnum):
    """Where a plan stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    ARCHIVED = "archived"


class PlanAction(View):
    """What somebody will do by when."""

    what: Annotated[LongText, Field(min_length=1)]
    who: Name
    due: date


class KnownContact(View):
    """One person of a relationship map. Names stay with the contact, so that who was anonymised stays anonymous."""

    contact_id: UUID
    decision_role: DecisionRole | None = None
    """Part in the decision to buy, when it was written down."""
    relation_strength: Strength = 0
    """How well we knew the person then: 0 not at all, 5 very well."""
    wanted_strength: Strength | None = None
    """How well we want to know the person."""
    next_step: ShortText | None = None
    """What comes next with the person."""


class WhitespaceEntry(View):
    """One product that an account could buy and does not buy from us."""

    account_id: UUID
    product_id: UUID
    status: Name | None = None
    """How the product stood there when it was written down, such as competitor or open."""
    potential: Money | None = None
    """What it would bring."""
    approach: ShortText | None = None
    """How it shall be won."""


SectionContents = Annotated[
    dict[SectionKey, Any],
    Field(
        max_length=40,
        description="Content by section key, in the form of the section's type: a string (text), a list of rows"
        ' (table), period code → {"amount","currency"} (measures), a list of ids (accounts), a list of'
        ' {"what","who","due"} (actions), of {"contact_id","relation_strength","wanted_strength","next_step"}'
        ' (relationship_map) or of {"account_id","product_id","potential","approach"} (whitespace).',
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
    started_from_id: UUID | None = None
    """The exemplary plan it was started from."""
    parent_id: UUID | None = None
    """The revenue plan of the owner's manager that this one is a part of."""
    campaign_id: UUID | None = None
    """The campaign that expects it."""
    state: PlanState
    sections: dict[str, Any]
    """Content by section key, in the form of the section's type."""
    completeness: Share
    """Required sections filled, over required sections."""
    review_round: int
    """How often it was submitted; reviews count for their round."""
    quality: Share | None = None
    """Mean over the round's reviewers of their weighted share of the best score; null before a review."""
    submitted_by: UUID | None = None
    """Principal who submitted it last."""
    submitted_at: datetime | None = None
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = None
    approved_by: UUID | None = None
    approved_at: datetime | None = None
    exemplary_at: datetime | None = None
    """Since when it is in the library of exemplary plans; null when it is not."""
    allowed_actions: list[AllowedAction]


class CreatePlan(PlanFields, Command):
    """Start a plan from a template."""

    template_id: UUID
    owner_id: UUID | None = None
    """The seller whose plan it is; the acting seller when absent."""
    period_id: UUID
    started_from_id: UUID | None = None
    """An exemplary plan whose texts, tables and actions it begins with, where the template has the same sections."""
    sections: SectionContents = Field(default_factory=dict)


class UpdatePlan(Command):
    """Write a plan: the sections named are replaced, those set to null are emptied, the rest stays."""

    title: Name | None = Field(default_factory=lambda: None)
    sections: SectionContents | None = Field(default_factory=lambda: None)


class PrefillPlan(Command):
    """Fill sections from data."""

    sections: list[SectionKey] = Field(default_factory=list, max_length=40)
    """Which sections; all that have a source when empty. What is named is replaced, else only the empty are filled."""


class PlanSubmissionView(View):
    """A plan as it was submitted once; never changed."""

    id: UUID
    plan_id: UUID
    round: int
    sections: dict[str, Any]
    submitted_by: UUID
    submitted_at: datetime


class ComparePlan(Command):
    """What a plan is compared with: another plan of the same kind, or itself as it was submitted in a round."""

    with_plan_id: UUID | None = None
    """The other plan, such as the version it is based on; that one when both are absent."""
    with_round: int | None = Field(default=None, ge=1, le=10_000)
    """The round whose submission it is compared with."""


class ChangeKind(StrEnum):
    """What became of a place in a plan."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class PlanChange(View):
    """One place in which two versions of a plan differ."""

    section: SectionKey
    path: str
    """Where in the section, such as `2026-Q1/amount`; empty when the section is a text."""
    change: ChangeKind
    before: Any = None
    after: Any = None


class PlanDifference(View):
    """What changed from the other version to this one."""

    plan_id: UUID
    with_plan_id: UUID
    with_round: int | None = None
    changes: list[PlanChange]
    """In the order of the template's sections."""
    text: str
    """The same for reading: one line per change."""
