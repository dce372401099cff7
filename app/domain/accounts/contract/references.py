"""What may be asked of references, testimonials and referrals, and what is answered."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Command, Comment, Fields, ShortText
from app.domain.kernel.resource import AllowedAction, Stored

MaxUses = Annotated[int, Field(ge=1, le=1_000)]
PerDays = Annotated[int, Field(ge=1, le=3_660)]


class ReferenceKind(StrEnum):
    """What a customer is asked for."""

    REFERENCE = "reference"
    """To talk to those who consider buying."""
    TESTIMONIAL = "testimonial"
    """To be quoted."""
    REFERRAL = "referral"
    """To introduce us to a unit or a person."""


class ReferenceState(StrEnum):
    """Where a reference stands."""

    REQUESTED = "requested"
    AGREED = "agreed"
    DECLINED = "declined"
    RETIRED = "retired"


class ReferenceOutcome(StrEnum):
    """What came of it."""

    HELPED = "helped"
    NO_EFFECT = "no_effect"
    HINDERED = "hindered"


class ReferenceFields(Fields):
    """Who is asked, and for what."""

    account_id: UUID
    """The account that is asked."""
    contact_id: UUID | None = None
    """The person of the account who is asked; null while nobody is named."""
    product_id: UUID | None = None
    """The product it is about; null for all of them."""
    subject: ShortText | None = None
    """What it can be used for, or what is said, in words."""
    target_account_id: UUID | None = None
    """Of a referral: the unit to be introduced to."""
    target_contact_id: UUID | None = None
    """Of a referral: the person to be introduced to."""
    max_uses: MaxUses | None = None
    """Most uses within any `per_days` days; null for no limit."""
    per_days: PerDays | None = None
    """Length in days of what `max_uses` counts in; null for no limit."""


class ReferenceView(ReferenceFields, Stored):
    """A reference, testimonial or referral: asked for, given, used."""

    kind: ReferenceKind
    state: ReferenceState
    outcome: ReferenceOutcome | None = None
    """What came of it in the end; null until it is retired."""
    available: bool
    """Whether it may be used today: agreed, its person still there, its limit not reached."""
    free_on: date | None = None
    """First day from today on that its limit leaves free; null unless it is agreed."""
    use_count: int
    """How often it was used, whatever came of it."""
    allowed_actions: list[AllowedAction]


class RequestReference(ReferenceFields, Command):
    """Ask a customer for a reference, a testimonial or a referral."""

    kind: ReferenceKind


class UpdateReference(Command):
    """Change what is asked for, or its limit; an absent field stays as it is."""

    contact_id: UUID | None = Field(default_factory=lambda: None)
    product_id: UUID | None = Field(default_factory=lambda: None)
    subject: ShortText | None = Field(default_factory=lambda: None)
    target_account_id: UUID | None = Field(default_factory=lambda: None)
    target_contact_id: UUID | None = Field(default_factory=lambda: None)
    max_uses: MaxUses | None = Field(default_factory=lambda: None)
    per_days: PerDays | None = Field(default_factory=lambda: None)


class RetireReference(Command):
    """Use it no more, and say what came of it."""

    outcome: ReferenceOutcome | None = None
    """What came of it in the end."""
    comment: Comment


class ReferenceUseFields(Fields):
    """For whom a reference was used, and when."""

    reference_id: UUID
    account_id: UUID | None = None
    """The account it was used for."""
    opportunity_id: UUID | None = None
    """The deal it was used for."""
    used_on: date
    """Day of the use; a day to come reserves it."""
    outcome: ReferenceOutcome | None = None
    """What came of it; null while that is open."""
    comment: Comment | None = None
    """How it went, in words."""


class ReferenceUseView(ReferenceUseFields, Stored):
    """One use of a reference."""


class UseReference(ReferenceUseFields, Command):
    """Use a reference for an account, a deal or both."""


class UpdateReferenceUse(Command):
    """Say what came of a use; an absent field stays as it is."""

    outcome: ReferenceOutcome | None = Field(default_factory=lambda: None)
    comment: Comment | None = Field(default_factory=lambda: None)
