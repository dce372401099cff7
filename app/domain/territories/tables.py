"""Stored rows of the territories; private to them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.tables import Row, VersionedRow, instant, json, rate, text
from app.domain.territories.contract import (
    MembershipSource,
    TerritoryAssignmentFields,
    TerritoryAssignmentState,
    TerritoryFields,
    TerritoryModelFields,
    TerritoryModelState,
)


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


class Territory(TerritoryFields, VersionedRow, table=True):
    """A territory with its rule as it was given."""

    __tablename__ = "territory"

    model_id: UUID
    rule: dict[str, Any] = json()


class TerritoryMembership(Row, table=True):
    """An account's place in a model for a range of dates."""

    __tablename__ = "territory_membership"

    model_id: UUID
    territory_id: UUID
    account_id: UUID
    source: MembershipSource = text()
    reason: dict[str, Any] = json()
    effective_from: date
    effective_to: date | None = None


class TerritoryAssignment(TerritoryAssignmentFields, VersionedRow, table=True):
    """A seller's part in a territory for a range of dates."""

    __tablename__ = "territory_assignment"

    share: Decimal = rate(default=Decimal(1))
    state: TerritoryAssignmentState = text(default=TerritoryAssignmentState.PROPOSED)
