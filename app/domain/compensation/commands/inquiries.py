"""Asking about a statement, and deciding on it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app.domain.compensation.commands.runs import create_compensation_run
from app.domain.compensation.commands.transactions import correct_transaction
from app.domain.compensation.contract.inquiries import (
    DAYS_TO_ANSWER,
    AdjustInquiry,
    CorrectByInquiry,
    CreateInquiry,
    InquiryState,
)
from app.domain.compensation.contract.runs import CreateCompensationRun, RunKind
from app.domain.compensation.contract.statements import last_day_to_ask
from app.domain.compensation.contract.transactions import CorrectTransaction
from app.domain.compensation.tables.inquiries import Adjustment, Inquiry
from app.domain.compensation.tables.runs import CompensationRun
from app.domain.compensation.workflow.inquiries import INQUIRY
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.fields import Nothing, RequiredComment
from app.domain.kernel.money import minor_digits, round_half_away
from app.domain.kernel.scope import Tx
from app.domain.workflow.history import begin, on_move

define(
    "inquiry_late",
    Conflict,
    "The time to question the statement is over",
    "Le délai de réclamation sur le relevé est écoulé",
    "Talk to the pay desk; `ask_by` of a statement says until when it can be questioned.",
)
define(
    "inquiry_decided",
    Conflict,
    "The inquiry is decided",
    "La réclamation est tranchée",
    "The seller can reopen it once it is closed.",
)


@command(Kind.CREATE, "inquiry", needs="inquiries:write", body=CreateInquiry)
async def create_inquiry(tx: Tx, body: CreateInquiry) -> UUID:
    """Question one's own statement, or a line or a transaction of it."""
    await tx.visible("statement", body.statement_id, pointer="/statement_id")
    statement = (
        await tx.rows(
            "select seller_id, run_id, currency, issued_at from statement where org_id = :org_id and id = :id",
            id=body.statement_id,
        )
    )[0]
    if statement["seller_id"] != tx.actor.seller_id:
        raise refuse("not_concerned")
    if tx.today > (last := last_day_to_ask(statement["issued_at"])):
        raise refuse("inquiry_late", f"It could be questioned until {last}.", ask_by=str(last))
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
            answer_by=tx.today + timedelta(days=DAYS_TO_ANSWER),
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


@command(
    Kind.ACTION, "inquiry", needs="runs:write", action="recompute", answers="job", unversioned=True, key_required=True
)
async def recompute_inquiry(tx: Tx, id: UUID, body: Nothing) -> UUID:
    """Calculate the period of the statement anew as a preview, so that the inquiry shows what it would pay today."""
    inquiry = await tx.require(Inquiry, id)
    if inquiry.state not in (InquiryState.OPEN, InquiryState.IN_REVIEW):
        raise refuse("inquiry_decided", state=inquiry.state)
    period = await tx.value(
        "select period_id from statement where org_id = :org_id and id = :id", id=inquiry.statement_id
    )
    run: UUID = await create_compensation_run(tx, CreateCompensationRun(period_id=period, kind=RunKind.PREVIEW))
    inquiry.check_run_id = run
    return (await tx.require(CompensationRun, run)).job_id


@on_move(INQUIRY, "correct")
async def _correct(tx: Tx, id: UUID, body: CorrectByInquiry) -> None:
    inquiry = await tx.require(Inquiry, id)
    said = body.model_dump(exclude_unset=True, exclude={"comment", "transaction_id"})
    transaction = body.transaction_id or inquiry.transaction_id
    if transaction is None:
        raise refuse("invalid_input", "Say which transaction is corrected.", pointer="/transaction_id")
    if not said:
        raise refuse("invalid_input", "Say what is corrected: amount, transaction_date or splits.", pointer="/")
    await tx.visible("transaction", transaction, pointer="/transaction_id")
    correction = CorrectTransaction(reason=f"Inquiry {id}: {body.comment}"[:4_000], **said)
    inquiry.correction_id = await correct_transaction(tx, transaction, correction)


@on_move(INQUIRY, "reopen")
async def _reopen(tx: Tx, id: UUID, body: RequiredComment) -> None:
    (await tx.require(Inquiry, id)).answer_by = tx.today + timedelta(days=DAYS_TO_ANSWER)
