"""Stored rows of templates and plans."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.tables import Row, VersionedRow, instant, json, rate, text
from app.domain.plans.contract.plans import PlanFields, PlanState
from app.domain.plans.contract.templates import CascadeRule, PlanKind, PlanTemplateFields


class PlanTemplate(PlanTemplateFields, VersionedRow, table=True):
    """One version of a template."""

    __tablename__ = "plan_template"

    kind: PlanKind = text()
    template_version: int
    sections: list[dict[str, Any]] = json()
    rubric: list[dict[str, Any]] = json()
    minimum_quality: Decimal = rate()
    cascade_rule: CascadeRule = text(default=CascadeRule.FLAG)


class Plan(PlanFields, VersionedRow, table=True):
    """One version of a plan."""

    __tablename__ = "plan"

    template_id: UUID
    kind: PlanKind = text()
    owner_id: UUID
    period_id: UUID
    plan_version: int = 1
    based_on_id: UUID | None = None
    started_from_id: UUID | None = None
    parent_id: UUID | None = None
    campaign_id: UUID | None = None
    state: PlanState = text(default=PlanState.DRAFT)
    sections: dict[str, Any] = json()
    completeness: Decimal = rate()
    review_round: int = 0
    quality: Decimal | None = rate(default=None)
    submitted_by: UUID | None = None
    submitted_at: datetime | None = instant(default=None)
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = instant(default=None)
    approved_by: UUID | None = None
    approved_at: datetime | None = instant(default=None)
    exemplary_at: datetime | None = instant(default=None)
    exemplary_by: UUID | None = None
    exemplary_reason: str | None = None


class PlanSubmission(Row, table=True):
    """A plan as it was submitted once; append-only."""

    __tablename__ = "plan_submission"

    plan_id: UUID
    round: int
    sections: dict[str, Any] = json()
    submitted_by: UUID
    submitted_at: datetime = instant()
