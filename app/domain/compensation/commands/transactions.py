"""Recording transactions: one by one, corrected, or many at once by their external keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from app.domain.compensation.contract.estimates import EstimateTransaction
from app.domain.compensation.contract.transactions import (
    DATE_IN_CLOSED_PERIOD,
    LATE_REMEDY,
    CorrectTransaction,
    RecordTransaction,
    SplitFields,
    TransactionKind,
)
from app.domain.compensation.rules.splits import tile
from app.domain.compensation.tables.transactions import Transaction, TransactionSplit
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, FieldError, define, refuse
from app.domain.kernel.external import Note, Upserted, remember, resolve
from app.domain.kernel.scope import Tx

_CLOSED = """(select p.id from fiscal_period p where p.org_id = :org_id and p.state = 'closed'
  and p.valid @> {day} order by p.end_date - p.start_date, p.id limit 1)"""
"""The shortest closed period of a day; placeholder `{day}`."""
_CLOSED_ON = "select " + _CLOSED.format(day="cast(:day as date)")
_INSERT = f"""
with added as (
  insert into transaction (org_id, id, kind, account_id, product_id, opportunity_id, transaction_date, amount, margin,
    quantity, currency, description, term_months, renewal, discount, labels, returns_id, supersedes_id,
    correction_reason, recorded_at, closed_period_id)
  select :org_id, g.id, g.kind, g.account_id, g.product_id, g.opportunity_id, g.transaction_date, g.amount, g.margin,
    g.quantity, g.currency, g.description, g.term_months, g.renewal, g.discount, g.labels, g.returns_id,
    g.supersedes_id, g.correction_reason, :now, {_CLOSED.format(day="g.transaction_date")}
  from jsonb_populate_recordset(cast(null as transaction), cast(:documents as jsonb)) g
  returning id, closed_period_id
)
select added.id, closed.code from added
join fiscal_period closed on closed.org_id = :org_id and closed.id = added.closed_period_id
"""
define(
    "already_superseded",
    Conflict,
    "The transaction was corrected before",
    "La transaction a déjà été corrigée",
    "Correct the transaction that took its place.",
)


@command(Kind.CREATE, "transaction", needs="transactions:write", body=RecordTransaction)
async def record_transaction(tx: Tx, body: RecordTransaction) -> UUID:
    """Record a transaction. A date in a closed period is accepted, and told in `notices`: the difference is paid in an
    open one."""
    await check_transaction(tx, body)
    return await _record(tx, body)


@command(
    Kind.ACTION,
    "transaction",
    needs="transactions:write",
    body=CorrectTransaction,
    action="correct",
    event="transaction.corrected",
)
async def correct_transaction(tx: Tx, id: UUID, body: CorrectTransaction) -> UUID:
    """Put a corrected transaction in place of this one and answer with it; the old one stays readable."""
    old = await tx.require(Transaction, id)
    if await tx.value("select 1 from transaction where org_id = :org_id and supersedes_id = :id", id=id):
        raise refuse("already_superseded")
    said = {name: getattr(body, name) for name in body.model_fields_set - {"reason"} if getattr(body, name) is not None}
    splits = said.get("splits", await _splits_of(tx, id))
    whole = RecordTransaction(
        **{
            "kind": old.kind,
            "account_id": old.account_id,
            "product_id": old.product_id,
            "opportunity_id": old.opportunity_id,
            "transaction_date": old.transaction_date,
            "margin": old.margin,
            "quantity": old.quantity,
            "term_months": old.term_months,
            "renewal": old.renewal,
            "discount": old.discount,
            "labels": old.labels,
            "returns_id": old.returns_id,
            "description": old.description,
            "amount": {"amount": old.amount, "currency": old.currency},
            **said,
            "splits": splits,
        }
    )
    await check_transaction(tx, whole)
    new = await _record(tx, whole, supersedes=id, reason=body.reason)
    await tx.execute(
        "update external_id set subject_id = :new where org_id = :org_id and resource = 'transaction'"
        " and subject_id = :old",
        new=new,
        old=id,
    )
    await _move_manual_credits(tx, [id], [new])
    return new


async def upsert_transactions(tx: Tx, source: str, rows: Mapping[str, RecordTransaction]) -> Upserted:
    """Record many transactions by their key in another system, in a fixed number of statements.

    A key that is known with the same content does nothing; with other content the new one supersedes the old. The
    references in `rows` must have been resolved by the caller; the database refuses unknown ones.
    """
    tx.actor.require("transactions:write")
    _refuse_signs({f"/{key}": row for key, row in rows.items()})
    known = await resolve(tx, "transaction", source, rows)
    present = await _contents(tx, list(known.values()))
    documents, splits, ids = [], [], {}
    created = changed = 0
    for key, row in rows.items():
        content = _content(row)
        old = known.get(key)
        if old is not None and present[old] == content:
            ids[key] = old
            continue
        id = ids[key] = tx.new_id()
        created, changed = created + (old is None), changed + (old is not None)
        reason = None if old is None else f"changed in {source}"
        documents.append({"id": id, "supersedes_id": old, "correction_reason": reason, **content["own"]})
        splits += [
            {"transaction_id": id, "ordinal": b.ordinal, "seller_id": b.seller_id, "cum_lo": b.low, "cum_hi": b.high}
            for b in tile(row.splits)
        ]
    late = await _insert_many(tx, documents, splits)
    await remember(tx, "transaction", source, {key: ids[key] for key in rows if key not in known})
    moved = {old: ids[key] for key, old in known.items() if ids[key] != old}
    await tx.execute(
        "update external_id e set subject_id = n.id from unnest(cast(:old as uuid[]), cast(:new as uuid[])) n(old, id)"
        " where e.org_id = :org_id and e.resource = 'transaction' and e.subject_id = n.old",
        old=list(moved),
        new=list(moved.values()),
    )
    await _move_manual_credits(tx, list(moved), list(moved.values()))
    if created or changed:
        tx.emit("transaction.recorded", "organisation", tx.org_id, source=source, created=created, changed=changed)
    notes = {
        key: Note(DATE_IN_CLOSED_PERIOD, "transaction_date", LATE_REMEDY.en % late[id])
        for key, id in ids.items()
        if id in late
    }
    return Upserted(ids, created, changed, len(rows) - created - changed, notes)


async def check_transaction(tx: Tx, body: RecordTransaction | EstimateTransaction) -> None:
    """Refuse what cannot happen: a return that gives, shares that do not add up, what the actor does not see."""
    _refuse_signs({"": body})
    list(tile(body.splits))
    for resource in ("account", "product", "opportunity"):
        id = getattr(body, f"{resource}_id")
        if id is not None:
            await tx.visible(resource, id, pointer=f"/{resource}_id")
    if body.returns_id is not None:
        await tx.visible("transaction", body.returns_id, pointer="/returns_id")
    for n, split in enumerate(body.splits):
        await tx.visible("seller", split.seller_id, pointer=f"/splits/{n}/seller_id")


async def _move_manual_credits(tx: Tx, old: list[UUID], new: list[UUID]) -> None:
    """What was decided on a transaction holds for the one that takes its place."""
    await tx.execute(
        "update manual_credit m set transaction_id = n.id from unnest(cast(:old as uuid[]), cast(:new as uuid[]))"
        " n(old, id) where m.org_id = :org_id and m.transaction_id = n.old",
        old=old,
        new=new,
    )


async def _record(
    tx: Tx, body: RecordTransaction, *, supersedes: UUID | None = None, reason: str | None = None
) -> UUID:
    bounds = list(tile(body.splits))
    own = body.model_dump(exclude={"amount", "splits"})
    row = await tx.add(
        Transaction(
            org_id=tx.org_id,
            amount=body.amount.amount,
            currency=body.amount.currency,
            supersedes_id=supersedes,
            correction_reason=reason,
            recorded_at=tx.now,
            closed_period_id=await tx.value(_CLOSED_ON, day=body.transaction_date),
            **own,
        )
    )
    tx.session.add_all(
        TransactionSplit(
            org_id=tx.org_id,
            transaction_id=row.id,
            ordinal=b.ordinal,
            seller_id=b.seller_id,
            cum_lo=b.low,
            cum_hi=b.high,
        )
        for b in bounds
    )
    await tx.flush()
    return row.id


def _refuse_signs(rows: Mapping[str, RecordTransaction | EstimateTransaction]) -> None:
    """A return takes back: with a positive amount it would be paid for. The keys are pointers to the rows."""
    found = []
    for at, row in rows.items():
        returns, text = row.kind is TransactionKind.RETURN, "On a return it is negative."
        if returns and row.amount.amount >= 0:
            found.append(FieldError(f"{at}/amount", "invalid_input", text))
        if returns and row.quantity is not None and row.quantity >= 0:
            found.append(FieldError(f"{at}/quantity", "invalid_input", text))
        if not returns and row.returns_id is not None:
            found.append(FieldError(f"{at}/returns_id", "invalid_input", "Only a return takes another back."))
    if found:
        raise refuse("invalid_input", errors=tuple(found))


async def _splits_of(tx: Tx, id: UUID) -> list[SplitFields]:
    found = await tx.rows(
        "select seller_id, cum_hi - cum_lo as share from transaction_split"
        " where org_id = :org_id and transaction_id = :id order by ordinal",
        id=id,
    )
    return [SplitFields(**row) for row in found]


def _content(row: RecordTransaction) -> dict[str, Any]:
    """What makes two records of a transaction the same."""
    own = row.model_dump(exclude={"amount", "splits"})
    own |= {"amount": row.amount.amount, "currency": row.amount.currency}
    return {"own": own, "splits": [(b.seller_id, b.low, b.high) for b in tile(row.splits)]}


async def _contents(tx: Tx, ids: list[UUID]) -> dict[UUID, dict[str, Any]]:
    rows = await tx.rows(
        "select id, kind, account_id, product_id, opportunity_id, transaction_date, margin, quantity, term_months,"
        " renewal, discount, labels, returns_id, description, amount, currency"
        " from transaction where org_id = :org_id and id = any(:ids)",
        ids=ids,
    )
    found: dict[UUID, dict[str, Any]] = {
        row["id"]: {"own": {k: v for k, v in row.items() if k != "id"}, "splits": []} for row in rows
    }
    for split in await tx.rows(
        "select transaction_id, seller_id, cum_lo, cum_hi from transaction_split"
        " where org_id = :org_id and transaction_id = any(:ids) order by transaction_id, ordinal",
        ids=ids,
    ):
        found[split["transaction_id"]]["splits"].append((split["seller_id"], split["cum_lo"], split["cum_hi"]))
    return found


async def _insert_many(
    tx: Tx, documents: Iterable[Mapping[str, Any]], splits: Iterable[Mapping[str, Any]]
) -> dict[UUID, str]:
    """Store new transactions; answers the codes of the closed periods that some of them come too late for."""
    late = await tx.rows(_INSERT, documents=to_json(list(documents)).decode(), now=tx.now)
    await tx.execute(
        "insert into transaction_split (org_id, transaction_id, ordinal, seller_id, cum_lo, cum_hi)"
        " select :org_id, g.transaction_id, g.ordinal, g.seller_id, g.cum_lo, g.cum_hi"
        " from jsonb_populate_recordset(cast(null as transaction_split), cast(:splits as jsonb)) g",
        splits=to_json(list(splits)).decode(),
    )
    return {row["id"]: row["code"] for row in late}
