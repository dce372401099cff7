"""Asking about a statement, and deciding on it."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.contract.inquiries import AdjustInquiry, CreateInquiry, InquiryState
from app.domain.compensation.tables.inquiries import Adjustment, Inquiry
from app.domain.compensation.workflow.inquiries import INQUIRY
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.money import minor_digits, round_half_away
from app.domain.kernel.scope import Tx
from app.domain.workflow.history import begin, on_move


@command(Kind.CREATE, "inquiry", needs="inquiries:write", body=CreateInquiry)
async def create_inquiry(tx: Tx, body: CreateInquiry) -> UUID:
    """Question one's own statement, or a line or a transaction of it."""
    await tx.visible("statement", body.statement_id, pointer="/statement_id")
    statement = (
        await tx.rows(
            "select seller_id, run_id, currency from statement where org_id = :org_id and id = :id",
            id=body.statement_id,
        )
    )[0]
    if statement["seller_id"] != tx.actor.seller_id:
        raise refuse("not_concerned")
    if body.earning_id and not await tx.value(
        "select 1 from earning where org_id = :org_id and id = :id and run_id = :run and seller_id = :seller",
        id=body.earning_id,
        run=statement["run_id"],
        seller=statement["seller_id"],
    ):
        raise refuse("unknown_reference", "The statement has no such line.", pointer="/earning_id")
    if body.transaction_id:
        await tx.visible("transaction", body.transaction_id, pointer="/transaction_id")
    row = await tx.add(
        Inquiry(
            org_id=tx.org_id,
            seller_id=statement["seller_id"],
            currency=statement["currency"],
            state=InquiryState(INQUIRY.initial),
            **body.model_dump(),
        )
    )
    await begin(tx, INQUIRY, row.id)
    return row.id


@on_move(INQUIRY, "adjust")
async def _adjust(tx: Tx, id: UUID, body: AdjustInquiry) -> None:
    inquiry = await tx.require(Inquiry, id)
    digits = minor_digits(inquiry.currency)
    if body.amount != round_half_away(body.amount, digits):
        raise refuse("invalid_input", f"It must have at most {digits} digits after the point.", pointer="/amount")
    await tx.add(
        Adjustment(
            org_id=tx.org_id,
            inquiry_id=id,
            seller_id=inquiry.seller_id,
            amount=body.amount,
            currency=inquiry.currency,
            reason=body.comment,
            decided_by=tx.actor.principal_id,
            decided_at=tx.now,
        )
    )
