"""Stored rows of opportunities."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from app.domain.accounts.contract.opportunities import OpportunityFields, OpportunityStage
from app.domain.kernel.tables import VersionedRow, amount, text


class Opportunity(OpportunityFields, VersionedRow, table=True):
    """An opportunity as stored."""

    __tablename__ = "opportunity"

    seller_id: UUID
    stage: OpportunityStage = text()
    amount: Decimal | None = amount(default=None)
    currency: str
