"""Reminders of quotas that wait for an answer: events, one a day for each quota."""

from __future__ import annotations

from app.domain.kernel.command import Kind, command
from app.domain.kernel.scope import Tx
from app.domain.quotas.contract.disputes import RemindedQuotas, RemindQuotas
from app.domain.quotas.inputs import SEES, sight

# Two that remind at once do not remind twice: the day's row of a quota is stored once.
_REMIND = f"""
with late as (
  select quota.id, quota.seller_id, quota.state,
         cast(:today as date) - cast(
           case when quota.state = 'proposed' then quota.proposed_at else quota.disputed_at end at time zone 'UTC'
           as date) as days
  from quota where quota.org_id = :org_id and quota.state in ('proposed', 'disputed', 'under_investigation')
    and (cast(:period as uuid) is null or quota.period_id = :period) and {SEES.format(column="quota.seller_id")}
), reminded as (
  insert into quota_reminder (org_id, quota_id, reminded_on)
  select :org_id, late.id, :today from late where late.days >= :due_days order by late.id
  on conflict do nothing returning quota_id
)
select late.* from late join reminded on reminded.quota_id = late.id order by late.id
"""


@command(
    Kind.COLLECTION,
    "quota",
    needs="quotas:write",
    body=RemindQuotas,
    action="remind",
    result=RemindedQuotas,
)
async def remind_quotas(tx: Tx, body: RemindQuotas) -> RemindedQuotas:
    """Remind sellers of overdue proposals and deciders of overdue disputes, as events; once a day for each quota."""
    if body.period_id:
        await tx.visible("fiscal_period", body.period_id, pointer="/period_id")
    late = await tx.rows(_REMIND, period=body.period_id, due_days=body.due_days, **sight(tx))
    for row in late:
        waits_for = "seller" if row["state"] == "proposed" else "decider"
        tx.emit("quota.reminded", "quota", row["id"], waits_for=waits_for, seller_id=row["seller_id"], days=row["days"])
    sellers = sum(row["state"] == "proposed" for row in late)
    return RemindedQuotas(sellers=sellers, deciders=len(late) - sellers)
