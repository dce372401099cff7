"""Closing disputes, one or many."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.domain.kernel.scope import Tx
from app.domain.quotas.contract.disputes import DisputeOutcome


async def close_disputes(tx: Tx, quotas: Sequence[UUID], outcome: DisputeOutcome, decision: str | None) -> None:
    """End the open disputes of quotas; the amounts the quotas have now are what was decided."""
    await tx.execute(
        "update quota_dispute set outcome = :outcome, decided_amount = quota.amount, decision = :decision,"
        " closed_by = :actor, closed_at = :now from quota where quota_dispute.org_id = :org_id"
        " and quota_dispute.quota_id = any(cast(:quotas as uuid[])) and quota_dispute.outcome is null"
        " and quota.org_id = quota_dispute.org_id and quota.id = quota_dispute.quota_id",
        quotas=list(quotas),
        outcome=str(outcome),
        decision=decision,
        actor=tx.actor.principal_id,
        now=tx.now,
    )
