"""Rows of inquiries and of what was decided on them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from app.domain.compensation.contract.inquiries import InquiryFields, InquiryState
from app.domain.kernel.tables import Row, VersionedRow, amount, instant, text


class Inquiry(InquiryFields, VersionedRow, table=True):
    __tablename__ = "inquiry"

    subject: str
    seller_id: UUID
    claimed_amount: Decimal = amount()
    currency: str
    state: InquiryState = text()
    answer_by: date
    check_run_id: UUID | None = None
    correction_id: UUID | None = None


class Adjustment(Row, table=True):
    """Append-only."""

    __tablename__ = "earning_adjustment"

    inquiry_id: UUID
    seller_id: UUID
    amount: Decimal = amount()
    currency: str
    reason: str
    decided_by: UUID
    decided_at: datetime = instant()
