"""What activities can be asked to do."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.accounts.commands.shared import see
from app.domain.accounts.contract.activities import ActivityState, CompleteActivity, CreateActivity, UpdateActivity
from app.domain.accounts.tables.activities import Activity
from app.domain.accounts.tables.contacts import Contact
from app.domain.accounts.tables.opportunities import Opportunity
from app.domain.accounts.workflow.activities import ACTIVITY
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.workflow.history import advance, begin, on_move

define(
    "activity_day_wrong",
    Invalid,
    "The day does not fit the activity",
    "Le jour ne convient pas à l'activité",
    "A planned activity needs the day it is planned for; a done one the day it took place, not after today.",
)
define(
    "contact_of_another_account",
    Invalid,
    "The contact is of another account",
    "Le contact est d'un autre compte",
    "Choose a contact of the activity's account, or none.",
)
define(
    "opportunity_of_another_account",
    Invalid,
    "The opportunity is of another account",
    "L'opportunité est d'un autre compte",
    "Choose an opportunity of the activity's account, or none.",
)


@command(Kind.CREATE, "activity", needs="activities:write", body=CreateActivity)
async def create_activity(tx: Tx, body: CreateActivity) -> UUID:
    """Plan an activity, or record one that took place. Without a seller it is the acting seller's."""
    await see(
        tx,
        account=body.account_id,
        seller=body.seller_id,
        contact=body.contact_id,
        opportunity=body.opportunity_id,
    )
    seller = body.seller_id or tx.actor.seller_id
    if seller is None:
        raise refuse("owner_required", pointer="/seller_id")
    if body.planned_on is None and body.done_on is None:
        raise refuse("activity_day_wrong", "Give planned_on, or done_on if it took place.", pointer="/planned_on")
    values = body.model_dump(exclude={"done_on"}) | {"seller_id": seller, "state": ActivityState.PLANNED}
    row = await tx.add(Activity(org_id=tx.org_id, **values))
    await _check_account(tx, row)
    await begin(tx, ACTIVITY, row.id)
    if body.done_on:
        # What was recorded at once has the history of what was planned and done.
        await advance(tx, ACTIVITY, row.id, "complete")
        _took_place(tx, await tx.require(Activity, row.id, lock=True), body.done_on)
    return row.id


@command(Kind.UPDATE, "activity", needs="activities:write", body=UpdateActivity)
async def update_activity(tx: Tx, id: UUID, body: UpdateActivity) -> None:
    """Change the details of an activity, also of one that is done."""
    await see(tx, seller=body.seller_id, contact=body.contact_id, opportunity=body.opportunity_id)
    row = await tx.require(Activity, id)
    if row.state == ActivityState.CANCELLED:
        raise refuse("immutable", "It was cancelled; plan another one.", state=row.state)
    merge(row, body, skip=frozenset({"done_on"}))
    if "done_on" in body.model_fields_set:
        if row.state != ActivityState.DONE or body.done_on is None:
            raise refuse("activity_day_wrong", "Only what is done has that day.", pointer="/done_on")
        _took_place(tx, row, body.done_on)
    if row.state == ActivityState.PLANNED and row.planned_on is None:
        raise refuse("activity_day_wrong", "What is planned keeps its day.", pointer="/planned_on")
    await _check_account(tx, row)


@command(Kind.DELETE, "activity", needs="activities:write")
async def delete_activity(tx: Tx, id: UUID, _: object) -> None:
    """Delete an activity that was recorded by mistake; what will not take place is cancelled instead."""
    await tx.session.delete(await tx.require(Activity, id))


@on_move(ACTIVITY, "complete")
async def _complete(tx: Tx, id: UUID, body: CompleteActivity) -> None:
    row = await tx.require(Activity, id, lock=True)
    _took_place(tx, row, body.done_on or tx.today)
    for name in ("duration_minutes", "distance_km", "outcome"):
        if getattr(body, name) is not None:
            setattr(row, name, getattr(body, name))


def _took_place(tx: Tx, row: Activity, day: date) -> None:
    if day > tx.today:
        raise refuse("activity_day_wrong", f"Nothing took place after today, {tx.today}.", pointer="/done_on")
    row.done_on = day


async def _check_account(tx: Tx, row: Activity) -> None:
    if row.contact_id is not None:
        contact = await tx.require(Contact, row.contact_id, pointer="/contact_id")
        if contact.account_id != row.account_id:
            raise refuse("contact_of_another_account", pointer="/contact_id")
    if row.opportunity_id is not None:
        deal = await tx.require(Opportunity, row.opportunity_id, pointer="/opportunity_id")
        if deal.account_id not in (None, row.account_id):
            raise refuse("opportunity_of_another_account", pointer="/opportunity_id")
