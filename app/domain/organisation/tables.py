"""Stored rows of the organisation; private to it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from app.domain.kernel.tables import Row, VersionedRow, instant, rate, text
from app.domain.organisation.contract import (
    FxRateFields,
    PeriodKind,
    PeriodState,
    PositionFields,
    SellerFields,
    SkillFields,
)


class Organisation(VersionedRow, table=True):
    __tablename__ = "organisation"

    id: UUID = Field(sa_column_kwargs={"server_default": sa.FetchedValue()}, default=None)
    name: str
    currency: str
    managers_see_pay: bool = True
    quota_over_assignment: Decimal = rate()


class Seller(SellerFields, VersionedRow, table=True):
    __tablename__ = "seller"

    latitude: Decimal | None = rate(default=None)
    longitude: Decimal | None = rate(default=None)
    left_on: date | None = None
    placeholder: bool = False


class SellerSkill(SkillFields, VersionedRow, table=True):
    __tablename__ = "seller_skill"

    seller_id: UUID
    skill: str


class Position(PositionFields, Row, table=True):
    __tablename__ = "position"

    seller_id: UUID
    effective_from: date
    effective_to: date | None = None


class FiscalPeriod(VersionedRow, table=True):
    __tablename__ = "fiscal_period"

    code: str
    kind: PeriodKind = text()
    fiscal_year: int
    ordinal: int
    start_date: date
    end_date: date
    state: PeriodState = text()


class ExchangeRate(FxRateFields, Row, table=True):
    __tablename__ = "fx_rate"

    rate: Decimal = Field(sa_type=sa.Numeric(18, 9))


class Principal(VersionedRow, table=True):
    __tablename__ = "principal"

    kind: str
    name: str
    email: str | None = None
    issuer: str | None = None
    subject: str | None = None
    roles: list[str] = Field(sa_type=ARRAY(sa.Text))
    seller_id: UUID | None = None
    active: bool = True


class ApiKey(Row, table=True):
    __tablename__ = "api_key"

    principal_id: UUID
    name: str
    prefix: str
    hash: bytes
    scopes: list[str] | None = Field(default=None, sa_type=ARRAY(sa.Text))
    expires_at: datetime | None = instant(default=None)
    revoked_at: datetime | None = instant(default=None)
