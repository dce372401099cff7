"""Moves of all the quotas of an allocation."""

from __future__ import annotations

from app.domain.kernel.command import Kind, command
from app.domain.kernel.scope import Tx
from app.domain.quotas.contract.disputes import DisputeOutcome
from app.domain.quotas.contract.quotas import CancelledQuotas, ProposedQuotas, QuotasOfAllocation, RefusedQuota
from app.domain.quotas.disputes import close_disputes
from app.domain.quotas.inputs import SEES, sight
from app.domain.quotas.workflow import QUOTA
from app.domain.workflow.history import Advanced, advance_many


@command(
    Kind.COLLECTION, "quota", needs="quotas:write", body=QuotasOfAllocation, action="propose", result=ProposedQuotas
)
async def propose_quotas(tx: Tx, body: QuotasOfAllocation) -> ProposedQuotas:
    """Propose the quotas of an allocation to their sellers; those that cannot be proposed are named."""
    done = await _all_of(tx, body, "propose")
    return ProposedQuotas(proposed=len(done.moved), refused=_named(done))


@command(
    Kind.COLLECTION, "quota", needs="quotas:write", body=QuotasOfAllocation, action="cancel", result=CancelledQuotas
)
async def cancel_quotas(tx: Tx, body: QuotasOfAllocation) -> CancelledQuotas:
    """Cancel the quotas of an allocation, so that another can take their place; those that cannot be are named."""
    done = await _all_of(tx, body, "cancel")
    await close_disputes(tx, done.moved, DisputeOutcome.CANCELLED, body.comment)
    return CancelledQuotas(cancelled=len(done.moved), refused=_named(done))


async def _all_of(tx: Tx, body: QuotasOfAllocation, action: str) -> Advanced:
    await tx.visible("allocation", body.allocation_id, pointer="/allocation_id")
    found = await tx.rows(
        "select id from quota where org_id = :org_id and allocation_id = :allocation"
        f" and {SEES.format(column='seller_id')} order by id",
        allocation=body.allocation_id,
        **sight(tx),
    )
    return await advance_many(tx, QUOTA, [row["id"] for row in found], action, comment=body.comment)


def _named(done: Advanced) -> list[RefusedQuota]:
    return [RefusedQuota(quota_id=id, code=code) for id, code in done.refused.items()]
