"""Inquiries: a seller questions its statement."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from app.domain.compensation.contract.transactions import SplitFields
from app.domain.kernel.fields import Command, Fields, RequiredComment, ShortText
from app.domain.kernel.money import Amount, Money
from app.domain.kernel.resource import AllowedAction, Stored, View


class InquiryState(StrEnum):
    """Where an inquiry stands."""

    OPEN = "open"
    IN_REVIEW = "in_review"
    ADJUSTED = "adjusted"
    """A difference is paid with the next run."""
    CORRECTED = "corrected"
    """The transaction was corrected; the next run pays what that changes."""
    UPHELD = "upheld"
    CLOSED = "closed"


DAYS_TO_ANSWER = 15
"""How long the pay desk has to decide an inquiry."""


def _not_zero(value: Decimal) -> Decimal:
    if not value:
        raise ValueError("must not be zero")
    return value


class InquiryFields(Fields):
    """What is asked, and about what."""

    statement_id: UUID
    earning_id: UUID | None = None
    """The line it is about, if it is about one."""
    transaction_id: UUID | None = None
    """The transaction it is about, if it is about one."""
    subject: Annotated[ShortText, Field(min_length=1)]
    """What is thought to be wrong."""


class CreateInquiry(InquiryFields, Command):
    """Question one's own statement."""

    claimed_amount: Amount
    """What the line, or else the total, should be, in the statement's currency."""


class AdjustInquiry(RequiredComment):
    """Agree: pay the difference with the next run that is posted."""

    amount: Annotated[Amount, AfterValidator(_not_zero)]
    """The difference in the statement's currency; negative takes back."""


class CorrectByInquiry(RequiredComment):
    """Agree: correct the transaction in question; the next run pays what that changes, to everybody concerned."""

    transaction_id: UUID | None = Field(default_factory=lambda: None)
    """The transaction to correct; absent is the one the inquiry is about."""
    transaction_date: date | None = Field(default_factory=lambda: None)
    amount: Money | None = Field(default_factory=lambda: None)
    splits: list[SplitFields] | None = Field(default_factory=lambda: None, max_length=50)
    """Whom the transaction credits; the shares add up to 1."""


class AdjustmentView(View):
    """A difference decided on an inquiry; it is never changed."""

    id: UUID
    inquiry_id: UUID
    seller_id: UUID
    amount: Money
    reason: str
    decided_at: datetime
    posted_run_id: UUID | None = None
    """The run it was posted with; null while it waits for one."""


class InquiryView(InquiryFields, Stored):
    """A seller's question about its statement."""

    seller_id: UUID
    claimed_amount: Money
    told_amount: Money | None = None
    """What the line, or else the statement, says; null for a line that needed attention."""
    recomputed_amount: Money | None = None
    """The same figure with the data of the newest `recompute`; null before one is calculated."""
    check_run_id: UUID | None = None
    """The preview that recomputed it."""
    correction_id: UUID | None = None
    """The transaction that replaced the one in question."""
    state: InquiryState
    answer_by: date
    """Day by which it is to be decided."""
    overdue: bool
    """Whether that day passed without a decision."""
    taken_at: datetime | None = None
    decided_at: datetime | None = None
    closed_at: datetime | None = None
    allowed_actions: list[AllowedAction]
