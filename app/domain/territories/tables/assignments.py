"""Stored rows of who covers a territory."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from app.domain.kernel.tables import VersionedRow, rate, text
from app.domain.territories.contract.assignments import TerritoryAssignmentFields, TerritoryAssignmentState


class TerritoryAssignment(TerritoryAssignmentFields, VersionedRow, table=True):
    """A seller's part in a territory for a range of dates."""

    __tablename__ = "territory_assignment"

    share: Decimal = rate(default=Decimal(1))
    state: TerritoryAssignmentState = text(default=TerritoryAssignmentState.PROPOSED)
    replaces_id: UUID | None = None
