"""What can be asked of quotas and allocations."""

from __future__ import annotations

from fractions import Fraction
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.quotas.allocation import allocate
from app.domain.quotas.contract import (
    AllocateQuotas,
    AllocationPreview,
    CancelledQuotas,
    CreateQuota,
    DisputeQuota,
    ProposedQuotas,
    QuotasOfAllocation,
    QuotaState,
    RefusedQuota,
    ReviseQuota,
    RevisionAction,
    UpdateQuota,
)
from app.domain.quotas.drafts import Drafts, change_amount, store
from app.domain.quotas.inputs import SEES, currency_for, load_inputs, load_period, require_units, sight
from app.domain.quotas.tables import Allocation, Quota
from app.domain.quotas.workflow import QUOTA
from app.domain.workflow.history import Advanced, advance_many, on_move

define(
    "quota_period_closed",
    Conflict,
    "The period of the quota is closed",
    "La période du quota est close",
    "Use an open period, or have the period reopened.",
)


@command(Kind.CREATE, "quota", needs="quotas:write", body=CreateQuota)
async def create_quota(tx: Tx, body: CreateQuota) -> UUID:
    """Draft a quota by hand, spread evenly over the months of its period."""
    await tx.visible("seller", body.seller_id, pointer="/seller_id")
    if body.territory_id:
        await tx.visible("territory", body.territory_id, pointer="/territory_id")
    period = await load_period(tx, body.period_id)
    currency = await currency_for(tx, body.measure, body.currency)
    require_units(body.amount, body.measure, currency, "/amount")
    drafts = Drafts(
        period=period,
        measure=body.measure,
        currency=currency,
        amounts=[(body.seller_id, body.amount)],
        weights=[Fraction(1)] * len(period.months),
        action=RevisionAction.CREATE,
        territory_id=body.territory_id,
    )
    return (await store(tx, drafts))[0]


@command(Kind.UPDATE, "quota", needs="quotas:write", body=UpdateQuota)
async def update_quota(tx: Tx, id: UUID, body: UpdateQuota) -> None:
    """Change the amount of a draft; what was proposed already is revised or amended instead."""
    quota = await tx.require(Quota, id)
    if quota.state != QuotaState.DRAFT:
        raise refuse("immutable", f"The amount cannot be changed freely in state {quota.state}.", state=quota.state)
    # A manager sees its own quota among those of its line.
    if quota.seller_id == tx.actor.seller_id:
        raise refuse("four_eyes")
    await load_period(tx, quota.period_id)
    require_units(body.amount, quota.measure, quota.currency, "/amount")
    await change_amount(tx, quota, body.amount, RevisionAction.UPDATE, body.comment)


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
    return CancelledQuotas(cancelled=len(done.moved), refused=_named(done))


@on_move(QUOTA, "dispute")
async def _keep_counter_amount(tx: Tx, id: UUID, body: DisputeQuota) -> None:
    quota = await tx.require(Quota, id, lock=True)
    require_units(body.counter_amount, quota.measure, quota.currency, "/counter_amount")
    quota.counter_amount = body.counter_amount


@on_move(QUOTA, "revise")
async def _revise(tx: Tx, id: UUID, body: ReviseQuota) -> None:
    await _change(tx, id, body, RevisionAction.REVISE)


@on_move(QUOTA, "amend")
async def _amend(tx: Tx, id: UUID, body: ReviseQuota) -> None:
    await _change(tx, id, body, RevisionAction.AMEND)


async def _change(tx: Tx, id: UUID, body: ReviseQuota, action: RevisionAction) -> None:
    quota = await tx.require(Quota, id, lock=True)
    require_units(body.amount, quota.measure, quota.currency, "/amount")
    await change_amount(tx, quota, body.amount, action, body.comment)


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
