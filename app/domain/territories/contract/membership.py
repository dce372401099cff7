"""What may be asked of the accounts of a territory, and what is answered."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Command, Comment
from app.domain.kernel.resource import Span, View


class MembershipSource(StrEnum):
    """What put an account into a territory."""

    RULE = "rule"
    """The territory's rule, when the rules were last applied."""
    PIN = "pin"
    """A person, whatever the rules say."""
    DESIGN = "design"
    """A design scenario whose result was adopted; rules leave it alone unless asked otherwise."""


class OtherMatch(View):
    """A territory whose rule matches the account too."""

    territory_id: UUID
    code: str
    priority: int


class MembershipReason(View):
    """Why the account is in this territory."""

    priority: int | None = None
    """Priority of the territory when its rule won; null otherwise."""
    met: list[str] = Field(default_factory=list)
    """Conditions of the rule, all of which the account meets; `account_ids` where it is named. Empty without a rule."""
    others: list[OtherMatch] = Field(default_factory=list)
    """Territories that matched as well and came after, in order; the ten nearest."""
    comment: str | None = None
    """What was said when the account was pinned, or which scenario and result placed it."""


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
