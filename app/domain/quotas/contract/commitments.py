"""What sellers say they will bring, beside what is asked of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.kernel.fields import Command, Comment, Fields, RequiredComment
from app.domain.kernel.money import Currency, Money, Rate
from app.domain.kernel.resource import Stored, View
from app.domain.quotas.contract.measures import NotNegative, QuotaMeasure


class CommitmentScope(StrEnum):
    """Whose result is meant."""

    OWN = "own"
    """What the seller brings itself."""
    TEAM = "team"
    """What a manager's whole team brings; from the manager upwards it stands in place of what is said below."""


class CommitmentFields(Fields):
    """What every form of a commitment has."""

    period_id: UUID
    measure: QuotaMeasure = QuotaMeasure.REVENUE
    scope: CommitmentScope = CommitmentScope.OWN


class CommitmentView(CommitmentFields, Stored):
    """What a seller says it will bring, and what those above it count with."""

    seller_id: UUID
    amount: Money
    """The seller's own figure."""
    currency: Currency
    """Currency of the amounts; XXX for units and activities."""
    comment: str | None = None
    """What the seller says about it."""
    adjusted: Money | None = None
    """What somebody above counts with in its place; null when the own figure counts."""
    adjusted_by: UUID | None = None
    """Principal who set it."""
    adjusted_at: datetime | None = None
    adjustment_comment: str | None = None
    """Why, in words."""


class CreateCommitment(CommitmentFields, Command):
    """Say what one will bring in a period."""

    amount: NotNegative
    currency: Currency | None = None
    """The organisation's when absent; always XXX for units and activities."""
    comment: Comment | None = None


class UpdateCommitment(Command):
    """Say another figure; what somebody above set in its place stays until it is withdrawn."""

    amount: NotNegative
    comment: Comment | None = None


class AdjustCommitment(RequiredComment):
    """Count with another figure than the seller's, or with the seller's again."""

    amount: NotNegative | None
    """In the commitment's currency; null withdraws an earlier one."""


class CommitmentGapView(View):
    """What is asked from above against what is said from below, for a seller or for all below a manager."""

    id: UUID
    seller_id: UUID
    seller_name: str
    manager_id: UUID | None = None
    """Who leads it."""
    level: int
    """How many managers are above it."""
    leads: bool
    """Whether the figures are of a team."""
    period_id: UUID
    measure: QuotaMeasure
    currency: Currency
    quota: Money | None = None
    """Live quotas for exactly the period of those who sell: the seller's, or all of them below the manager."""
    manager_quota: Money | None = None
    """The manager's own live quota."""
    commitment: Money | None = None
    """What is said from below: own figures, in their place what somebody above set, and from a manager who said a
    figure for its team that one. Null when nobody said anything, which is not zero."""
    gap: Money | None = None
    """Commitment minus quota."""
    gap_share: Rate | None = None
    """The gap as a share of the quota."""
    sellers: int
    """Those who sell and have a quota."""
    committed: int
    """Those of them who said a figure of their own."""
