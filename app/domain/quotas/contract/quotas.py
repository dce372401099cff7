"""What may be asked of quotas, one and many, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from app.domain.kernel.fields import Command, Comment, Fields, OptionalComment, RequiredComment
from app.domain.kernel.money import Currency, Money
from app.domain.kernel.resource import AllowedAction, Stored, View
from app.domain.quotas.contract.measures import NotNegative, QuotaMeasure


class QuotaState(StrEnum):
    """Where a quota stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    DISPUTED = "disputed"
    UNDER_INVESTIGATION = "under_investigation"
    ACCEPTED = "accepted"
    LOCKED = "locked"
    CANCELLED = "cancelled"


class QuotaFields(Fields):
    """What every form of a quota has."""

    seller_id: UUID
    territory_id: UUID | None = None
    """The territory it is for; null for everything the seller covers."""
    measure: QuotaMeasure = QuotaMeasure.REVENUE
    period_id: UUID
    """The fiscal period it is for; it is phased into the months of this period."""


class QuotaView(QuotaFields, Stored):
    """What a seller is to bring in a period."""

    amount: Money
    counter_amount: Money | None = None
    """What the seller asked for in the latest dispute."""
    accepted_amount: Money | None = None
    """What the seller accepted last; it is in force until another amount is accepted."""
    amended_from: date | None = None
    """Day from which the latest amendment changes it; what fell due before is kept."""
    currency: Currency
    """Currency of the amounts; XXX for units and activities."""
    allocation_id: UUID | None = None
    """The allocation that made it; null when it was made by hand."""
    state: QuotaState
    proposed_by: UUID | None = None
    """Principal who proposed it."""
    proposed_at: datetime | None = None
    accepted_by: UUID | None = None
    accepted_at: datetime | None = None
    disputed_by: UUID | None = None
    disputed_at: datetime | None = None
    locked_by: UUID | None = None
    locked_at: datetime | None = None
    allowed_actions: list[AllowedAction]


class CreateQuota(QuotaFields, Command):
    """Draft a quota by hand, spread evenly over the months of its period."""

    amount: NotNegative
    currency: Currency | None = None
    """The organisation's when absent; always XXX for units and activities."""


class UpdateQuota(Command):
    """Change the amount of a draft; its months keep their proportions."""

    amount: NotNegative
    comment: Comment | None = None


class ReviseQuota(RequiredComment):
    """Give a quota another amount, saying why."""

    amount: NotNegative
    """The new amount, in the quota's currency."""


class AmendQuota(RequiredComment):
    """Change an accepted quota from a day on, saying why."""

    amount: NotNegative
    """What the quota would be if it held for the whole period, in its currency."""
    effective_from: date | None = None
    """First day on which it holds: what fell due before stays, by days. The period's first day when absent."""


class RevisionAction(StrEnum):
    """What gave a quota its amount."""

    CREATE = "create"
    ALLOCATE = "allocate"
    UPDATE = "update"
    REVISE = "revise"
    AMEND = "amend"


class QuotaRevisionView(View):
    """One change of a quota's amount."""

    id: UUID
    quota_id: UUID
    action: RevisionAction
    amount_before: Money | None = None
    """Null for the amount it began with."""
    amount_after: Money
    effective_from: date | None = None
    """Of an amendment: the day from which it changes the quota."""
    whole_amount: Money | None = None
    """Of an amendment: what the quota would be if it held for the whole period."""
    currency: Currency
    comment: str | None = None
    """Why, in words."""
    actor_id: UUID
    """Principal who changed it."""
    actor_name: str
    occurred_at: datetime


class QuotaMonthView(View):
    """What of a quota falls into one month; the months of a quota add up exactly to it."""

    id: UUID
    quota_id: UUID
    period_id: UUID
    """The fiscal month."""
    starts_on: date
    """First day of the month."""
    amount: Money
    accepted_amount: Money | None = None
    """What the seller accepted last."""
    kept_amount: Money
    """What of it fell due before an amendment and is no longer changed."""
    currency: Currency


class QuotasOfAllocation(OptionalComment):
    """Every quota that an allocation made."""

    allocation_id: UUID


class RefusedQuota(View):
    """A quota that could not be moved, and why."""

    quota_id: UUID
    code: str
    """Problem code."""


class ProposedQuotas(View):
    """What became of the quotas of an allocation."""

    proposed: int
    refused: list[RefusedQuota]
    """Those that stay as they are, such as quotas proposed before."""


class CancelledQuotas(View):
    """What became of the quotas of an allocation."""

    cancelled: int
    refused: list[RefusedQuota]
    """Those that stay as they are, such as locked quotas."""
