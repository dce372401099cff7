"""What references and their uses can be asked to do."""

from __future__ import annotations

from uuid import UUID

from app.domain.accounts.commands.shared import see
from app.domain.accounts.contract.references import (
    ReferenceKind,
    ReferenceState,
    RequestReference,
    RetireReference,
    UpdateReference,
    UpdateReferenceUse,
    UseReference,
)
from app.domain.accounts.tables.contacts import Contact
from app.domain.accounts.tables.references import Reference, ReferenceUse
from app.domain.accounts.workflow.references import REFERENCE
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.workflow.history import begin, on_move

define(
    "reference_not_agreed",
    Conflict,
    "The customer has not agreed, or no longer",
    "Le client n'a pas donné son accord, ou plus",
    "Use one that is `available`, or have this one agreed first.",
)
define(
    "reference_fatigued",
    Conflict,
    "The customer would be asked too often",
    "Le client serait trop sollicité",
    "Use it from the day in `free_on`, or choose another that is `available`.",
)


@command(Kind.CREATE, "reference", needs="accounts:write", body=RequestReference)
async def request_reference(tx: Tx, body: RequestReference) -> UUID:
    """Ask a customer for a reference, a testimonial or a referral."""
    await see(tx, account=body.account_id)
    await _check_references(tx, body, body.account_id)
    row = Reference(org_id=tx.org_id, **body.model_dump())
    _check(row)
    await tx.add(row)
    await begin(tx, REFERENCE, row.id)
    return row.id


@command(Kind.UPDATE, "reference", needs="accounts:write", body=UpdateReference)
async def update_reference(tx: Tx, id: UUID, body: UpdateReference) -> None:
    """Change what is asked for, or its limit. One that was declined or retired is not changed any more."""
    row = await tx.require(Reference, id)
    if row.state in (ReferenceState.DECLINED, ReferenceState.RETIRED):
        raise refuse("immutable", f"It is {row.state}.", state=row.state)
    await _check_references(tx, body, row.account_id)
    merge(row, body)
    _check(row)


@on_move(REFERENCE, "retire")
async def _keep_outcome(tx: Tx, id: UUID, body: RetireReference) -> None:
    row = await tx.require(Reference, id, lock=True)
    row.outcome = body.outcome


@command(Kind.CREATE, "reference_use", needs="accounts:write", body=UseReference)
async def use_reference(tx: Tx, body: UseReference) -> UUID:
    """Use a reference for an account, a deal or both, unless its customer would be asked too often."""
    await tx.visible("reference", body.reference_id, pointer="/reference_id", lock=True)
    await see(tx, account=body.account_id, opportunity=body.opportunity_id)
    if body.account_id is None and body.opportunity_id is None:
        raise refuse("invalid_input", "Say for which account or deal.", pointer="/account_id")
    reference = await tx.require(Reference, body.reference_id)
    if reference.state != ReferenceState.AGREED:
        raise refuse("reference_not_agreed", pointer="/reference_id", state=reference.state)
    free = await tx.value(
        "select reference_free_on(:org_id, :reference, :day)", reference=reference.id, day=body.used_on
    )
    if free > body.used_on:
        raise refuse(
            "reference_fatigued",
            f"It is free again on {free}: at most {reference.max_uses} uses in {reference.per_days} days.",
            pointer="/used_on",
            free_on=free.isoformat(),
        )
    return (await tx.add(ReferenceUse(org_id=tx.org_id, **body.model_dump()))).id


@command(Kind.UPDATE, "reference_use", needs="accounts:write", body=UpdateReferenceUse)
async def update_reference_use(tx: Tx, id: UUID, body: UpdateReferenceUse) -> None:
    """Say what came of a use."""
    merge(await tx.require(ReferenceUse, id), body)


@command(Kind.DELETE, "reference_use", needs="accounts:write")
async def delete_reference_use(tx: Tx, id: UUID, _: object) -> None:
    """Delete a use that did not take place."""
    await tx.session.delete(await tx.require(ReferenceUse, id))


async def _check_references(tx: Tx, body: RequestReference | UpdateReference, account_id: UUID) -> None:
    await see(tx, contact=body.contact_id, product=body.product_id)
    at = {"account": "/target_account_id", "contact": "/target_contact_id"}
    await see(tx, at, account=body.target_account_id, contact=body.target_contact_id)
    if body.contact_id and (await tx.require(Contact, body.contact_id)).account_id != account_id:
        raise refuse("unknown_reference", "The contact belongs to another account.", pointer="/contact_id")


def _check(row: Reference) -> None:
    """Refuse half a limit, a referral to nobody, and a target of what introduces nobody."""
    if (row.max_uses is None) != (row.per_days is None):
        missing = "max_uses" if row.max_uses is None else "per_days"
        raise refuse("invalid_input", "A limit is so many uses in so many days.", pointer=f"/{missing}")
    target = row.target_account_id or row.target_contact_id
    if (row.kind == ReferenceKind.REFERRAL) != (target is not None):
        raise refuse(
            "invalid_input", "A referral, and nothing else, names whom it introduces to.", pointer="/target_account_id"
        )
