"""Rows of balances, payments, payroll files and capitalised costs. Movements are written in SQL only."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from app.domain.kernel.tables import Row, VersionedRow, instant, json


class HoldbackRelease(Row, table=True):
    __tablename__ = "holdback_release"

    seller_id: UUID
    component_id: UUID
    period_id: UUID
    reason: str
    decided_by: UUID
    decided_at: datetime = instant()


class PayrollMapping(VersionedRow, table=True):
    __tablename__ = "payroll_mapping"

    code: str
    name: str
    delimiter: str
    decimal_mark: str
    date_format: str
    header: bool
    columns: list[dict[str, Any]] = json()


class PayrollExport(Row, table=True):
    __tablename__ = "payroll_export"

    mapping_id: UUID
    payment_count: int
    totals: list[dict[str, Any]] = json()
    content: str
    sha256: str
    exported_by: UUID
    exported_at: datetime = instant()


class CostPolicy(Row, table=True):
    __tablename__ = "cost_policy"

    effective_from: date
    kinds: list[str] = Field(sa_type=ARRAY(sa.Text))
    default_term_months: int
    customer_life_months: int
    renewals_commensurate: bool
    expense_within_a_year: bool
    recorded_by: UUID
    recorded_at: datetime = instant()
