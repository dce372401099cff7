"""Stored rows of accounts."""

from __future__ import annotations

from decimal import Decimal

from app.domain.accounts.contract.accounts import AccountFields
from app.domain.kernel.tables import VersionedRow, amount, rate


class Account(AccountFields, VersionedRow, table=True):
    """An account as stored; the database adds the expected value."""

    __tablename__ = "account"

    latitude: Decimal | None = rate(default=None)
    longitude: Decimal | None = rate(default=None)
    win_probability: Decimal | None = rate(default=None)
    annual_revenue: Decimal | None = amount(default=None)
    potential: Decimal | None = amount(default=None)
    currency: str
