"""Rows of compensation plans."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.money import SPOT
from app.domain.kernel.tables import Row, VersionedRow, amount, instant, json


class CompensationPlan(VersionedRow, table=True):
    __tablename__ = "compensation_plan"

    code: str
    name: str
    description: str | None = None
    fiscal_year: int
    currency: str
    exchange_rates: str = SPOT
    draws: list[dict[str, Any]] = json(default_factory=list)
    constants: list[dict[str, Any]] = json(default_factory=list)
    eligibility: dict[str, Any] | None = json(default=None)
    pay_mix: dict[str, Any] | None = json(default=None)
    in_words: list[dict[str, str]] = json(default_factory=list)
    plan_version: int = 1
    based_on_id: UUID | None = None
    state: str


class Component(Row, table=True):
    __tablename__ = "compensation_component"

    plan_id: UUID
    ordinal: int
    kind: str
    code: str
    name: str
    terms: dict[str, Any] = json()
    """Everything it says, its kind, code and name too, as the plan document writes it."""
    in_words: list[dict[str, str]] = json()
    reads: list[dict[str, Any]] = json(default_factory=list)
    """What its rate reads, named and said, in the order of the values in workings of earnings."""


class Participant(Row, table=True):
    __tablename__ = "plan_participant"

    plan_id: UUID
    seller_id: UUID
    effective_from: date
    effective_to: date | None = None
    target_incentive: Decimal | None = amount(default=None)
    base_salary: Decimal | None = amount(default=None)
    currency: str


class Agreement(VersionedRow, table=True):
    __tablename__ = "plan_agreement"

    plan_id: UUID
    seller_id: UUID
    state: str
    issued_at: datetime = instant()
    due_on: date
