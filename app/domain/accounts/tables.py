"""Stored rows of accounts and opportunities; private to the context."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from app.domain.accounts.contract import AccountFields, OpportunityFields, OpportunityStage
from app.domain.kernel.tables import VersionedRow, amount, rate, text


class Account(AccountFields, VersionedRow, table=True):
    """An account as stored; the database adds the expected value."""

    __tablename__ = "account"

    latitude: Decimal | None = rate(default=None)
    longitude: Decimal | None = rate(default=None)
    win_probability: Decimal | None = rate(default=None)
    annual_revenue: Decimal | None = amount(default=None)
    potential: Decimal | None = amount(default=None)
    currency: str


class Opportunity(OpportunityFields, VersionedRow, table=True):
    """An opportunity as stored."""

    __tablename__ = "opportunity"

    seller_id: UUID
    stage: OpportunityStage = text()
    amount: Decimal | None = amount(default=None)
    currency: str
