"""Stored rows of the penetration cube."""

from __future__ import annotations

from decimal import Decimal

from app.domain.accounts.contract.holdings import HoldingFields, HoldingStatus
from app.domain.kernel.tables import VersionedRow, amount, text


class Holding(HoldingFields, VersionedRow, table=True):
    """A cell as stored."""

    __tablename__ = "holding"

    status: HoldingStatus = text()
    potential: Decimal | None = amount(default=None)
    currency: str
