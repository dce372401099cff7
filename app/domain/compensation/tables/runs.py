"""Rows of compensation runs. What a run found is written and read in SQL only."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.compensation.contract.runs import CompensationRunState, RunExtent, RunFields, RunKind
from app.domain.kernel.tables import VersionedRow, instant, json, text


class CompensationRun(RunFields, VersionedRow, table=True):
    __tablename__ = "compensation_run"

    kind: RunKind = text()
    parent_run_id: UUID | None = None
    job_id: UUID
    requested_by: UUID
    state: CompensationRunState = text()
    watermark: datetime | None = instant(default=None)
    postings_seen: int | None = None
    inputs_hash: str | None = None
    engine: str | None = None
    code: str | None = None
    extent: RunExtent | None = text(default=None)
    digest: str | None = None
    digests: dict[str, Any] = json(default_factory=dict)
    artefact: str | None = None
    earlier_years: list[dict[str, Any]] = json(default_factory=list)
    earlier_sales: list[dict[str, Any]] = json(default_factory=list)
    counts: dict[str, Any] = json(default_factory=dict)
    totals: list[dict[str, Any]] = json(default_factory=list)
