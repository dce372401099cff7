"""What can be read of the platform."""

from app.domain.kernel.contract import AuditEntryView, EventView, JobView, TransitionView
from app.domain.kernel.resource import Resource, Visible

JOB = Resource(
    "job",
    "jobs",
    JobView,
    "jobs:read",
    "Long work, with progress and result.",
    columns={
        "eta": "case when {row}.state = 'running' and {row}.done > 0 and {row}.total > {row}.done then {row}.started_at"
        " + (coalesce({row}.heartbeat_at, now()) - {row}.started_at) * ({row}.total::float8 / {row}.done) end",
    },
    filters=("state", "kind", "created_at"),
    sorts=("created_at",),
    visible=Visible("{row}.principal_id = {actor}"),
)

TRANSITION = Resource(
    "transition",
    "transitions",
    TransitionView,
    "",
    "The history of a workflow, oldest first.",
    filters=("machine", "subject_id", "action", "to_state", "actor_id"),
    sorts=("occurred_at",),
    sort="id",
    versioned=False,
    hidden=True,
)

EVENT = Resource(
    "event",
    "events",
    EventView,
    "events:read",
    "Everything that happened, as a stream to follow with `seq.gt`.",
    filters=("seq", "name", "subject", "subject_id", "occurred_at"),
    sorts=("seq",),
    sort="seq",
    versioned=False,
)

AUDIT_ENTRY = Resource(
    "audit_entry",
    "audit_entries",
    AuditEntryView,
    "audit:read",
    "The audit trail, append-only and hash-chained.",
    columns={
        "previous_hash": "encode({row}.previous_hash, 'hex')",
        "hash": "encode({row}.hash, 'hex')",
    },
    filters=("seq", "actor_id", "action", "subject", "subject_id", "occurred_at"),
    sorts=("seq",),
    sort="-seq",
    versioned=False,
)
