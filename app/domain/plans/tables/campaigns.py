"""Stored rows of campaigns."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.tables import VersionedRow, amount, instant, json
from app.domain.plans.contract.campaigns import PlanCampaignFields


class PlanCampaign(PlanCampaignFields, VersionedRow, table=True):
    """A set of plans expected by a day."""

    __tablename__ = "plan_campaign"

    minimum_potential: Decimal | None = amount(default=None)
    quadrants: list[Any] = json()
    created_by: UUID
    launched_at: datetime | None = instant(default=None)
