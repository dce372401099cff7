"""Stored rows of the quotas; private to them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.tables import Row, VersionedRow, instant, json, rate, text
from app.domain.kernel.tables import amount as amount_column
from app.domain.quotas.contract import (
    AllocationFields,
    AllocationMethod,
    QuotaFields,
    QuotaMeasure,
    QuotaState,
    Seasonality,
)


class Allocation(AllocationFields, Row, table=True):
    """A total cut into quotas, with its proof; append-only."""

    __tablename__ = "allocation"

    measure: QuotaMeasure = text()
    method: AllocationMethod = text()
    seasonality: Seasonality = text()
    total: Decimal = amount_column()
    assigned: Decimal = amount_column()
    currency: str
    over_assignment: Decimal = rate()
    blend: dict[str, Any] | None = json(default=None)
    history: list[dict[str, Any]] = json()
    growth_cap: Decimal | None = rate(default=None)
    floor: Decimal | None = amount_column(default=None)
    seller_count: int
    proof: dict[str, Any] = json()
    created_by: UUID
    created_at: datetime = instant()


class Quota(QuotaFields, VersionedRow, table=True):
    """A promise of one seller."""

    __tablename__ = "quota"

    measure: QuotaMeasure = text()
    amount: Decimal = amount_column()
    counter_amount: Decimal | None = amount_column(default=None)
    currency: str
    allocation_id: UUID | None = None
    state: QuotaState = text(default=QuotaState.DRAFT)
