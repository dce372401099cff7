"""What the platform itself answers: jobs, events, the audit trail, the history of a workflow."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.domain.kernel.resource import Stored, View


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobView(Stored):
    """Long work: its progress and, in the end, its result or its problem."""

    kind: str
    state: JobState
    done: int
    """Units done so far."""
    total: int | None = None
    """Units in all, once known."""
    unit: str
    """What is counted: rows, steps, …"""
    message: str | None = None
    """What it is doing now."""
    attempts: int
    cancel_requested: bool
    started_at: datetime | None = None
    finished_at: datetime | None = None
    eta: datetime | None = None
    """When it should be done at the present pace; null while unknown."""
    result: dict[str, Any] | None = None
    """What it produced, with the path to read more."""
    problem: dict[str, Any] | None = None
    """Why it failed, as a problem."""


class TransitionView(View):
    """One step in the history of a workflow."""

    id: UUID
    machine: str
    subject_id: UUID
    action: str
    from_state: str | None = None
    to_state: str
    actor_id: UUID
    actor_name: str
    comment: str | None = None
    data: dict[str, Any]
    """What was given with the action."""
    occurred_at: datetime


class EventView(View):
    """Something that happened, in the order it was committed."""

    id: UUID
    seq: int
    """Position in the organisation's stream, without gaps."""
    name: str
    subject: str
    subject_id: UUID
    data: dict[str, Any]
    occurred_at: datetime


class AuditEntryView(View):
    """One line of the append-only audit trail; each hash covers the line and the hash before it."""

    id: UUID
    seq: int
    occurred_at: datetime
    actor_id: UUID
    actor_name: str
    action: str
    subject: str
    subject_id: UUID
    data: dict[str, Any]
    previous_hash: str
    hash: str
