"""What deciding a dispute would do to others, shown before."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlalchemy import RowMapping

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Tx
from app.domain.quotas.contract.disputes import DecisionPreview, PreviewDecision, Sibling, SumOfQuotas
from app.domain.quotas.inputs import require_units
from app.domain.quotas.rules import as_rate, digits_of, phase
from app.domain.quotas.tables.quotas import Quota

# A quota of the manager's own for the same is what the team is to bring together.
_TEAM = """
with asked as (
  select quota.*, least(greatest(:today, period.start_date), period.end_date - 1) as day
  from quota join fiscal_period period on period.org_id = quota.org_id and period.id = quota.period_id
  where quota.org_id = :org_id and quota.id = :quota
), mine as (
  select asked.*, held.manager_id from asked
  left join position held on held.org_id = asked.org_id and held.seller_id = asked.seller_id and held.valid @> asked.day
)
select other.id, other.seller_id, seller.name, other.amount, other.seller_id = mine.manager_id as leads, mine.manager_id
from mine
join quota other on other.org_id = mine.org_id and other.period_id = mine.period_id and other.measure = mine.measure
 and other.currency = mine.currency and other.state <> 'cancelled'
 and other.territory_id is not distinct from mine.territory_id
join seller on seller.org_id = other.org_id and seller.id = other.seller_id
left join position held on held.org_id = other.org_id and held.seller_id = other.seller_id and held.valid @> mine.day
where other.id = mine.id or other.seller_id = mine.manager_id or held.manager_id = mine.manager_id
order by seller.name, other.id
"""
_ALLOCATION = """
select allocation.total, coalesce(sum(quota.amount), 0) as amount
from allocation join quota on quota.org_id = allocation.org_id and quota.allocation_id = allocation.id
 and quota.state <> 'cancelled'
where allocation.org_id = :org_id and allocation.id = :allocation group by allocation.id, allocation.total
"""


@command(
    Kind.ACTION,
    "quota",
    needs="quotas:decide",
    body=PreviewDecision,
    action="preview-decision",
    result=DecisionPreview,
    unversioned=True,
)
async def preview_quota_decision(tx: Tx, id: UUID, body: PreviewDecision) -> DecisionPreview:
    """Show what another amount would do to the siblings, the manager's sum and the allocation; nothing is stored."""
    quota = await tx.require(Quota, id)
    if quota.seller_id == tx.actor.seller_id:
        raise refuse("four_eyes")
    require_units(body.amount, quota.measure, quota.currency, "/amount")
    most = await tx.value("select quota_over_assignment from organisation where org_id = :org_id")
    rows = await tx.rows(_TEAM, quota=id, today=tx.today)
    members = [row for row in rows if not row["leads"]]
    target = next((row["amount"] for row in rows if row["leads"]), None)
    delta = body.amount - quota.amount
    team = _sum(target, sum((row["amount"] for row in members), Decimal(0)), delta, most)
    return DecisionPreview(
        currency=quota.currency,
        amount_before=quota.amount,
        amount_after=body.amount,
        manager_id=rows[0]["manager_id"],
        team=team,
        allocation=await _allocation(tx, quota, delta, most),
        siblings=_siblings(quota, [row for row in members if row["id"] != id], team, delta),
    )


async def _allocation(tx: Tx, quota: Quota, delta: Decimal, most: Decimal) -> SumOfQuotas | None:
    if quota.allocation_id is None:
        return None
    (row,) = await tx.rows(_ALLOCATION, allocation=quota.allocation_id)
    return _sum(row["total"], row["amount"], delta, most)


def _sum(target: Decimal | None, before: Decimal, delta: Decimal, most: Decimal) -> SumOfQuotas:
    after = before + delta
    return SumOfQuotas(
        target=target,
        before=before,
        after=after,
        over_assignment_before=as_rate(before / target - 1) if target else None,
        over_assignment_after=as_rate(after / target - 1) if target else None,
        within_policy=target <= after <= target * (1 + most) if target else None,
    )


def _siblings(quota: Quota, others: Sequence[RowMapping], team: SumOfQuotas, delta: Decimal) -> list[Sibling]:
    if not others:
        return []
    amounts = [row["amount"] for row in others]
    # They can give up no more than they have.
    kept = max(sum(amounts, Decimal(0)) - delta, Decimal(0))
    spread = phase(kept, [Fraction(amount) for amount in amounts], digits_of(quota.measure, quota.currency))
    return [
        Sibling(
            quota_id=row["id"],
            seller_id=row["seller_id"],
            seller_name=row["name"],
            amount=row["amount"],
            share_before=as_rate(row["amount"] / team.before) if team.before else None,
            share_after=as_rate(row["amount"] / team.after) if team.after else None,
            amount_to_keep_sum=amount,
        )
        for row, amount in zip(others, spread, strict=True)
    ]
