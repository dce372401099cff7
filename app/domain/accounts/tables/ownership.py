"""Rows of who owned an account when. A trigger on `account` keeps them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.kernel.tables import Row


class AccountOwnership(Row, table=True):
    __tablename__ = "account_ownership"

    account_id: UUID
    owner_id: UUID
    effective_from: date | None = None
    effective_to: date | None = None
