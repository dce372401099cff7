"""What opportunities can be asked to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.domain.accounts.commands.shared import documents, note_import, refuse_all, see
from app.domain.accounts.contract.opportunities import (
    ChangeOpportunityStage,
    CreateOpportunity,
    OpportunityStage,
    UpdateOpportunity,
)
from app.domain.accounts.rules import findings, reopens
from app.domain.accounts.tables.opportunities import Opportunity
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.kernel.external import Upserted, claim, upsert
from app.domain.kernel.scope import Tx
from app.domain.organisation.queries import reporting_currency

define(
    "opportunity_incomplete",
    Invalid,
    "The opportunity does not fit its stage",
    "L'opportunité ne correspond pas à son étape",
    "Correct the listed fields: a closed one has its closing day, a won one its amount.",
)


@command(Kind.CREATE, "opportunity", needs="opportunities:write", body=CreateOpportunity)
async def create_opportunity(tx: Tx, body: CreateOpportunity) -> UUID:
    """Add a deal to the pipeline, or record one that is closed already."""
    refuse_all(findings(body))
    await see(tx, account=body.account_id, seller=body.seller_id, product=body.product_id)
    seller = body.seller_id or tx.actor.seller_id
    if seller is None:
        raise refuse("owner_required", pointer="/seller_id")
    values = body.model_dump() | {"seller_id": seller, "currency": body.currency or await reporting_currency(tx)}
    row = await tx.add(Opportunity(org_id=tx.org_id, **values))
    await _remember_stages(tx, [row.id])
    return row.id


@command(Kind.UPDATE, "opportunity", needs="opportunities:write", body=UpdateOpportunity)
async def update_opportunity(tx: Tx, id: UUID, body: UpdateOpportunity) -> None:
    """Change the details of a deal; its stage has its own action."""
    await see(tx, account=body.account_id, seller=body.seller_id, product=body.product_id)
    row = await tx.require(Opportunity, id)
    merge(row, body)
    refuse_all(findings(row))


@command(Kind.ACTION, "opportunity", needs="opportunities:write", body=ChangeOpportunityStage, action="change-stage")
async def change_opportunity_stage(tx: Tx, id: UUID, body: ChangeOpportunityStage) -> None:
    """Move a deal to another stage, and keep the step in its history. Reopening a closed one needs a comment."""
    row = await tx.require(Opportunity, id)
    if row.stage == body.stage:
        raise refuse(
            "illegal_transition", f"The opportunity is {body.stage} already.", pointer="/stage", state=row.stage
        )
    if reopens(row.stage, body.stage) and body.comment is None:
        raise refuse("comment_required", "Say why the decision is taken back.", pointer="/comment")
    before, row.stage, row.closed_on = row.stage, body.stage, body.closed_on
    row.amount = row.amount if body.amount is None else body.amount
    refuse_all(findings(row))
    await tx.flush()
    await _remember_stages(tx, [id], body.comment)
    tx.emit("opportunity.stage_changed", "opportunity", id, from_stage=str(before), to_stage=str(body.stage))


async def upsert_opportunities(tx: Tx, source: str, rows: Mapping[str, CreateOpportunity]) -> Upserted:
    """Store opportunities by their keys in `source`; needs `opportunities:write`. For roles that see every opportunity.

    Every stage that differs from the last one recorded is added to the history.
    """
    tx.actor.require("opportunities:write")
    refuse_all(finding for key, body in rows.items() for finding in findings(body, f"/{key}"))
    claimed = await claim(tx, "opportunity", source, rows)
    defaults = {"currency": await reporting_currency(tx), "stage": str(OpportunityStage.PROSPECTING)}
    done = await upsert(tx, "opportunity", claimed, documents(rows), defaults)
    await _remember_stages(tx, list(claimed.ids.values()))
    note_import(tx, "opportunity.imported", source, done)
    return done


async def _remember_stages(tx: Tx, ids: Sequence[UUID], comment: str | None = None) -> None:
    """Add the present stage to the history of each opportunity whose last recorded stage is another."""
    await tx.execute(
        "insert into opportunity_stage_change (org_id, opportunity_id, from_stage, to_stage, amount, currency, comment,"
        " actor_id, actor_name, occurred_at)"
        " select deal.org_id, deal.id, last.to_stage, deal.stage, deal.amount, deal.currency, :comment,"
        " :actor, :actor_name, :now from opportunity deal"
        " left join lateral (select step.to_stage from opportunity_stage_change step where step.org_id = deal.org_id"
        " and step.opportunity_id = deal.id order by step.id desc limit 1) last on true"
        " where deal.org_id = :org_id and deal.id = any(:ids) and last.to_stage is distinct from deal.stage",
        ids=list(ids),
        comment=comment,
        actor=tx.actor.principal_id,
        actor_name=tx.actor.name,
        now=tx.now,
    )
