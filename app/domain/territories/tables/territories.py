"""Stored rows of territories."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.kernel.tables import VersionedRow, json, text
from app.domain.territories.contract.territories import CoverageMode, TerritoryFields


class Territory(TerritoryFields, VersionedRow, table=True):
    """A territory with its rule as it was given."""

    __tablename__ = "territory"

    model_id: UUID
    coverage_mode: CoverageMode = text(default=CoverageMode.FIELD)
    rule: dict[str, Any] = json()
