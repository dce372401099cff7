"""What may be asked of territory models, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Fields, LongText, Name, OptionalComment
from app.domain.kernel.resource import AllowedAction, Stored, View


class TerritoryModelState(StrEnum):
    """How far a territory model has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    ACTIVE = "active"
    ARCHIVED = "archived"


class TerritoryModelFields(Fields):
    """What says which design it is and when it may be in force."""

    code: Code
    name: Name
    starts_on: date
    """First day on which the model may be in force."""
    ends_on: date | None = None
    """First day on which it no longer is; null means open."""
    description: LongText | None = None


class TerritoryModelView(TerritoryModelFields, Stored):
    """One version of the whole territory design, for a range of dates."""

    state: TerritoryModelState
    model_version: int
    """Counts the designs that share a code, from 1."""
    based_on_id: UUID | None = None
    """The model it was cloned from."""
    territory_count: int
    """Territories of the model."""
    submitted_by: UUID | None = None
    """The principal who submitted it last."""
    submitted_at: datetime | None = None
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = None
    approved_by: UUID | None = None
    approved_at: datetime | None = None
    allowed_actions: list[AllowedAction]


class CreateTerritoryModel(TerritoryModelFields, Command):
    """Begin a draft of a territory design."""


class UpdateTerritoryModel(Command):
    """Change a draft; an absent field stays as it is."""

    name: Name | None = Field(default_factory=lambda: None)
    starts_on: date | None = Field(default_factory=lambda: None)
    ends_on: date | None = Field(default_factory=lambda: None)
    description: LongText | None = Field(default_factory=lambda: None)


class CloneTerritoryModel(Command):
    """Begin a new draft from an existing model."""

    code: Code | None = None
    """Code of the clone; by default that of the original, of which it becomes the next version."""
    name: Name | None = None
    """Name of the clone; by default that of the original."""
    starts_on: date
    ends_on: date | None = None
    """First day on which the clone is no longer in force; null means open."""


class ActivateTerritoryModel(OptionalComment):
    """Put an approved model in force."""

    supersede: bool = False
    """End the active model that runs into this one on this one's first day. Otherwise an overlap is refused."""


class ApplyTerritoryRules(Command):
    """Place accounts by the territories' rules from a day on."""

    effective_from: date | None = None
    """First day of the new memberships; by default the model's first day, or today when it is in force already."""
    displace_design: bool = False
    """Let the rules replace what an adopted design placed; accounts that no rule matches are then in no territory."""


class RuleOutcome(View):
    """What applying the rules of a model came to, on the first day it took effect."""

    assigned: int
    """Accounts that a rule placed."""
    pinned: int
    """Accounts that a pin or an adopted design holds, whatever the rules say."""
    unassigned: int
    """Accounts that no rule matches and neither pin nor design holds."""
    ambiguous: int
    """Accounts placed by a rule although others match too; the `reason` of the membership names them."""
    changed: int
    """Memberships that began because of this application."""
