"""Stored rows of territories."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.kernel.tables import VersionedRow, json
from app.domain.territories.contract.territories import TerritoryFields


class Territory(TerritoryFields, VersionedRow, table=True):
    """A territory with its rule as it was given."""

    __tablename__ = "territory"

    model_id: UUID
    rule: dict[str, Any] = json()
