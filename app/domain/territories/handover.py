"""What happens to deals and accounts when other sellers come to cover them: deals are held over or follow.

An open deal is handed over when its account is covered in a model in force, its seller covers the account no more, and
that seller is a former one: it covered the account before, or owns it. The deal goes to the seller with the largest
share of the territory, `holdover_days` of the model after the first day of that coverage; earlier when the former
seller leaves. Every handover that waits is a holdover; a deal has one at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.domain.accounts.commands.handover import Handover, hand_over_opportunities, reassign_accounts
from app.domain.kernel.scope import Tx
from app.domain.territories.workflow.holdovers import HOLDOVER
from app.domain.workflow.history import advance_many, begin_many

# Whom a deal goes to where several share a territory.
LEAD = """
select distinct on (own.territory_id) own.territory_id, own.seller_id
from territory_assignment own
join seller on seller.org_id = own.org_id and seller.id = own.seller_id and not seller.placeholder
where own.org_id = :org_id and own.state = 'accepted' and own.territory_id = {territory} and own.valid @> {day}
order by own.territory_id, own.share desc, own.seller_id
"""
_FORMER = """
account.owner_id = deal.seller_id or exists (
  select from territory_membership was
  join territory_model past on past.org_id = was.org_id and past.id = was.model_id
   and past.state in ('active', 'archived')
  join territory_assignment had on had.org_id = was.org_id and had.territory_id = was.territory_id
   and had.seller_id = deal.seller_id and had.state in ('accepted', 'ended')
   and not isempty(had.valid * was.valid * past.valid * daterange(null, begun.day))
  where was.org_id = deal.org_id and was.account_id = deal.account_id)
"""
_HOLD = f"""
with begun as (
  select own.territory_id, min(greatest(own.effective_from, model.starts_on)) as day, model.id as model_id,
         model.holdover_days
  from territory_model model
  join territory on territory.org_id = model.org_id and territory.model_id = model.id
  join territory_assignment own on own.org_id = model.org_id and own.territory_id = territory.id
   and own.state = 'accepted' and own.valid && model.valid
  join seller on seller.org_id = own.org_id and seller.id = own.seller_id and not seller.placeholder
  where model.org_id = :org_id and model.state = 'active' and (model.holdover_days > 0 or model.move_open_deals)
    and (cast(:model as uuid) is null or model.id = :model)
    and (cast(:assignment as uuid) is null or own.id = :assignment)
  group by own.territory_id, model.id, model.holdover_days
), changing as (
  select deal.org_id, deal.id, deal.account_id, begun.model_id, deal.seller_id, lead.seller_id as to_seller_id,
         least(begun.day + begun.holdover_days, former.left_on) as until
  from begun
  cross join lateral ({LEAD.format(territory="begun.territory_id", day="begun.day")}) lead
  join territory_membership member on member.org_id = :org_id and member.territory_id = begun.territory_id
   and member.valid @> begun.day
  join opportunity deal on deal.org_id = :org_id and deal.account_id = member.account_id
   and deal.stage not in ('won', 'lost')
  join account on account.org_id = :org_id and account.id = deal.account_id
  join seller former on former.org_id = :org_id and former.id = deal.seller_id
  left join holdover held on held.org_id = :org_id and held.opportunity_id = deal.id and held.state = 'held'
  where held.id is not null or ({_FORMER}) and not exists (
    select from territory_assignment still where still.org_id = :org_id and still.territory_id = begun.territory_id
      and still.seller_id = deal.seller_id and still.state = 'accepted' and still.valid @> begun.day)
)
insert into holdover as kept
  (org_id, id, model_id, opportunity_id, account_id, from_seller_id, to_seller_id, until, state)
select org_id, uuidv7(), model_id, id, account_id, seller_id, to_seller_id, until, 'held' from changing
on conflict (org_id, opportunity_id) where state = 'held' do update
  set model_id = excluded.model_id, to_seller_id = excluded.to_seller_id, from_seller_id = excluded.from_seller_id
  where (kept.to_seller_id, kept.from_seller_id) <> (excluded.to_seller_id, excluded.from_seller_id)
returning id, model_id, old.id is null as is_new
"""
_DUE = """
select id from holdover where org_id = :org_id and state = 'held' and until <= :today order by id for no key update
"""
_TERMS = """
select opportunity_id, from_seller_id, to_seller_id from holdover where org_id = :org_id and id = any(:ids) order by id
"""
_COVERED = f"""
select member.account_id, lead.seller_id
from territory
join territory_membership member on member.org_id = territory.org_id and member.territory_id = territory.id
 and member.valid @> cast(:today as date)
cross join lateral ({LEAD.format(territory="territory.id", day="cast(:today as date)")}) lead
where territory.org_id = :org_id and territory.model_id = :model
"""


async def follow_model(tx: Tx, model_id: UUID) -> None:
    """Hold over the open deals whose sellers a model changes, if it asks for that; hand over what is due at once."""
    await _hold(tx, model=model_id, assignment=None)


async def follow_assignment(tx: Tx, assignment_id: UUID) -> None:
    """The same for what a seller accepts while the model is in force."""
    await _hold(tx, model=None, assignment=assignment_id)


async def settle(tx: Tx) -> tuple[int, int]:
    """Hand over the deals whose holdover is over; how many lapsed, and how many deals went over with that."""
    due = [row["id"] for row in await tx.rows(_DUE, today=tx.today)]
    lapsed = await advance_many(tx, HOLDOVER, due, "lapse") if due else None
    return (len(lapsed.moved), await hand_over(tx, lapsed.moved)) if lapsed else (0, 0)


async def hand_over(tx: Tx, holdover_ids: Sequence[UUID]) -> int:
    """Give the deals of holdovers that ended to their new sellers; how many went over."""
    rows = await tx.rows(_TERMS, ids=list(holdover_ids))
    return await hand_over_opportunities(tx, [Handover(*row.values()) for row in rows])


async def reassign_owners(tx: Tx, model_id: UUID) -> int:
    """Let every account belong to the seller who covers it today; how many changed."""
    changed = await reassign_accounts(tx, _COVERED, model=model_id, today=tx.today)
    tx.emit("territory_model.owners_reassigned", "territory_model", model_id, accounts=changed)
    return changed


async def _hold(tx: Tx, *, model: UUID | None, assignment: UUID | None) -> None:
    held = await tx.rows(_HOLD, model=model, assignment=assignment)
    if new := [row["id"] for row in held if row["is_new"]]:
        await begin_many(tx, HOLDOVER, new)
        tx.emit("territory_model.deals_held", "territory_model", held[0]["model_id"], deals=len(new))
    if held:
        await settle(tx)
