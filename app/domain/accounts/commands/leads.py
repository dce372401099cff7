"""What leads can be asked to do."""

from __future__ import annotations

from uuid import UUID

from app.domain.accounts.commands.accounts import create_account
from app.domain.accounts.commands.opportunities import create_opportunity
from app.domain.accounts.commands.shared import owner_of_new, see
from app.domain.accounts.contract.accounts import CreateAccount
from app.domain.accounts.contract.leads import ConvertLead, CreateLead, DisqualifyLead, UpdateLead
from app.domain.accounts.contract.opportunities import CreateOpportunity
from app.domain.accounts.tables.leads import Lead
from app.domain.accounts.workflow.leads import LEAD, WORKABLE
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.external import forget
from app.domain.kernel.fields import RequiredComment
from app.domain.kernel.scope import Tx
from app.domain.workflow.history import begin, on_move

define(
    "lead_without_company",
    Conflict,
    "The lead names no company to make an account of",
    "La piste ne nomme aucune entreprise dont faire un compte",
    "Name the account in `account_id`, or fill in the lead's company first.",
)


@command(Kind.CREATE, "lead", needs="leads:write", body=CreateLead)
async def create_lead(tx: Tx, body: CreateLead) -> UUID:
    """Add a lead. Without an owner it belongs to the seller who adds it."""
    await see(tx, seller=body.owner_id, at={"seller": "/owner_id"})
    values = body.model_dump() | {"owner_id": body.owner_id or owner_of_new(tx), "state": LEAD.initial}
    row = await tx.add(Lead(org_id=tx.org_id, **values))
    await begin(tx, LEAD, row.id)
    return row.id


@command(Kind.UPDATE, "lead", needs="leads:write", body=UpdateLead)
async def update_lead(tx: Tx, id: UUID, body: UpdateLead) -> None:
    """Change a lead that is still worked on."""
    await see(tx, seller=body.owner_id, at={"seller": "/owner_id"})
    row = await tx.require(Lead, id)
    if row.state not in WORKABLE:
        raise refuse("immutable", f"The lead is {row.state}.", state=row.state)
    if "owner_id" in body.model_fields_set and body.owner_id is None and not tx.actor.sees_all_rows:
        raise refuse("owner_required", pointer="/owner_id")
    merge(row, body)


@command(Kind.DELETE, "lead", needs="leads:write")
async def delete_lead(tx: Tx, id: UUID, _: object) -> None:
    """Delete a lead; what it was converted to stays."""
    await forget(tx, "lead", id)
    await tx.session.delete(await tx.require(Lead, id))


@on_move(LEAD, "disqualify")
async def _disqualify(tx: Tx, id: UUID, body: DisqualifyLead) -> None:
    (await tx.require(Lead, id, lock=True)).disqualified_for = body.reason


@on_move(LEAD, "reopen")
async def _reopen(tx: Tx, id: UUID, body: RequiredComment) -> None:
    (await tx.require(Lead, id, lock=True)).disqualified_for = None


@on_move(LEAD, "convert")
async def _convert(tx: Tx, id: UUID, body: ConvertLead) -> None:
    lead = await tx.require(Lead, id, lock=True)
    await see(tx, account=body.account_id)
    lead.account_id = body.account_id or await _account_of(tx, lead)
    if body.opportunity:
        tx.actor.require("opportunities:write")
        await see(tx, product=body.opportunity.product_id, at={"product": "/opportunity/product_id"})
        if lead.owner_id is None and tx.actor.seller_id is None:
            raise refuse("owner_required", "Give the lead an owner first.", pointer="/opportunity")
        deal = CreateOpportunity.model_validate(
            body.opportunity.model_dump() | {"account_id": lead.account_id, "seller_id": lead.owner_id}
        )
        lead.opportunity_id = await create_opportunity(tx, deal)
        tx.emit("opportunity.created", "opportunity", lead.opportunity_id, lead_id=id)


async def _account_of(tx: Tx, lead: Lead) -> UUID:
    tx.actor.require("accounts:write")
    if lead.company is None:
        raise refuse("lead_without_company", pointer="/account_id")
    shared = {name: getattr(lead, name) for name in ("city", "country", "industry", "employees", "owner_id")}
    made: UUID = await create_account(tx, CreateAccount(name=lead.company, **shared))
    tx.emit("account.created", "account", made, lead_id=lead.id)
    return made
