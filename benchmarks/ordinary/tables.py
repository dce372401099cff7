"""SQLModel classes of the product's tables, as far as they are read or written here."""

# Annotations are evaluated by SQLModel, so they are not postponed in this module.

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Optional
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Relationship, SQLModel

from app.domain.kernel.ids import uuid7


def _amount() -> Any:
    return Field(default=None, sa_type=sa.Numeric(18, 4))


def _rate() -> Any:
    return Field(default=None, sa_type=sa.Numeric(9, 6))


def _instant() -> Any:
    return Field(default=None, sa_type=sa.DateTime(timezone=True))


def _now() -> Any:
    return Field(default=None, sa_type=sa.DateTime(timezone=True), sa_column_kwargs={"server_default": sa.func.now()})


def _link(condition: str, **more: Any) -> Any:
    return Relationship(sa_relationship_kwargs={"primaryjoin": condition, "viewonly": True, "lazy": "raise", **more})


class Row(SQLModel):
    org_id: UUID = Field(primary_key=True)
    id: UUID = Field(default_factory=uuid7, primary_key=True)


class VersionedRow(Row):
    version: int = 1
    created_at: datetime = _now()
    updated_at: datetime = _now()


class Organisation(SQLModel, table=True):
    org_id: UUID = Field(primary_key=True)
    currency: str


class ExternalId(SQLModel, table=True):
    __tablename__ = "external_id"

    org_id: UUID = Field(primary_key=True)
    resource: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    subject_id: UUID


class Prioritisation(Row, table=True):
    potential_threshold: Decimal = _amount()
    win_probability_threshold: Decimal = _rate()
    currency: str


class Position(Row, table=True):
    seller_id: UUID
    job_role: str
    team: str
    manager_id: UUID | None
    effective_from: date
    effective_to: date | None


class Seller(VersionedRow, table=True):
    name: str
    email: str | None
    employee_number: str | None
    hired_on: date
    latitude: Decimal | None
    longitude: Decimal | None
    left_on: date | None
    placeholder: bool

    position: Optional["Position"] = _link(
        "and_(Seller.org_id == foreign(Position.org_id), Seller.id == foreign(Position.seller_id),"
        " Position.effective_from <= func.current_date(),"
        " or_(Position.effective_to.is_(None), Position.effective_to > func.current_date()))",
        uselist=False,
    )


class FiscalPeriod(VersionedRow, table=True):
    __tablename__ = "fiscal_period"

    code: str
    kind: str
    fiscal_year: int
    ordinal: int
    start_date: date
    end_date: date
    state: str


class Account(VersionedRow, table=True):
    name: str
    parent_id: UUID | None = None
    industry: str | None = None
    country: str | None = None
    city: str | None = None
    latitude: Decimal | None = _rate()
    longitude: Decimal | None = _rate()
    employees: int | None = None
    annual_revenue: Decimal | None = _amount()
    potential: Decimal | None = _amount()
    win_probability: Decimal | None = _rate()
    expected_value: Decimal | None = Field(
        default=None,
        sa_column=sa.Column(sa.Numeric(18, 4), sa.Computed("round(potential * win_probability, 4)", persisted=True)),
    )
    currency: str
    owner_id: UUID | None = None

    external_ids: list["ExternalId"] = _link(
        "and_(Account.org_id == foreign(ExternalId.org_id), ExternalId.resource == 'account',"
        " Account.id == foreign(ExternalId.subject_id))",
        order_by="ExternalId.source, ExternalId.key",
    )


class Opportunity(VersionedRow, table=True):
    name: str
    account_id: UUID | None
    stage: str
    amount: Decimal | None = _amount()
    currency: str
    closed_on: date | None


class Quota(VersionedRow, table=True):
    seller_id: UUID
    territory_id: UUID | None
    measure: str
    period_id: UUID
    amount: Decimal = _amount()
    counter_amount: Decimal | None = _amount()
    currency: str
    allocation_id: UUID | None
    state: str
    proposed_by: UUID | None
    proposed_at: datetime | None = _instant()
    accepted_by: UUID | None
    accepted_at: datetime | None = _instant()
    disputed_by: UUID | None
    disputed_at: datetime | None = _instant()
    locked_by: UUID | None
    locked_at: datetime | None = _instant()

    seller: "Seller" = _link("and_(foreign(Quota.org_id) == Seller.org_id, foreign(Quota.seller_id) == Seller.id)")
    period: "FiscalPeriod" = _link(
        "and_(foreign(Quota.org_id) == FiscalPeriod.org_id, foreign(Quota.period_id) == FiscalPeriod.id)"
    )


class Transition(Row, table=True):
    machine: str
    subject_id: UUID
    action: str
    from_state: str
    to_state: str
    actor_id: UUID
    actor_name: str
    comment: str | None = None
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    occurred_at: datetime = _instant()
