"""A total cut into quotas, shown first or stored."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Tx
from app.domain.quotas.allocation import allocate, month_weights
from app.domain.quotas.basis import Inputs, load_inputs
from app.domain.quotas.contract.allocations import AllocateQuotas, AllocationPreview, AllocationProof, AllocationTerms
from app.domain.quotas.contract.quotas import RevisionAction
from app.domain.quotas.drafts import Draft, Drafts, store
from app.domain.quotas.tables.allocations import Allocation
from app.domain.quotas.workflow import QUOTA
from app.domain.workflow.history import advance_many


@command(Kind.COLLECTION, "quota", needs="quotas:write", body=AllocateQuotas, action="allocate", answers="allocation")
async def allocate_quotas(tx: Tx, body: AllocateQuotas) -> UUID:
    """Cut a total into draft quotas; answers with the allocation and its proof.

    With `replaces` it runs an allocation again: drafts are cancelled and made anew, amounts changed by hand are kept
    unless `keep_adjustments` is false, and quotas that went to their sellers stay as they are and are counted.
    """
    inputs = await load_inputs(tx, body)
    proof = allocate(body, inputs.currency, inputs.candidates, inputs.months, inputs.line)
    row = await tx.add(_row(tx, body, inputs, proof))
    if body.replaces:
        await _cancel_drafts(tx, body.replaces)
    drafts = Drafts(
        period=inputs.period,
        measure=body.measure,
        currency=inputs.currency,
        each=_drafts(body, inputs, proof),
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
    proof = allocate(body, inputs.currency, inputs.candidates, inputs.months, inputs.line)
    return AllocationPreview(currency=inputs.currency, **dict(proof))


def _row(tx: Tx, body: AllocateQuotas, inputs: Inputs, proof: AllocationProof) -> Allocation:
    return Allocation(
        org_id=tx.org_id,
        currency=inputs.currency,
        assigned=proof.assigned,
        seller_count=len(proof.shares),
        replaces_id=body.replaces,
        terms=body.model_dump(mode="json", include=set(AllocationTerms.model_fields)),
        proof=proof.model_dump(mode="json"),
        created_by=tx.actor.principal_id,
        created_at=tx.now,
        **body.model_dump(mode="json", include={"blend", "history"}),
        **body.model_dump(
            include={
                "period_id", "measure", "method", "seasonality", "team", "manager_id",
                "total", "over_assignment", "growth_cap", "floor",
            }
        ),
    )  # fmt: skip


def _drafts(body: AllocateQuotas, inputs: Inputs, proof: AllocationProof) -> list[Draft]:
    """The quotas to store: not of those whose quota stays; of managers for their teams where it is asked."""
    sellers = [
        Draft(share.seller_id, share.amount, month_weights(candidate, inputs.months), share.computed, share.reason)
        for share, candidate in zip(proof.shares, inputs.candidates, strict=True)
        if candidate.held is None or not candidate.held.settled
    ]
    if not (body.cascade and body.include_managers):
        return sellers
    named = {share.seller_id for share in proof.shares}
    settled = {id for id, held in inputs.line.held.items() if held.settled}
    months = [month.weight for month in inputs.months]
    return sellers + [
        Draft(node.manager_id, node.amount, months, None, node.reason)
        for node in proof.nodes
        if node.manager_id is not None and node.manager_id not in named | settled
    ]


async def _cancel_drafts(tx: Tx, replaced: UUID) -> None:
    found = await tx.rows(
        "select id from quota where org_id = :org_id and allocation_id = :replaced and state = 'draft' order by id",
        replaced=replaced,
    )
    done = await advance_many(tx, QUOTA, [row["id"] for row in found], "cancel", comment="Allocated again.")
    for id, code in done.refused.items():
        raise refuse(
            code, "A draft of the replaced allocation cannot be cancelled.", pointer="/replaces", quota=str(id)
        )
