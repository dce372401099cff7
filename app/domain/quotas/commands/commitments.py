"""What can be asked of commitments."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Tx
from app.domain.quotas.contract.commitments import (
    AdjustCommitment,
    CommitmentScope,
    CreateCommitment,
    UpdateCommitment,
)
from app.domain.quotas.inputs import currency_for, load_period, require_units
from app.domain.quotas.tables.commitments import Commitment


@command(Kind.CREATE, "commitment", needs="quotas:respond", body=CreateCommitment)
async def create_commitment(tx: Tx, body: CreateCommitment) -> UUID:
    """Say what one will bring in a period, oneself or, for those who lead others, with the whole team."""
    seller = tx.actor.seller_id
    if seller is None:
        raise refuse("not_concerned", "Only a seller commits to a figure.")
    await load_period(tx, body.period_id)
    currency = await currency_for(tx, body.measure, body.currency)
    require_units(body.amount, body.measure, currency, "/amount")
    if body.scope is CommitmentScope.TEAM and not await _leads(tx, seller):
        raise refuse("invalid_input", "You lead nobody: leave the scope at own.", pointer="/scope")
    fields = body.model_dump(exclude={"currency"})
    return (await tx.add(Commitment(org_id=tx.org_id, seller_id=seller, currency=currency, **fields))).id


@command(Kind.UPDATE, "commitment", needs="quotas:respond", body=UpdateCommitment)
async def update_commitment(tx: Tx, id: UUID, body: UpdateCommitment) -> None:
    """Say another figure for oneself or one's team."""
    row = await tx.require(Commitment, id)
    if row.seller_id != tx.actor.seller_id:
        raise refuse("not_concerned")
    await load_period(tx, row.period_id)
    require_units(body.amount, row.measure, row.currency, "/amount")
    row.amount = body.amount
    if "comment" in body.model_fields_set:
        row.comment = body.comment
    tx.emit("commitment.updated", "commitment", id, amount=str(body.amount), comment=body.comment)


@command(Kind.ACTION, "commitment", needs="quotas:write", body=AdjustCommitment, action="adjust")
async def adjust_commitment(tx: Tx, id: UUID, body: AdjustCommitment) -> None:
    """Count with another figure than the seller's, saying why; the seller's stays beside it."""
    row = await tx.require(Commitment, id)
    if row.seller_id == tx.actor.seller_id:
        raise refuse("four_eyes")
    await load_period(tx, row.period_id)
    if body.amount is not None:
        require_units(body.amount, row.measure, row.currency, "/amount")
    row.adjusted, row.adjustment_comment = body.amount, body.comment
    row.adjusted_by, row.adjusted_at = tx.actor.principal_id, tx.now
    amount = None if body.amount is None else str(body.amount)
    tx.emit("commitment.adjusted", "commitment", id, amount=amount, comment=body.comment)


async def _leads(tx: Tx, seller: UUID) -> bool:
    return bool(
        await tx.value(
            "select exists (select 1 from reporting_closure line where line.org_id = :org_id"
            " and line.ancestor_id = :seller and line.depth > 0 and line.valid_from <= :today"
            " and line.valid_to > :today)",
            seller=seller,
            today=tx.today,
        )
    )
