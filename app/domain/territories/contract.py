"""What may be asked about territories, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Comment, Fields, LongText, Name, OptionalComment
from app.domain.kernel.money import Money, Share
from app.domain.kernel.resource import AllowedAction, Span, Stored, View
from app.domain.market.contract import NotNegative, SegmentRule

City = Annotated[Name, Field(description="City, as in the accounts.", examples=["Lyon"])]
Priority = Annotated[int, Field(ge=0, le=10_000)]
CoverageShare = Annotated[Share, Field(gt=0)]


class TerritoryModelState(StrEnum):
    """How far a territory model has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWED = "reviewed"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    ACTIVE = "active"
    ARCHIVED = "archived"


class MembershipSource(StrEnum):
    """What put an account into a territory."""

    RULE = "rule"
    """The territory's rule, when the rules were last applied."""
    PIN = "pin"
    """A person, whatever the rules say."""


class TerritoryAssignmentState(StrEnum):
    """How far a territory's assignment to a seller has come."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    ENDED = "ended"


# -- territory models ------------------------------------------------------------------------------------------------


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


class RuleOutcome(View):
    """What applying the rules of a model came to, on the first day it took effect."""

    assigned: int
    """Accounts that a rule placed."""
    pinned: int
    """Accounts that a pin holds, whatever the rules say."""
    unassigned: int
    """Accounts that no rule matches and no pin holds."""
    ambiguous: int
    """Accounts placed by a rule although others match too; the `reason` of the membership names them."""
    changed: int
    """Memberships that began because of this application."""


# -- territories -----------------------------------------------------------------------------------------------------


class TerritoryRule(SegmentRule):
    """Which accounts belong to a territory: those it names, and those that meet all conditions that are given.

    A rule without any condition matches only the accounts it names. An unknown fact meets no condition.
    """

    cities: list[City] = Field(default_factory=list, max_length=1_000)
    """Any of these; empty means every city."""
    min_annual_revenue: NotNegative | None = None
    """At least this annual revenue, in the organisation's currency; accounts in another currency do not match."""
    max_annual_revenue: NotNegative | None = None
    """At most this annual revenue, in the organisation's currency; accounts in another currency do not match."""
    segment_id: UUID | None = None
    """A market segment whose own rule has to be met too."""
    account_ids: list[UUID] = Field(default_factory=list, max_length=10_000)
    """Accounts named one by one; they need to meet no condition."""


class TerritoryFields(Fields):
    """Name, place in the tree and priority of a territory."""

    code: Code
    name: Name
    parent_id: UUID | None = None
    """The territory of the same model it is part of; null at the top."""
    priority: Priority = 100
    """Which territory gets an account that several rules match: the lower number, then the deeper territory."""


class TerritoryView(TerritoryFields, Stored):
    """A part of a territory model. Its figures are those of today, or of the model's nearest day."""

    model_id: UUID
    rule: TerritoryRule
    account_count: int
    """Accounts in the territory itself, not in those below it."""
    potential: Money
    """Sum of the accounts' potential, of those in the organisation's currency."""
    accounts_in_other_currencies: int
    """Accounts whose potential is in another currency and hence not in `potential`."""
    assigned_share: Share
    """Share of the territory that sellers have accepted."""


class CreateTerritory(TerritoryFields, Command):
    """Add a territory to a draft model."""

    model_id: UUID
    rule: TerritoryRule = Field(default_factory=TerritoryRule)


class UpdateTerritory(Command):
    """Change a territory of a draft model; an absent field stays as it is, `rule` is replaced as a whole."""

    code: Code | None = Field(default_factory=lambda: None)
    name: Name | None = Field(default_factory=lambda: None)
    parent_id: UUID | None = Field(default_factory=lambda: None)
    priority: Priority | None = Field(default_factory=lambda: None)
    rule: TerritoryRule | None = Field(default_factory=lambda: None)


# -- membership ------------------------------------------------------------------------------------------------------


class OtherMatch(View):
    """A territory whose rule matches the account too."""

    territory_id: UUID
    code: str
    priority: int


class MembershipReason(View):
    """Why the account is in this territory."""

    priority: int | None = None
    """Priority of the territory when its rule won; null for a pin."""
    others: list[OtherMatch] = Field(default_factory=list)
    """Territories that matched as well and came after, in order; the ten nearest."""
    comment: str | None = None
    """What was said when the account was pinned."""


class TerritoryMembershipView(Span):
    """An account's place in a territory model, from when to when."""

    id: UUID
    model_id: UUID
    territory_id: UUID
    account_id: UUID
    source: MembershipSource
    reason: MembershipReason


class PinAccount(Command):
    """Hold an account in a territory from a day on, whatever the rules say."""

    account_id: UUID
    effective_from: date | None = None
    """First day; by default the model's first day, or today when it is in force already."""
    comment: Comment | None = None


class UnpinAccount(Command):
    """Let the rules decide again about an account from a day on."""

    account_id: UUID
    effective_from: date | None = None
    """First day without the pin; by default the day the pin began."""


# -- assignments -----------------------------------------------------------------------------------------------------


class TerritoryAssignmentFields(Fields):
    """Who covers how much of which territory, when."""

    territory_id: UUID
    seller_id: UUID
    share: CoverageShare = Decimal(1)
    """Share of the territory's results credited to the seller."""
    effective_from: date
    effective_to: date | None = None
    """First day on which it no longer holds; null means open."""


class TerritoryAssignmentView(TerritoryAssignmentFields, Stored):
    """A seller's part in covering a territory; it counts as coverage once the seller accepted."""

    state: TerritoryAssignmentState
    allowed_actions: list[AllowedAction]


class ProposeTerritoryAssignment(TerritoryAssignmentFields, Command):
    """Propose a territory, or a share of it, to a seller."""


class ReviseTerritoryAssignment(OptionalComment):
    """Propose again with other terms; an absent field stays as it is."""

    share: CoverageShare | None = Field(default_factory=lambda: None)
    effective_from: date | None = Field(default_factory=lambda: None)
    effective_to: date | None = Field(default_factory=lambda: None)


class EndTerritoryAssignment(OptionalComment):
    """Let a seller's coverage end."""

    effective_to: date
    """First day on which the seller no longer covers the territory."""
