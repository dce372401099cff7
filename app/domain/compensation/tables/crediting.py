"""Rows of crediting."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.domain.compensation.contract.crediting import (
    CreditingRuleFields,
    CreditingRuleKind,
    ManualCreditFields,
    ManualCreditMode,
    OverlayAssignmentFields,
)
from app.domain.kernel.tables import VersionedRow, instant, rate, text


class CreditingRule(CreditingRuleFields, VersionedRow, table=True):
    __tablename__ = "crediting_rule"

    kind: CreditingRuleKind = text()
    products: list[UUID] = Field(sa_type=ARRAY(sa.Uuid))
    product_families: list[str] = Field(sa_type=ARRAY(sa.Text))
    segments: list[UUID] = Field(sa_type=ARRAY(sa.Uuid))


class OverlayAssignment(OverlayAssignmentFields, VersionedRow, table=True):
    __tablename__ = "overlay_assignment"

    share: Decimal = rate()


class ManualCredit(ManualCreditFields, VersionedRow, table=True):
    __tablename__ = "manual_credit"

    mode: ManualCreditMode = text()
    reason: str
    decided_by: UUID
    decided_at: datetime = instant()
    withdrawn_by: UUID | None = None
    withdrawn_at: datetime | None = instant(default=None)
    withdrawal_reason: str | None = None


class ManualCreditSplit(SQLModel, table=True):
    __tablename__ = "manual_credit_split"

    org_id: UUID = Field(primary_key=True)
    credit_id: UUID = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    seller_id: UUID
    cum_lo: Decimal = rate()
    cum_hi: Decimal = rate()
