"""Stored rows of leads."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.domain.accounts.contract.leads import DisqualificationReason, LeadFields, LeadState
from app.domain.kernel.tables import VersionedRow, instant, text


class Lead(LeadFields, VersionedRow, table=True):
    """A lead as stored."""

    __tablename__ = "lead"

    state: LeadState = text()
    disqualified_for: DisqualificationReason | None = text(default=None)
    account_id: UUID | None = None
    opportunity_id: UUID | None = None
    converted_at: datetime | None = instant(default=None)
