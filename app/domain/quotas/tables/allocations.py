"""Allocations as they are stored."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.tables import Row, instant, json, rate, text
from app.domain.kernel.tables import amount as amount_column
from app.domain.quotas.contract.allocations import AllocationFields, AllocationMethod, Seasonality
from app.domain.quotas.contract.measures import QuotaMeasure


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
    replaces_id: UUID | None = None
    terms: dict[str, Any] = json()
    proof: dict[str, Any] = json()
    created_by: UUID
    created_at: datetime = instant()
