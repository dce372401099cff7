"""Stored rows of the plans; private to them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.tables import Row, VersionedRow, instant, json, rate, text
from app.domain.plans.contract import PlanFields, PlanKind, PlanState, PlanTemplateFields


class PlanTemplate(PlanTemplateFields, VersionedRow, table=True):
    """One version of a template."""

    __tablename__ = "plan_template"

    kind: PlanKind = text()
    template_version: int
    sections: list[dict[str, Any]] = json()
    rubric: list[dict[str, Any]] = json()
    minimum_quality: Decimal = rate()


class Plan(PlanFields, VersionedRow, table=True):
    """One version of a plan."""

    __tablename__ = "plan"

    template_id: UUID
    kind: PlanKind = text()
    owner_id: UUID
    period_id: UUID
    plan_version: int = 1
    based_on_id: UUID | None = None
    state: PlanState = text(default=PlanState.DRAFT)
    content: dict[str, Any] = json()
    completeness: Decimal = rate()
    quality: Decimal | None = rate(default=None)
    submitted_by: UUID | None = None
    submitted_at: datetime | None = instant(default=None)
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = instant(default=None)
    approved_by: UUID | None = None
    approved_at: datetime | None = instant(default=None)


class PlanReview(Row, table=True):
    """One review; append-only."""

    __tablename__ = "plan_review"

    plan_id: UUID
    scores: list[dict[str, Any]] = json()
    quality: Decimal = rate()
    comment: str | None = None
    reviewer_id: UUID
    reviewer_name: str
    reviewed_at: datetime = instant()
