"""Rows of compensation plans."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from app.domain.kernel.tables import Row, VersionedRow, amount, instant, rate


class CompensationPlan(VersionedRow, table=True):
    __tablename__ = "compensation_plan"

    code: str
    name: str
    description: str | None = None
    fiscal_year: int
    currency: str
    trigger: str
    crediting_rules: list[str] = Field(sa_type=ARRAY(sa.Text))
    plan_version: int = 1
    based_on_id: UUID | None = None
    state: str


class Component(Row, table=True):
    __tablename__ = "compensation_component"

    plan_id: UUID
    ordinal: int
    code: str
    name: str
    kind: str
    measure: str
    rollup: str
    tier_rule: str
    tier_input: str
    boundary: str
    quota_basis: str


class Tier(SQLModel, table=True):
    __tablename__ = "compensation_tier"

    org_id: UUID = Field(primary_key=True)
    component_id: UUID = Field(primary_key=True)
    ordinal: int = Field(primary_key=True)
    from_attainment: Decimal = rate()
    to_attainment: Decimal | None = rate(default=None)
    rate: Decimal = rate()


class Participant(Row, table=True):
    __tablename__ = "plan_participant"

    plan_id: UUID
    seller_id: UUID
    effective_from: date
    effective_to: date | None = None
    target_incentive: Decimal | None = amount(default=None)
    currency: str


class Agreement(VersionedRow, table=True):
    __tablename__ = "plan_agreement"

    plan_id: UUID
    seller_id: UUID
    state: str
    issued_at: datetime = instant()
    due_on: date
