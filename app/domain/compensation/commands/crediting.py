"""Saying who is credited: rules, overlays, and decisions on single transactions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.domain.compensation.contract.crediting import (
    OVERLAYS,
    CreateCreditingRule,
    CreateManualCredit,
    CreateOverlayAssignment,
    CreditingRuleKind,
    ManualCreditMode,
    UpdateCreditingRule,
    UpdateOverlayAssignment,
    WithdrawManualCredit,
)
from app.domain.compensation.rules.splits import Bounds, tile
from app.domain.compensation.tables.crediting import CreditingRule, ManualCredit, ManualCreditSplit, OverlayAssignment
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, Invalid, define, refuse
from app.domain.kernel.scope import Tx

define(
    "not_an_overlay_rule",
    Invalid,
    "The rule credits directly",
    "La règle attribue directement",
    "Assign sellers to a rule of kind `named_overlay`, or of kind `product_specialist` with a product or family.",
)
define(
    "credited_instead_already",
    Conflict,
    "The transaction has a manual credit instead of the rules",
    "La transaction a déjà une attribution manuelle à la place des règles",
    "Withdraw the other manual credit first.",
)


@command(Kind.CREATE, "crediting_rule", needs="compensation_plans:write", body=CreateCreditingRule)
async def create_crediting_rule(tx: Tx, body: CreateCreditingRule) -> UUID:
    """Say who is credited for transactions from a date on."""
    _in_order(body.effective_from, body.effective_to)
    await _scope(tx, body.products, body.segments)
    return (await tx.add(CreditingRule(org_id=tx.org_id, **body.model_dump()))).id


@command(Kind.UPDATE, "crediting_rule", needs="compensation_plans:write", body=UpdateCreditingRule)
async def update_crediting_rule(tx: Tx, id: UUID, body: UpdateCreditingRule) -> None:
    """Change a crediting rule, also for the past: what was posted stays, the next run pays the difference."""
    row = await tx.require(CreditingRule, id)
    await _scope(tx, body.products or (), body.segments or ())
    merge(row, body)
    _in_order(row.effective_from, row.effective_to)


@command(Kind.DELETE, "crediting_rule", needs="compensation_plans:write")
async def delete_crediting_rule(tx: Tx, id: UUID, _: object) -> None:
    """Delete a rule that never credited anybody and has no assignments; end any other with `effective_to`."""
    await tx.session.delete(await tx.require(CreditingRule, id))


@command(Kind.CREATE, "overlay_assignment", needs="compensation_plans:write", body=CreateOverlayAssignment)
async def create_overlay_assignment(tx: Tx, body: CreateOverlayAssignment) -> UUID:
    """Credit a seller beside those credited directly."""
    _in_order(body.effective_from, body.effective_to)
    for resource in ("seller", "account", "territory", "product"):
        if (id := getattr(body, f"{resource}_id")) is not None:
            await tx.visible(resource, id, pointer=f"/{resource}_id")
    _not_oneself(tx, [body.seller_id])
    await tx.visible("crediting_rule", body.rule_id, pointer="/rule_id")
    rule = await tx.require(CreditingRule, body.rule_id)
    _one_place(body)
    if rule.kind not in OVERLAYS:
        raise refuse("not_an_overlay_rule", pointer="/rule_id")
    if rule.kind == CreditingRuleKind.PRODUCT_SPECIALIST and not (body.product_id or body.product_family):
        raise refuse("not_an_overlay_rule", "A product specialist needs a product or family.", pointer="/product_id")
    if rule.kind == CreditingRuleKind.NAMED_OVERLAY and not (body.account_id or body.territory_id):
        raise refuse("not_an_overlay_rule", "A named overlay needs an account or territory.", pointer="/account_id")
    return (await tx.add(OverlayAssignment(org_id=tx.org_id, **body.model_dump()))).id


@command(Kind.UPDATE, "overlay_assignment", needs="compensation_plans:write", body=UpdateOverlayAssignment)
async def update_overlay_assignment(tx: Tx, id: UUID, body: UpdateOverlayAssignment) -> None:
    """Change the share or the dates of an overlay; what was posted stays, the next run pays the difference."""
    row = await tx.require(OverlayAssignment, id)
    _not_oneself(tx, [row.seller_id])
    merge(row, body)
    _in_order(row.effective_from, row.effective_to)


@command(Kind.DELETE, "overlay_assignment", needs="compensation_plans:write")
async def delete_overlay_assignment(tx: Tx, id: UUID, _: object) -> None:
    """Take an assignment back as if it had never been; end one that was right with `effective_to`."""
    row = await tx.require(OverlayAssignment, id)
    _not_oneself(tx, [row.seller_id])
    await tx.session.delete(row)


@command(Kind.CREATE, "manual_credit", needs="compensation_plans:write", body=CreateManualCredit)
async def create_manual_credit(tx: Tx, body: CreateManualCredit) -> UUID:
    """Decide who is credited for one transaction, instead of the rules or beside them, and say why."""
    await tx.visible("transaction", body.transaction_id, pointer="/transaction_id")
    for n, split in enumerate(body.splits):
        await tx.visible("seller", split.seller_id, pointer=f"/splits/{n}/seller_id")
    _not_oneself(tx, [split.seller_id for split in body.splits])
    if await tx.value(
        "select 1 from transaction where org_id = :org_id and supersedes_id = :id", id=body.transaction_id
    ):
        raise refuse("already_superseded", pointer="/transaction_id")
    if body.mode is ManualCreditMode.INSTEAD and await tx.value(
        "select 1 from manual_credit where org_id = :org_id and transaction_id = :id and mode = 'instead'"
        " and withdrawn_at is null",
        id=body.transaction_id,
    ):
        raise refuse("credited_instead_already", pointer="/transaction_id")
    bounds = list(tile(body.splits) if body.mode is ManualCreditMode.INSTEAD else _beside(body))
    row = await tx.add(
        ManualCredit(
            org_id=tx.org_id,
            decided_by=tx.actor.principal_id,
            decided_at=tx.now,
            **body.model_dump(exclude={"splits"}),
        )
    )
    tx.session.add_all(
        ManualCreditSplit(
            org_id=tx.org_id, credit_id=row.id, ordinal=b.ordinal, seller_id=b.seller_id, cum_lo=b.low, cum_hi=b.high
        )
        for b in bounds
    )
    await tx.flush()
    return row.id


@command(
    Kind.ACTION,
    "manual_credit",
    needs="compensation_plans:write",
    body=WithdrawManualCredit,
    action="withdraw",
    event="manual_credit.withdrawn",
)
async def withdraw_manual_credit(tx: Tx, id: UUID, body: WithdrawManualCredit) -> None:
    """Leave the transaction to the rules again, saying why."""
    row = await tx.require(ManualCredit, id)
    if row.withdrawn_at is not None:
        raise refuse("immutable", "It was withdrawn before.")
    row.withdrawn_by, row.withdrawn_at, row.withdrawal_reason = tx.actor.principal_id, tx.now, body.comment


def _beside(body: CreateManualCredit) -> Iterable[Bounds]:
    """Beside the rules every share stands for itself, from 0."""
    for ordinal, split in enumerate(body.splits, 1):
        yield Bounds(ordinal, split.seller_id, Decimal(0), split.share)


def _one_place(body: CreateOverlayAssignment) -> None:
    if body.account_id and body.territory_id:
        raise refuse("invalid_input", "Name an account or a territory, not both.", pointer="/territory_id")
    if body.product_id and body.product_family:
        raise refuse("invalid_input", "Name a product or a family, not both.", pointer="/product_family")


def _in_order(start: date, end: date | None) -> None:
    if end is not None and end <= start:
        raise refuse("invalid_input", "It ends after it begins.", pointer="/effective_to")


def _not_oneself(tx: Tx, sellers: list[UUID]) -> None:
    # Somebody of the pay desk may be a seller too.
    if tx.actor.seller_id in sellers:
        raise refuse("four_eyes", "Nobody credits themselves.")


async def _scope(tx: Tx, products: Iterable[UUID], segments: Iterable[UUID]) -> None:
    for resource, ids in (("product", products), ("segment", segments)):
        for n, id in enumerate(ids):
            await tx.visible(resource, id, pointer=f"/{resource}s/{n}")
