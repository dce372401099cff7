"""Rows of transactions: only ever added."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.domain.compensation.contract.transactions import TransactionFields, TransactionKind
from app.domain.kernel.tables import Row, amount, instant, rate, text


class Transaction(TransactionFields, Row, table=True):
    __tablename__ = "transaction"

    kind: TransactionKind = text()
    margin: Decimal | None = amount(default=None)
    quantity: Decimal | None = amount(default=None)
    discount: Decimal | None = rate(default=None)
    amount: Decimal = amount()
    currency: str
    labels: list[str] = Field(default_factory=list, sa_type=ARRAY(sa.Text))
    supersedes_id: UUID | None = None
    correction_reason: str | None = None
    closed_period_id: UUID | None = None
    recorded_at: datetime = instant()


class TransactionSplit(SQLModel, table=True):
    __tablename__ = "transaction_split"

    org_id: UUID = Field(primary_key=True)
    transaction_id: UUID = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    seller_id: UUID
    cum_lo: Decimal = rate()
    cum_hi: Decimal = rate()
