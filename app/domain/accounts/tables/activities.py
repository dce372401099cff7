"""Stored rows of activities."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Field

from app.domain.accounts.contract.activities import ActivityFields, ActivityKind, ActivityState
from app.domain.kernel.tables import VersionedRow, text


class Activity(ActivityFields, VersionedRow, table=True):
    """An activity as stored."""

    __tablename__ = "activity"

    seller_id: UUID
    kind: ActivityKind = text()
    state: ActivityState = text()
    done_on: date | None = None
    distance_km: Decimal | None = Field(default=None, sa_type=sa.Numeric(12, 3))
