"""How an organisation begins, and what only the operator of the service may do: no caller of the API reaches this."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import asyncpg

from app.domain.kernel.apikeys import new_key
from app.domain.kernel.ids import uuid7
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor, Tx
from app.domain.organisation.tables import ApiKey, Principal

Transaction = Callable[[Actor], AbstractAsyncContextManager[Tx]]


@dataclass(frozen=True)
class Founded:
    """A new organisation and the key of its first administrator."""

    actor: Actor
    key: str


async def found_organisation(transaction: Transaction, name: str, currency: str) -> Founded:
    """Make an organisation with one administrator, a service principal, and a key for it."""
    org_id = uuid7()
    actor = Actor(org_id, uuid7(), "operator", frozenset({Role.ADMIN}))
    async with transaction(actor) as tx:
        # The id column repeats the organisation's, so it is left to the database.
        await tx.execute(
            "insert into organisation (org_id, name, currency, quota_over_assignment)"
            " values (:org_id, :name, :currency, :most)",
            name=name,
            currency=currency,
            most=Decimal("0.10"),
        )
        key = await _principal_with_key(tx, "administrator", Role.ADMIN, principal_id=actor.principal_id)
        tx.emit("organisation.founded", "organisation", org_id)
    return Founded(actor, key)


async def issue_key(transaction: Transaction, organisation: str, name: str, role: Role) -> str:
    """Issue a key for a new service principal with one role; for operators who lost the last administrator's."""
    async with transaction(_operator(organisation)) as tx:
        return await _principal_with_key(tx, name, role)


async def issue_key_of(transaction: Transaction, organisation: str, name: str, principal_id: UUID) -> str:
    """Issue a key for a principal that is there, whatever its role. Refuses with `not_found`."""
    async with transaction(_operator(organisation)) as tx:
        await tx.require(Principal, principal_id)
        return await _key(tx, name, principal_id)


def _operator(organisation: str) -> Actor:
    return Actor(UUID(organisation), uuid7(), "operator", frozenset({Role.ADMIN}))


async def _principal_with_key(
    tx: Tx, name: str, role: Role, *, seller_id: UUID | None = None, principal_id: UUID | None = None
) -> str:
    principal = Principal(
        org_id=tx.org_id, id=principal_id or tx.new_id(), kind="service", name=name, roles=[role], seller_id=seller_id
    )
    await tx.add(principal)
    return await _key(tx, name, principal.id)


async def _key(tx: Tx, name: str, principal_id: UUID) -> str:
    key = new_key()
    row = await tx.add(ApiKey(org_id=tx.org_id, principal_id=principal_id, name=name, prefix=key.prefix, hash=key.hash))
    tx.emit("api_key.issued", "api_key", row.id, principal_id=str(principal_id))
    return key.text


async def verify_audit_chain(dsn: str) -> list[tuple[str, int, int | None]]:
    """Per organisation: its name, the length of its audit trail, and the first entry that does not fit, if any.

    Recomputes every hash from the stored row and the hash before it. Connects as the owner, past the tenant wall.
    """
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetch(
            """
            with linked as (
              select org_id, seq, hash, previous_hash,
                lag(hash, 1, sha256(convert_to(org_id::text, 'UTF8')))
                  over (partition by org_id order by seq) as before,
                lag(seq, 1, 0::bigint) over (partition by org_id order by seq) as seq_before,
                sha256(previous_hash || convert_to(
                  audit_text(seq, occurred_at, actor_id, action, subject, subject_id, data), 'UTF8')) as computed
              from audit_entry)
            select o.name, count(l.seq), min(l.seq) filter (
              where l.previous_hash <> l.before or l.hash <> l.computed or l.seq <> l.seq_before + 1) as fault,
              max(l.seq) as last, h.seq as head
            from organisation o left join linked l using (org_id) left join audit_head h using (org_id)
            group by o.org_id, o.name, h.seq order by o.name
            """
        )
    finally:
        await connection.close()
    # A trail cut off at its end does not break the chain, but the head remembers how long it was.
    return [
        (
            row["name"],
            row["count"],
            row["fault"] or (row["last"] or 0) + 1 if row["last"] != row["head"] else row["fault"],
        )
        for row in found
    ]
