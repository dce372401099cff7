"""What the commands of this context share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from app.domain.accounts.contract.accounts import CreateAccount
from app.domain.accounts.contract.opportunities import (
    CreateOpportunity,
)
from app.domain.kernel.errors import FieldError, Invalid, define, refuse
from app.domain.kernel.external import Upserted
from app.domain.kernel.scope import Tx

define(
    "owner_required",
    Invalid,
    "The record would belong to nobody",
    "L'enregistrement n'appartiendrait à personne",
    "Name a seller of your reporting line.",
)


def documents(rows: Mapping[str, CreateAccount] | Mapping[str, CreateOpportunity]) -> dict[str, dict[str, object]]:
    """What was set of each body, as it is stored, by key."""
    return {key: body.model_dump(mode="json", exclude_unset=True) for key, body in rows.items()}


def note_import(tx: Tx, event: str, source: str, done: Upserted) -> None:
    """One event for a set that changed anything; thousands of rows are one fact."""
    if done.created or done.changed:
        counts = {"created": done.created, "changed": done.changed, "unchanged": done.unchanged}
        tx.emit(event, "organisation", tx.org_id, source=source, **counts)


async def see(tx: Tx, at: Mapping[str, str] | None = None, **references: UUID | None) -> None:
    """Refuse a reference to what the actor does not see; `at` says which field it came in, else `<resource>_id`."""
    for resource, id in references.items():
        if id is not None:
            await tx.visible(resource, id, pointer=(at or {}).get(resource, f"/{resource}_id"))


def refuse_all(found: Iterable[FieldError]) -> None:
    """Refuse with everything that was found, if anything."""
    if errors := tuple(found):
        raise refuse(errors[0].code, errors[0].detail, errors=errors)


def owner_of_new(tx: Tx) -> UUID | None:
    """Who owns what is created without an owner: a role that sees everything may leave it open, a seller takes it."""
    if tx.actor.sees_all_rows:
        return None
    if tx.actor.seller_id is None:
        raise refuse("owner_required", pointer="/owner_id")
    return tx.actor.seller_id
