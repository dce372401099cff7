"""Quotas as they are stored."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from app.domain.kernel.tables import VersionedRow, text
from app.domain.kernel.tables import amount as amount_column
from app.domain.quotas.contract.measures import QuotaMeasure
from app.domain.quotas.contract.quotas import QuotaFields, QuotaState


class Quota(QuotaFields, VersionedRow, table=True):
    """A promise of one seller."""

    __tablename__ = "quota"

    measure: QuotaMeasure = text()
    amount: Decimal = amount_column()
    counter_amount: Decimal | None = amount_column(default=None)
    accepted_amount: Decimal | None = amount_column(default=None)
    amended_from: date | None = None
    currency: str
    allocation_id: UUID | None = None
    state: QuotaState = text(default=QuotaState.DRAFT)
