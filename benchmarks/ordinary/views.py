"""Response models."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class View(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Money(View):
    amount: Decimal
    currency: str


class AllowedAction(View):
    action: str
    allowed: bool
    code: str | None = None


class PageInfo(View):
    next_cursor: str | None
    has_next_page: bool


class Page(View, Generic[Item]):
    items: list[Item]
    page: PageInfo


class StoredView(View):
    id: UUID
    version: int
    created_at: datetime
    updated_at: datetime


class ExternalIdView(View):
    source: str
    key: str


class AccountView(StoredView):
    name: str
    parent_id: UUID | None
    industry: str | None
    country: str | None
    city: str | None
    latitude: Decimal | None
    longitude: Decimal | None
    employees: int | None
    win_probability: Decimal | None
    owner_id: UUID | None
    annual_revenue: Money | None
    potential: Money | None
    expected_value: Money | None
    quadrant: str | None
    currency: str
    external_ids: list[ExternalIdView]


class SellerView(StoredView):
    name: str
    email: str | None
    employee_number: str | None
    hired_on: date
    latitude: Decimal | None
    longitude: Decimal | None
    left_on: date | None
    placeholder: bool
    job_role: str | None
    team: str | None
    manager_id: UUID | None


class PeriodView(StoredView):
    code: str
    kind: str
    fiscal_year: int
    ordinal: int
    start_date: date
    end_date: date
    state: str
    allowed_actions: list[AllowedAction]


class QuotaView(StoredView):
    seller_id: UUID
    territory_id: UUID | None
    measure: str
    period_id: UUID
    amount: Money
    counter_amount: Money | None
    currency: str
    allocation_id: UUID | None
    state: str
    proposed_by: UUID | None
    proposed_at: datetime | None
    accepted_by: UUID | None
    accepted_at: datetime | None
    disputed_by: UUID | None
    disputed_at: datetime | None
    locked_by: UUID | None
    locked_at: datetime | None
    allowed_actions: list[AllowedAction]
    seller: SellerView
    period: PeriodView


class CreateAccount(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    parent_id: UUID | None = None
    industry: str | None = None
    country: str | None = None
    city: str | None = None
    latitude: Decimal | None = Field(default=None, ge=-90, le=90)
    longitude: Decimal | None = Field(default=None, ge=-180, le=180)
    employees: int | None = Field(default=None, ge=0)
    annual_revenue: Decimal | None = Field(default=None, ge=0)
    potential: Decimal | None = Field(default=None, ge=0)
    win_probability: Decimal | None = Field(default=None, ge=0, le=1)
    owner_id: UUID | None = None
    currency: str | None = None


class MovePeriod(BaseModel):
    model_config = ConfigDict(extra="forbid")

    comment: str | None = Field(default=None, min_length=1, max_length=4_000)
