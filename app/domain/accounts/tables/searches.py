"""Stored rows of saved searches; what a watch saw and told is kept by SQL alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.accounts.contract.searches import SavedSearchFields, SearchTarget
from app.domain.kernel.tables import VersionedRow, instant, json, text


class SavedSearch(SavedSearchFields, VersionedRow, table=True):
    """A saved search as stored."""

    __tablename__ = "saved_search"

    principal_id: UUID
    target: SearchTarget = text()
    criteria: dict[str, Any] = json()
    checked_at: datetime | None = instant(default=None)
