"""What contacts and the relations between them can be asked to do."""

from __future__ import annotations

from uuid import UUID

from app.domain.accounts.commands.shared import see
from app.domain.accounts.contract.contacts import (
    CreateContact,
    CreateContactRelation,
    RelationKind,
    UpdateContact,
    UpdateContactRelation,
)
from app.domain.accounts.tables.contacts import Contact, ContactRelation
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.kernel.external import forget
from app.domain.kernel.scope import Tx

define(
    "contact_cycle",
    Invalid,
    "A person would report to itself",
    "Une personne serait son propre supérieur",
    "Choose a superior who does not report to the person.",
)


@command(Kind.CREATE, "contact", needs="accounts:write", body=CreateContact)
async def create_contact(tx: Tx, body: CreateContact) -> UUID:
    """Add a person to a unit. Without an owner it belongs to the seller who adds it, if a seller does."""
    await see(tx, account=body.account_id, seller=body.owner_id, at={"seller": "/owner_id"})
    values = body.model_dump() | {"owner_id": body.owner_id or tx.actor.seller_id}
    return (await tx.add(Contact(org_id=tx.org_id, **values))).id


@command(Kind.UPDATE, "contact", needs="accounts:write", body=UpdateContact)
async def update_contact(tx: Tx, id: UUID, body: UpdateContact) -> None:
    """Change a contact. Who has cells of the penetration cube stays in the unit: there it leaves, elsewhere it is new.

    An anonymised contact is not changed any more.
    """
    await see(tx, account=body.account_id, seller=body.owner_id, at={"seller": "/owner_id"})
    row = await tx.require(Contact, id)
    if row.anonymised_at:
        raise refuse("immutable", "The contact was anonymised.")
    merge(row, body)


@command(Kind.ACTION, "contact", needs="accounts:write", action="anonymise", event="contact.anonymised")
async def anonymise_contact(tx: Tx, id: UUID, _: object) -> None:
    """Remove everything personal for good: name, title, e-mail, telephone, external keys. The row and its cells stay.

    The person counts as having left. Doing it again changes nothing.
    """
    row = await tx.require(Contact, id)
    if row.anonymised_at:
        return
    row.name = row.job_title = row.email = row.phone = None
    row.left_on = min(row.left_on or tx.today, tx.today)
    row.anonymised_at = tx.now
    await forget(tx, "contact", id)


@command(Kind.DELETE, "contact", needs="accounts:write")
async def delete_contact(tx: Tx, id: UUID, _: object) -> None:
    """Delete a contact that nothing refers to: no relation, cell or reference."""
    await forget(tx, "contact", id)
    await tx.session.delete(await tx.require(Contact, id))


@command(Kind.CREATE, "contact_relation", needs="accounts:write", body=CreateContactRelation)
async def create_contact_relation(tx: Tx, body: CreateContactRelation) -> UUID:
    """Say how two people relate. Nobody reports to themselves, not even through others."""
    await see(tx, contact=body.from_contact_id, at={"contact": "/from_contact_id"})
    await see(tx, contact=body.to_contact_id, at={"contact": "/to_contact_id"})
    if body.from_contact_id == body.to_contact_id:
        code = "contact_cycle" if body.kind is RelationKind.REPORTS_TO else "invalid_input"
        raise refuse(code, "It needs two people.", pointer="/to_contact_id")
    # One change of the lines at a time: two together could close a circle that neither sees.
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('contact lines ' || cast(:org_id as uuid), 0))")
    if body.kind is RelationKind.REPORTS_TO and await tx.value(
        _REPORTS_TO, first=body.to_contact_id, second=body.from_contact_id
    ):
        raise refuse("contact_cycle", pointer="/to_contact_id")
    return (await tx.add(ContactRelation(org_id=tx.org_id, **body.model_dump()))).id


@command(Kind.UPDATE, "contact_relation", needs="accounts:write", body=UpdateContactRelation)
async def update_contact_relation(tx: Tx, id: UUID, body: UpdateContactRelation) -> None:
    """Change how close a relation is; another relation is another one."""
    merge(await tx.require(ContactRelation, id), body)


@command(Kind.DELETE, "contact_relation", needs="accounts:write")
async def delete_contact_relation(tx: Tx, id: UUID, _: object) -> None:
    """Delete a relation that does not hold, or no longer."""
    await tx.session.delete(await tx.require(ContactRelation, id))


_REPORTS_TO = """
with recursive above(id) as (
  select cast(:first as uuid) union
  select held.to_contact_id from above
  join contact_relation held on held.org_id = :org_id and held.from_contact_id = above.id and held.kind = 'reports_to'
)
select true from above where id = :second limit 1
"""
