"""Rows of objectives."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from app.domain.compensation.contract.objectives import ObjectiveFields
from app.domain.kernel.tables import VersionedRow, instant, rate


class PlanObjective(ObjectiveFields, VersionedRow, table=True):
    __tablename__ = "plan_objective"

    weight: Decimal = rate()
    score: Decimal | None = rate(default=None)
    assessed_by: UUID | None = None
    assessed_at: datetime | None = instant(default=None)
