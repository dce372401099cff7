"""Recalculations of runs, as they can be read."""

from __future__ import annotations

from app.domain.compensation.contract.verifications import RunVerificationView
from app.domain.kernel.resource import LinkFrom, Many, One, Resource

RUN_VERIFICATION = Resource(
    "run_verification",
    "run_verifications",
    RunVerificationView,
    "runs:read",
    "Whether recalculating a run from its inputs gave the same digests, step by step.",
    links={"run": One("compensation_run", "{row}.run_id")},
    filters=("run_id", "engine", "same", "created_at"),
    sorts=("created_at",),
    versioned=False,
)

RUN_VERIFICATIONS = LinkFrom(
    "compensation_run",
    "verifications",
    Many("run_verification", "{other}.run_id = {row}.id", "-created_at", "When it was recalculated, and what came."),
)
