"""A total cut into quotas, shown first or stored."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.scope import Tx
from app.domain.quotas.allocation import allocate
from app.domain.quotas.contract.allocations import AllocateQuotas, AllocationPreview
from app.domain.quotas.contract.quotas import RevisionAction
from app.domain.quotas.drafts import Drafts, store
from app.domain.quotas.inputs import load_inputs
from app.domain.quotas.tables.allocations import Allocation


@command(Kind.COLLECTION, "quota", needs="quotas:write", body=AllocateQuotas, action="allocate", answers="allocation")
async def allocate_quotas(tx: Tx, body: AllocateQuotas) -> UUID:
    """Cut a total into draft quotas; answers with the allocation and its proof."""
    inputs = await load_inputs(tx, body)
    proof = allocate(body, inputs.currency, inputs.candidates, inputs.months)
    document = body.model_dump(mode="json", include={"blend", "history"})
    row = Allocation(
        org_id=tx.org_id,
        currency=inputs.currency,
        assigned=proof.assigned,
        seller_count=len(proof.shares),
        proof=proof.model_dump(mode="json"),
        created_by=tx.actor.principal_id,
        created_at=tx.now,
        **document,
        **body.model_dump(
            include={
                "period_id", "measure", "method", "seasonality", "team", "manager_id",
                "total", "over_assignment", "growth_cap", "floor",
            }
        ),
    )  # fmt: skip
    await tx.add(row)
    drafts = Drafts(
        period=inputs.period,
        measure=body.measure,
        currency=inputs.currency,
        amounts=[(share.seller_id, share.amount) for share in proof.shares],
        weights=[month.weight for month in inputs.months],
        action=RevisionAction.ALLOCATE,
        allocation_id=row.id,
    )
    await store(tx, drafts)
    tx.emit("quota.allocated", "allocation", row.id, sellers=len(proof.shares), assigned=str(proof.assigned))
    return row.id


@command(
    Kind.COLLECTION,
    "quota",
    needs="quotas:write",
    body=AllocateQuotas,
    action="preview-allocation",
    result=AllocationPreview,
)
async def preview_allocation(tx: Tx, body: AllocateQuotas) -> AllocationPreview:
    """Show what an allocation would give, with its proof; nothing is stored."""
    inputs = await load_inputs(tx, body)
    proof = allocate(body, inputs.currency, inputs.candidates, inputs.months)
    return AllocationPreview(currency=inputs.currency, **dict(proof))
