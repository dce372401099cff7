"""Stored rows of territory models."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.domain.kernel.tables import VersionedRow, instant, text
from app.domain.territories.contract.models import TerritoryModelFields, TerritoryModelState


class TerritoryModel(TerritoryModelFields, VersionedRow, table=True):
    """A version of the design."""

    __tablename__ = "territory_model"

    state: TerritoryModelState = text(default=TerritoryModelState.DRAFT)
    model_version: int
    based_on_id: UUID | None = None
    submitted_by: UUID | None = None
    submitted_at: datetime | None = instant(default=None)
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = instant(default=None)
    approved_by: UUID | None = None
    approved_at: datetime | None = instant(default=None)
    move_open_deals: bool = False
