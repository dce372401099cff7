"""One quota: drafted by hand, changed, and what its moves store."""

from __future__ import annotations

from fractions import Fraction
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.fields import OptionalComment
from app.domain.kernel.scope import Tx
from app.domain.quotas.amounts import amend, change_amount
from app.domain.quotas.contract.quotas import (
    AmendQuota,
    CreateQuota,
    QuotaState,
    RevisionAction,
    UpdateQuota,
)
from app.domain.quotas.drafts import Draft, Drafts, store
from app.domain.quotas.inputs import currency_for, load_period, require_units
from app.domain.quotas.tables.quotas import Quota
from app.domain.quotas.workflow import QUOTA
from app.domain.workflow.history import on_move


@command(Kind.CREATE, "quota", needs="quotas:write", body=CreateQuota)
async def create_quota(tx: Tx, body: CreateQuota) -> UUID:
    """Draft a quota by hand, spread evenly over the months of its period."""
    await tx.visible("seller", body.seller_id, pointer="/seller_id")
    _require_another(tx, body.seller_id)
    if body.territory_id:
        await tx.visible("territory", body.territory_id, pointer="/territory_id")
    period = await load_period(tx, body.period_id)
    currency = await currency_for(tx, body.measure, body.currency)
    require_units(body.amount, body.measure, currency, "/amount")
    drafts = Drafts(
        period=period,
        measure=body.measure,
        currency=currency,
        each=[Draft(body.seller_id, body.amount, [Fraction(1)] * len(period.months))],
        action=RevisionAction.CREATE,
        territory_id=body.territory_id,
    )
    return (await store(tx, drafts))[0]


@command(Kind.UPDATE, "quota", needs="quotas:write", body=UpdateQuota)
async def update_quota(tx: Tx, id: UUID, body: UpdateQuota) -> None:
    """Change the amount of a draft; what was proposed already is revised or amended instead."""
    quota = await tx.require(Quota, id)
    if quota.state != QuotaState.DRAFT:
        raise refuse("immutable", f"The amount cannot be changed freely in state {quota.state}.", state=quota.state)
    _require_another(tx, quota.seller_id)
    await load_period(tx, quota.period_id)
    require_units(body.amount, quota.measure, quota.currency, "/amount")
    await change_amount(tx, quota, body.amount, RevisionAction.UPDATE, body.comment)


@on_move(QUOTA, "accept")
async def _agree(tx: Tx, id: UUID, body: OptionalComment) -> None:
    await tx.execute("update quota set accepted_amount = amount where org_id = :org_id and id = :id", id=id)
    await tx.execute(
        "update quota_month set accepted_amount = amount where org_id = :org_id and quota_id = :quota", quota=id
    )


@on_move(QUOTA, "amend")
async def _amend(tx: Tx, id: UUID, body: AmendQuota) -> None:
    quota = await tx.require(Quota, id, lock=True)
    require_units(body.amount, quota.measure, quota.currency, "/amount")
    await amend(tx, quota, body.amount, body.effective_from, body.comment)


def _require_another(tx: Tx, seller_id: UUID) -> None:
    """A manager is one of its own line, and sets no quota of its own."""
    if seller_id == tx.actor.seller_id:
        raise refuse("four_eyes")
