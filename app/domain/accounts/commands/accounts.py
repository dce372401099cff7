"""What accounts can be asked to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.domain.accounts.commands.shared import documents, note_import, owner_of_new, refuse_all, see
from app.domain.accounts.contract.accounts import CreateAccount, UpdateAccount
from app.domain.accounts.tables.accounts import Account
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import FieldError, Invalid, define, refuse
from app.domain.kernel.external import Upserted, claim, forget, resolve, upsert
from app.domain.kernel.scope import Tx
from app.domain.organisation.queries import reporting_currency

define(
    "account_cycle",
    Invalid,
    "An account would stand above itself",
    "Un compte serait au-dessus de lui-même",
    "Choose a parent outside the account's own subsidiaries.",
)


@command(Kind.CREATE, "account", needs="accounts:write", body=CreateAccount)
async def create_account(tx: Tx, body: CreateAccount) -> UUID:
    """Add a customer or prospect. Without an owner it belongs to the seller who adds it."""
    await see(tx, account=body.parent_id, seller=body.owner_id, at={"account": "/parent_id", "seller": "/owner_id"})
    values = body.model_dump() | {
        "owner_id": body.owner_id or owner_of_new(tx),
        "currency": body.currency or await reporting_currency(tx),
    }
    return (await tx.add(Account(org_id=tx.org_id, **values))).id


@command(Kind.UPDATE, "account", needs="accounts:write", body=UpdateAccount)
async def update_account(tx: Tx, id: UUID, body: UpdateAccount) -> None:
    """Change an account. The thresholds of the quadrants stay until they are set again."""
    await see(tx, account=body.parent_id, seller=body.owner_id, at={"account": "/parent_id", "seller": "/owner_id"})
    if "owner_id" in body.model_fields_set and body.owner_id is None and not tx.actor.sees_all_rows:
        raise refuse("owner_required", pointer="/owner_id")
    if body.parent_id:
        await _lock_hierarchy(tx)
    merge(await tx.require(Account, id), body)
    await tx.flush()
    if body.parent_id:
        await _refuse_cycles(tx, [id])


@command(Kind.DELETE, "account", needs="accounts:write")
async def delete_account(tx: Tx, id: UUID, _: object) -> None:
    """Delete an account that nothing refers to: no subsidiary, opportunity, territory or transaction."""
    await forget(tx, "account", id)
    await tx.session.delete(await tx.require(Account, id))


async def upsert_accounts(
    tx: Tx, source: str, rows: Mapping[str, CreateAccount], parents: Mapping[str, str] | None = None
) -> Upserted:
    """Store accounts by their keys in `source`; needs `accounts:write`. For roles that see every account.

    `parents` names the parent of a key by the parent's key, which may be among `rows` or known before. See
    `kernel.external.upsert` for what becomes of fields that are not set.
    """
    tx.actor.require("accounts:write")
    await _lock_hierarchy(tx)
    claimed = await claim(tx, "account", source, rows)
    values = documents(rows)
    for key, parent_id in (await _parent_ids(tx, source, claimed.ids, parents or {})).items():
        values[key]["parent_id"] = parent_id
    done = await upsert(tx, "account", claimed, values, {"currency": await reporting_currency(tx)})
    await _refuse_cycles(tx, list(claimed.ids.values()))
    note_import(tx, "account.imported", source, done)
    return done


async def _parent_ids(tx: Tx, source: str, ids: Mapping[str, UUID], parents: Mapping[str, str]) -> dict[str, str]:
    known = {**await resolve(tx, "account", source, set(parents.values()) - ids.keys()), **ids}
    refuse_all(
        FieldError(f"/{key}/parent_id", "unknown_reference", f"There is no account {parent}.")
        for key, parent in parents.items()
        if parent not in known
    )
    return {key: str(known[parent]) for key, parent in parents.items()}


async def _lock_hierarchy(tx: Tx) -> None:
    """One change of the hierarchy at a time: two together could close a cycle that neither sees."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('account hierarchy ' || cast(:org_id as uuid), 0))")


async def _refuse_cycles(tx: Tx, ids: Sequence[UUID]) -> None:
    """Walk up from accounts whose parent changed; a new cycle contains one of them."""
    looped = await tx.value(
        "with recursive above(start, id) as ("
        " select id, parent_id from account where org_id = :org_id and id = any(:ids) and parent_id is not null"
        " union select above.start, held.parent_id from above join account held on held.org_id = :org_id"
        " and held.id = above.id and held.parent_id is not null where above.id <> above.start"
        ") select start from above where id = start limit 1",
        ids=list(ids),
    )
    if looped:
        raise refuse("account_cycle", pointer="/parent_id", account_id=str(looped))
