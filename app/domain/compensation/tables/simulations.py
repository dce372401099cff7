"""Rows of what was tried out. Pay of sellers within them is written and read in SQL only."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.compensation.contract.pay_curves import PayCurveFields
from app.domain.kernel.tables import VersionedRow, amount, instant, json, rate


class _Trial(VersionedRow):
    """What every trial keeps of how it came about."""

    job_id: UUID
    requested_by: UUID
    finished_at: datetime | None = instant(default=None)
    watermark: datetime | None = instant(default=None)
    inputs_hash: str | None = None


class PlanSimulation(_Trial, table=True):
    __tablename__ = "plan_simulation"

    name: str
    period_id: UUID
    plans: list[dict[str, Any]] = json()
    scenario: dict[str, Any] | None = json(default=None)
    paid_every: str | None = None
    seed: int
    digest_before: str | None = None
    digest_after: str | None = None
    totals: list[dict[str, Any]] = json(default_factory=list)
    components: list[dict[str, Any]] = json(default_factory=list)
    periods: list[dict[str, Any]] = json(default_factory=list)


class PayCurve(_Trial, PayCurveFields, table=True):
    __tablename__ = "pay_curve"

    quota: Decimal | None = amount(default=None)
    target_incentive: Decimal | None = amount(default=None)
    objective_score: Decimal = rate()
    up_to: Decimal = rate()
    currency: str
    components: list[dict[str, Any]] = json(default_factory=list)
    points: list[dict[str, Any]] = json(default_factory=list)
    marks: list[dict[str, Any]] = json(default_factory=list)
    codes: list[str] = json(default_factory=list)


class BudgetRisk(_Trial, table=True):
    __tablename__ = "budget_risk"

    name: str
    period_id: UUID
    plans: list[dict[str, Any]] = json()
    attainment: dict[str, Any] = json()
    correlation: Decimal = rate()
    budget: Decimal = amount()
    currency: str
    draws: int
    step: Decimal = rate()
    seed: int
    sellers: int | None = None
    left_out: int | None = None
    needs_attention: int | None = None
    at_target: Decimal | None = amount(default=None)
    mean: Decimal | None = amount(default=None)
    deviation: Decimal | None = amount(default=None)
    p5: Decimal | None = amount(default=None)
    p50: Decimal | None = amount(default=None)
    p90: Decimal | None = amount(default=None)
    p95: Decimal | None = amount(default=None)
    above_budget: Decimal | None = rate(default=None)
    histogram: list[dict[str, Any]] = json(default_factory=list)
