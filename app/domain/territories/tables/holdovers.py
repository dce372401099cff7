"""Stored rows of deals that stay with their former seller for a time."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.kernel.tables import VersionedRow, text
from app.domain.territories.contract.holdovers import HoldoverState


class Holdover(VersionedRow, table=True):
    """An open deal that has not gone over yet, or what became of it."""

    __tablename__ = "holdover"

    model_id: UUID
    opportunity_id: UUID
    account_id: UUID
    from_seller_id: UUID
    to_seller_id: UUID
    until: date
    state: HoldoverState = text()
