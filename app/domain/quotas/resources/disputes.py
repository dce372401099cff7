"""Disputes of quotas, what they are compared with, and how fast teams accept."""

from uuid import UUID

from app.domain.kernel.resource import IN_LINE, One, Param, Resource, Visible, by_seller
from app.domain.quotas.contract.disputes import QuotaAcceptanceTimeView, QuotaComparableView, QuotaDisputeView
from app.domain.quotas.sight import QUOTAS_SEEN, of_quota_seen

QUOTA_DISPUTE = Resource(
    "quota_dispute",
    "quota_disputes",
    QuotaDisputeView,
    "quotas:read",
    "Counter-proposals of sellers to their quotas, with evidence, and what became of them.",
    links={"quota": One("quota", "{row}.quota_id", "The quota disputed.")},
    filters=("quota_id", "outcome", "opened_by", "closed_by", "opened_at", "closed_at"),
    sorts=("opened_at", "closed_at"),
    visible=of_quota_seen("{row}.quota_id"),
)

_SEES_PEER = IN_LINE.format(column="peer.seller_id", on="{today}")

# A seller sees of its peers what they are held to, not who they are; of others' drafts it sees nothing.
_COMPARABLES = f"""(
  with asked as (
    select quota.*, period.start_date, least(greatest({{today}}, period.start_date), period.end_date - 1) as day
    from quota join fiscal_period period on period.org_id = {{org}} and period.id = quota.period_id
    where quota.org_id = {{org}} and quota.id = coalesce({{quota_id}}, (
        select own.id from quota own where own.org_id = {{org}} and own.seller_id = {{seller}}
          and own.proposed_at is not null and own.state <> 'cancelled' order by own.proposed_at desc, own.id limit 1))
      and ({{sees_all}} or {QUOTAS_SEEN.rule.replace("{row}", "quota")})
  ), compared as (
    select peer.id, peer.seller_id, peer.amount, peer.currency, asked.id as quota_id, peer.id = asked.id as own,
           {{sees_all}} or {_SEES_PEER} as named, asked.start_date
    from asked
    join position mine on mine.org_id = {{org}} and mine.seller_id = asked.seller_id and mine.valid @> asked.day
    join position theirs on theirs.org_id = {{org}} and theirs.valid @> asked.day
     and theirs.job_role = mine.job_role and theirs.team is not distinct from mine.team
    join quota peer on peer.org_id = {{org}} and peer.seller_id = theirs.seller_id and peer.measure = asked.measure
     and peer.period_id = asked.period_id and peer.currency = asked.currency and peer.state <> 'cancelled'
     and (peer.state <> 'draft' or {{sees_all}})
  )
  select cast(md5(cast(quota_id as text) || cast(compared.id as text)) as uuid) as id, quota_id, own,
         case when named then compared.seller_id end as seller_id, case when named then seller.name end as seller_name,
         compared.amount, compared.currency, owned.potential, past.history,
         case when owned.potential > 0 then round(least(compared.amount / owned.potential, 999), 6) end as load,
         case when past.history > 0 then round(least(compared.amount / past.history - 1, 999), 6) end as growth
  from compared
  join seller on seller.org_id = {{org}} and seller.id = compared.seller_id
  cross join lateral (
    select sum(account.potential) as potential from account where account.org_id = {{org}}
      and account.owner_id = compared.seller_id and account.currency = compared.currency
  ) owned
  cross join lateral (
    select sum(deal.amount) as history from opportunity deal where deal.org_id = {{org}}
      and deal.seller_id = compared.seller_id and deal.stage = 'won' and deal.currency = compared.currency
      and deal.closed_on < compared.start_date
      and deal.closed_on >= cast(compared.start_date - interval '1 year' as date)
  ) past
)"""

QUOTA_COMPARABLE = Resource(
    "quota_comparable",
    "quota_comparables",
    QuotaComparableView,
    "quotas:read",
    "A quota beside those of the same job role and team, with potential and history.",
    source=_COMPARABLES,
    links={"seller": One("seller", "{row}.seller_id")},
    filters=("own", "load", "growth"),
    sorts=("load", "growth", "amount"),
    sort="-load",
    # Who may not see the quota asked about gets no rows.
    visible=Visible(),
    params={"quota_id": Param(UUID, "The quota that others are compared with; by default your own, proposed last.")},
    versioned=False,
    path="reports/quota-comparables",
)

# A dispute and what follows belong to the time to acceptance: it runs from the first proposal.
_ACCEPTANCE = """(
  with chosen as materialized (
    select p.* from asked_period({org}, {period}, {today}) p
  ), asked as (
    select quota.id, quota.state, held.manager_id, step.proposed_at, now() - step.proposed_at as age, step.disputes,
           case when quota.state in ('accepted', 'locked') then step.accepted_at end as accepted_at
    from chosen
    join quota on quota.org_id = {org} and quota.period_id = chosen.id and quota.state <> 'cancelled'
     and quota.proposed_at is not null
    cross join lateral (
      select min(occurred_at) filter (where action = 'propose') as proposed_at,
             min(occurred_at) filter (where action = 'accept') as accepted_at,
             count(*) filter (where action = 'dispute') as disputes
      from transition step where step.org_id = {org} and step.machine = 'quota' and step.subject_id = quota.id
    ) step
    left join position held on held.org_id = {org} and held.seller_id = quota.seller_id and held.valid @> {today}
  ), timed as (
    select asked.*, round(extract(epoch from accepted_at - proposed_at) / 86400, 2) as days,
           round(extract(epoch from age) / 86400, 2) as waiting
    from asked
  )
  select coalesce(timed.manager_id, chosen.id) as id, timed.manager_id, manager.name as manager_name,
         chosen.id as period_id, chosen.code as period_code, count(*) as proposed, count(accepted_at) as accepted,
         count(*) filter (where timed.state in ('disputed', 'under_investigation')) as disputed,
         count(*) filter (where timed.state = 'proposed') as open,
         count(*) filter (where accepted_at is null and waiting > {due_days}) as overdue,
         sum(disputes) as disputes,
         round(cast(percentile_cont(0.5) within group (order by days) as numeric), 2) as median_days,
         max(coalesce(days, waiting)) as worst_days
  from timed cross join chosen
  left join seller manager on manager.org_id = {org} and manager.id = timed.manager_id
  group by chosen.id, chosen.code, timed.manager_id, manager.name
)"""

QUOTA_ACCEPTANCE_TIME = Resource(
    "quota_acceptance_time",
    "quota_acceptance_times",
    QuotaAcceptanceTimeView,
    "quotas:read",
    "How fast the sellers of each manager accept their quotas of a period.",
    source=_ACCEPTANCE,
    links={"manager": One("seller", "{row}.manager_id"), "period": One("fiscal_period", "{row}.period_id")},
    filters=("manager_id", "overdue"),
    sorts=("manager_name", "overdue", "worst_days"),
    sort="-overdue",
    visible=by_seller("{row}.manager_id"),
    params={
        "period": Param(str, "Code of the fiscal period, such as `2026`; by default the running year."),
        "due_days": Param(int, "Days after which an answer is overdue; 14 by default.", 14),
    },
    versioned=False,
    path="reports/quota-acceptance-times",
)
