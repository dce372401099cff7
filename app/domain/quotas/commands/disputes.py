"""What the moves of a dispute store, and evidence that comes later."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, FieldError, define, refuse
from app.domain.kernel.fields import OptionalComment, RequiredComment
from app.domain.kernel.scope import Tx
from app.domain.quotas.amounts import change_amount, require_kept_of
from app.domain.quotas.contract.disputes import MOST_EVIDENCE, AddEvidence, DisputeOutcome, DisputeQuota, Evidence
from app.domain.quotas.contract.quotas import ReviseQuota, RevisionAction
from app.domain.quotas.disputes import close_disputes
from app.domain.quotas.inputs import require_units
from app.domain.quotas.tables.disputes import QuotaDispute
from app.domain.quotas.tables.quotas import Quota
from app.domain.quotas.workflow import QUOTA
from app.domain.workflow.history import on_move

define(
    "dispute_closed",
    Conflict,
    "The dispute is closed",
    "La contestation est close",
    "Dispute the quota again if it is proposed.",
)


@on_move(QUOTA, "dispute")
async def _open(tx: Tx, id: UUID, body: DisputeQuota) -> None:
    quota = await tx.require(Quota, id, lock=True)
    require_units(body.counter_amount, quota.measure, quota.currency, "/counter_amount")
    if body.counter_amount == quota.amount:
        raise refuse("invalid_input", "It is the amount that is proposed: accept it.", pointer="/counter_amount")
    await require_kept_of(tx, quota, body.counter_amount, "/counter_amount")
    quota.counter_amount = body.counter_amount
    await tx.add(
        QuotaDispute(
            org_id=tx.org_id,
            quota_id=id,
            amount=quota.amount,
            counter_amount=body.counter_amount,
            currency=quota.currency,
            reason=body.comment,
            evidence=_documents(body.evidence),
            opened_by=tx.actor.principal_id,
            opened_at=tx.now,
        )
    )


@on_move(QUOTA, "investigate")
async def _investigate(tx: Tx, id: UUID, body: OptionalComment) -> None:
    await tx.execute(
        "update quota_dispute set investigated_by = :actor, investigated_at = :now"
        " where org_id = :org_id and quota_id = :quota and outcome is null",
        quota=id,
        actor=tx.actor.principal_id,
        now=tx.now,
    )


@on_move(QUOTA, "revise")
async def _revise(tx: Tx, id: UUID, body: ReviseQuota) -> None:
    quota = await tx.require(Quota, id, lock=True)
    require_units(body.amount, quota.measure, quota.currency, "/amount")
    if body.amount == quota.amount:
        raise refuse("invalid_input", "It is the amount that is disputed: uphold it.", pointer="/amount")
    await change_amount(tx, quota, body.amount, RevisionAction.REVISE, body.comment)
    granted = body.amount == quota.counter_amount
    await close_disputes(tx, [id], DisputeOutcome.GRANTED if granted else DisputeOutcome.REVISED, body.comment)


@on_move(QUOTA, "uphold")
async def _uphold(tx: Tx, id: UUID, body: RequiredComment) -> None:
    await close_disputes(tx, [id], DisputeOutcome.UPHELD, body.comment)


@on_move(QUOTA, "withdraw")
async def _withdraw(tx: Tx, id: UUID, body: OptionalComment) -> None:
    await close_disputes(tx, [id], DisputeOutcome.WITHDRAWN, body.comment)


@on_move(QUOTA, "cancel")
async def _cancel(tx: Tx, id: UUID, body: OptionalComment) -> None:
    await close_disputes(tx, [id], DisputeOutcome.CANCELLED, body.comment)


@command(Kind.ACTION, "quota_dispute", needs="quotas:respond", body=AddEvidence, action="add-evidence")
async def add_dispute_evidence(tx: Tx, id: UUID, body: AddEvidence) -> None:
    """Add notes and links to one's dispute while it is open; what was given before stays."""
    dispute = await tx.require(QuotaDispute, id, lock=True)
    quota = await tx.require(Quota, dispute.quota_id)
    if quota.seller_id != tx.actor.seller_id:
        raise refuse("not_concerned")
    if dispute.outcome is not None:
        raise refuse("dispute_closed", outcome=dispute.outcome)
    known = [*dispute.evidence, *_documents(body.evidence)]
    if len(known) > MOST_EVIDENCE:
        detail = f"A dispute has at most {MOST_EVIDENCE} pieces of evidence; it has {len(dispute.evidence)}."
        raise refuse("invalid_input", detail, pointer="/evidence")
    dispute.evidence = known


def _documents(evidence: list[Evidence]) -> list[dict[str, Any]]:
    empty = [n for n, piece in enumerate(evidence) if piece.note is None and piece.url is None]
    if empty:
        detail = "A piece of evidence has a note, a url or both."
        raise refuse(
            "invalid_input", detail, errors=tuple(FieldError(f"/evidence/{n}", "evidence_empty", detail) for n in empty)
        )
    return [piece.model_dump(mode="json") for piece in evidence]
