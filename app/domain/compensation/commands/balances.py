"""Deciding on balances: what is held back is released, what a seller owes is given up."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.commands.posting import write_off
from app.domain.compensation.contract.ledger import Owed, ReleaseHoldback, WriteOff
from app.domain.compensation.tables.balances import HoldbackRelease
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.money import minor_digits, plain, round_half_away
from app.domain.kernel.scope import Tx

define(
    "balance_exceeded",
    Conflict,
    "The seller owes less",
    "Le commercial doit moins",
    "Write off at most the balance named in `balance`.",
)
define(
    "nothing_held_back",
    Conflict,
    "Nothing is held back there",
    "Rien n'est retenu à cet endroit",
    "Name a component that waits for an event, and a period for which a posted run held something back.",
)
_ACCOUNTS = {Owed.DRAW: "draw_receivable", Owed.DEBT: "clawback_receivable"}


@command(Kind.CREATE, "holdback_release", needs="runs:write", body=ReleaseHoldback)
async def release_holdback(tx: Tx, body: ReleaseHoldback) -> UUID:
    """Release what was held back of a seller's earning; the next run pays it."""
    await tx.visible("seller", body.seller_id, pointer="/seller_id")
    await tx.visible("fiscal_period", body.period_id, pointer="/period_id")
    _not_ones_own(tx, body.seller_id)
    held = await tx.value(
        "select 1 from balance_movement m join compensation_run run on run.org_id = m.org_id and run.id = m.run_id"
        " and run.state in ('posted', 'paid') join compensation_component c on c.org_id = m.org_id"
        " and c.id = m.component_id and c.terms -> 'holdback' ->> 'release' = 'event'"
        " where m.org_id = :org_id and m.kind = 'holdback' and m.seller_id = :seller_id"
        " and m.component_id = :component_id and m.origin_period_id = :period_id limit 1",
        **body.model_dump(exclude={"reason"}),
    )
    if not held:
        raise refuse("nothing_held_back")
    row = HoldbackRelease(org_id=tx.org_id, decided_by=tx.actor.principal_id, decided_at=tx.now, **body.model_dump())
    return (await tx.add(row)).id


@command(
    Kind.COLLECTION, "balance_movement", needs="runs:approve", body=WriteOff, action="write-off", key_required=True
)
async def write_off_balance(tx: Tx, body: WriteOff) -> UUID:
    """Give up what a seller owes; the organisation bears it in an open period."""
    await tx.visible("seller", body.seller_id, pointer="/seller_id")
    _not_ones_own(tx, body.seller_id)
    await require_open(tx, body.period_id)
    if body.amount != round_half_away(body.amount, minor_digits(body.currency)):
        raise refuse("invalid_input", "It has more digits than the currency.", pointer="/amount")
    # Runs read balances when they are calculated; one that is posted meanwhile is outdated and says so.
    await tx.value("select pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"{tx.org_id}/ledger")
    balance = await tx.value(
        "select coalesce(sum(debit - credit), 0) from ledger_entry where org_id = :org_id and seller_id = :seller"
        " and account = :account and currency = :currency",
        seller=body.seller_id,
        account=_ACCOUNTS[body.owed],
        currency=body.currency,
    )
    if body.amount > balance:
        raise refuse("balance_exceeded", pointer="/amount", balance=plain(balance))
    id = tx.new_id()
    await tx.execute(
        "insert into balance_movement (org_id, id, period_id, seller_id, kind, amount, currency, reason, decided_by,"
        " recorded_at) values (:org_id, :id, :period, :seller, :kind, :amount, :currency, :reason, :actor, :now)",
        id=id,
        period=body.period_id,
        seller=body.seller_id,
        kind=f"{body.owed.value}_write_off",
        amount=body.amount,
        currency=body.currency,
        reason=body.reason,
        actor=tx.actor.principal_id,
        now=tx.now,
    )
    await write_off(tx, id, body.period_id)
    tx.emit("balance.written_off", "balance_movement", id, owed=body.owed.value, currency=body.currency)
    return id


async def require_open(tx: Tx, period: UUID) -> None:
    """Refuse a period that is unknown or closed; it cannot be closed before the transaction ends."""
    await tx.visible("fiscal_period", period, pointer="/period_id")
    state = await tx.value("select state from fiscal_period where org_id = :org_id and id = :id for share", id=period)
    if state != "open":
        raise refuse("period_closed", pointer="/period_id")


def _not_ones_own(tx: Tx, seller: UUID) -> None:
    if seller == tx.actor.seller_id:
        raise refuse("four_eyes", "Somebody else decides about one's own pay.", pointer="/seller_id")
