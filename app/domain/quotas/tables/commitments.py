"""Commitments as they are stored."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from app.domain.kernel.tables import VersionedRow, instant, text
from app.domain.kernel.tables import amount as amount_column
from app.domain.quotas.contract.commitments import CommitmentFields, CommitmentScope
from app.domain.quotas.contract.measures import QuotaMeasure


class Commitment(CommitmentFields, VersionedRow, table=True):
    """A seller's own figure."""

    __tablename__ = "commitment"

    seller_id: UUID
    measure: QuotaMeasure = text()
    scope: CommitmentScope = text()
    amount: Decimal = amount_column()
    currency: str
    comment: str | None = None
    adjusted: Decimal | None = amount_column(default=None)
    adjusted_by: UUID | None = None
    adjusted_at: datetime | None = instant(default=None)
    adjustment_comment: str | None = None
