"""How accounts are held in a territory."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.territories import placement
from app.domain.territories.commands.shared import first_day, model_in
from app.domain.territories.contract.membership import PinAccount, UnpinAccount
from app.domain.territories.tables.territories import Territory
from app.domain.territories.workflow.models import PLACEABLE

define(
    "account_not_pinned",
    Conflict,
    "The account is not pinned to the territory on that day",
    "Le compte n'est pas épinglé au territoire ce jour-là",
    "See the account's territory memberships.",
)


@command(
    Kind.ACTION,
    "territory",
    needs="territories:write",
    body=PinAccount,
    action="pin",
    answers="territory_membership",
)
async def pin_account(tx: Tx, id: UUID, body: PinAccount) -> UUID:
    """Hold an account in a territory from a day on, whatever the rules say; answers with the membership."""
    territory = await tx.require(Territory, id)
    model = await model_in(tx, territory.model_id, PLACEABLE)
    await tx.visible("account", body.account_id, pointer="/account_id")
    start = first_day(tx, model, body.effective_from)
    membership = await placement.pin(tx, model.id, id, body.account_id, start, body.comment)
    tx.emit("territory.account_pinned", "territory", id, account_id=body.account_id, effective_from=start)
    return membership


@command(
    Kind.ACTION,
    "territory",
    needs="territories:write",
    body=UnpinAccount,
    action="unpin",
)
async def unpin_account(tx: Tx, id: UUID, body: UnpinAccount) -> None:
    """Let the rules decide again about a pinned account from a day on."""
    territory = await tx.require(Territory, id)
    model = await model_in(tx, territory.model_id, PLACEABLE)
    await tx.visible("account", body.account_id, pointer="/account_id")
    start = await placement.unpin(tx, id, body.account_id, body.effective_from)
    if start is None:
        raise refuse("account_not_pinned", pointer="/account_id")
    await placement.place(tx, model.id, max(start, model.starts_on), body.account_id)
    tx.emit("territory.account_unpinned", "territory", id, account_id=body.account_id, effective_from=start)
