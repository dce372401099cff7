"""Stored rows of who belongs to a territory."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from app.domain.kernel.tables import Row, json, text
from app.domain.territories.contract.membership import MembershipSource


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
