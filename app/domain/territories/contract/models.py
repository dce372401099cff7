"""What may be asked of territory models, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Fields, LongText, Name, OptionalComment
from app.domain.kernel.resource import AllowedAction, Stored, View

HoldoverDays = Annotated[int, Field(ge=0, le=1096)]


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
    holdover_days: HoldoverDays = 0
    """Days for which open deals stay with their former seller once another one covers the account."""


class TerritoryModelView(TerritoryModelFields, Stored):
    """One version of the whole territory design, for a range of dates."""

    state: TerritoryModelState
    model_version: int
    """Counts the designs that share a code, from 1."""
    based_on_id: UUID | None = None
    """The model it was cloned from."""
    territory_count: int
    """Territories of the model."""
    move_open_deals: bool
    """Whether it was activated so that open deals follow the accounts; they do as well with `holdover_days`."""
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
    holdover_days: HoldoverDays | None = Field(default_factory=lambda: None)


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
    require_acceptance: bool = False
    """Refuse while a seller has not accepted what the model plans for it."""
    move_open_deals: bool = False
    """Open deals follow their accounts to the new sellers, `holdover_days` after the first day of the coverage."""
    reassign_owners: bool = False
    """Each account belongs to the seller who covers it from now on; only for a model that has begun."""


class Reassigned(View):
    """What became of the owners of accounts."""

    accounts: int
    """Accounts that another seller owns now."""


class ProposeTerritoryModel(Command):
    """Propose every territory of a model to the seller planned for it."""

    effective_from: date | None = None
    """First day of the assignments; by default the model's first day."""


class ProposalOutcome(View):
    """What proposing a model's territories came to; each territory counts once."""

    proposed: int
    """Territories proposed now."""
    assigned: int
    """Territories left alone because somebody has, had or was offered them, or the planned seller disputed them."""
    unplanned: int
    """Territories without sub-territories for which no seller is planned."""
    out_of_sight: int
    """Territories planned for a seller who is not in the caller's line, who left, or who is the caller."""


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
