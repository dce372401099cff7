"""Disputes of quotas as they are stored."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.tables import VersionedRow, instant, json, text
from app.domain.kernel.tables import amount as amount_column
from app.domain.quotas.contract.disputes import DisputeOutcome


class QuotaDispute(VersionedRow, table=True):
    """A counter-proposal of a seller, and what became of it."""

    __tablename__ = "quota_dispute"

    quota_id: UUID
    amount: Decimal = amount_column()
    counter_amount: Decimal = amount_column()
    currency: str
    reason: str
    evidence: list[dict[str, Any]] = json()
    opened_by: UUID
    opened_at: datetime = instant()
    investigated_by: UUID | None = None
    investigated_at: datetime | None = instant(default=None)
    outcome: DisputeOutcome | None = text(default=None)
    decided_amount: Decimal | None = amount_column(default=None)
    decision: str | None = None
    closed_by: UUID | None = None
    closed_at: datetime | None = instant(default=None)
