"""Stored rows of imports; private to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.kernel.tables import VersionedRow, instant, json


class DataImport(VersionedRow, table=True):
    __tablename__ = "data_import"

    job_id: UUID
    mapping: str | None = None
    document: dict[str, Any] = json()
    source: str
    dry_run: bool
    files: list[dict[str, Any]] = json()
    steps: list[dict[str, Any]] = json()
    created_by: UUID
    finished_at: datetime | None = instant(default=None)
