"""Commitments, and their gap to the quotas level by level."""

from app.domain.kernel.fields import Code
from app.domain.kernel.money import Currency
from app.domain.kernel.resource import One, Param, Resource, by_seller
from app.domain.quotas.contract.commitments import CommitmentGapView, CommitmentView
from app.domain.quotas.contract.measures import QuotaMeasure

COMMITMENT = Resource(
    "commitment",
    "commitments",
    CommitmentView,
    "quotas:read",
    "What sellers say they will bring, beside the quotas asked of them.",
    links={
        "seller": One("seller", "{row}.seller_id", "Who says it."),
        "period": One("fiscal_period", "{row}.period_id"),
    },
    filters=("seller_id", "period_id", "measure", "scope", "amount", "adjusted_by", "created_at", "updated_at"),
    sorts=("amount", "created_at", "updated_at"),
    visible=by_seller("{row}.seller_id"),
)

# A figure for a team blocks what its members said, from its manager upwards.
_GAP = """(
  with asked as (
    select period.id, coalesce({currency}, case when {measure} in ('units', 'activity') then 'XXX' else (
             select o.currency from organisation o where o.org_id = {org}) end) as currency,
           least(greatest({today}, period.start_date), period.end_date - 1) as day
    from fiscal_period period where period.org_id = {org}
      and (period.code = {period} or {period} is null and period.kind = 'year' and period.valid @> {today})
  ), line as materialized (
    select held.ancestor_id, held.descendant_id, held.depth
    from asked join reporting_closure held on held.org_id = {org} and held.valid_from <= asked.day
     and held.valid_to > asked.day
  ), leaders as (
    select distinct ancestor_id as id from line where depth > 0
  ), asked_of as (
    select quota.seller_id, sum(quota.amount) as amount, leaders.id is not null as leads
    from asked join quota on quota.org_id = {org} and quota.period_id = asked.id and quota.measure = {measure}
     and quota.currency = asked.currency and quota.state <> 'cancelled'
    left join leaders on leaders.id = quota.seller_id
    group by quota.seller_id, leaders.id
  ), said as (
    select held.id, held.seller_id, held.scope, coalesce(held.adjusted, held.amount) as amount
    from asked join commitment held on held.org_id = {org} and held.period_id = asked.id
     and held.measure = {measure} and held.currency = asked.currency
  ), counted as (
    select line.ancestor_id as id, sum(said.amount) as amount
    from said join line on line.descendant_id = said.seller_id
    where not exists (
      select 1 from said team
      join line to_team on to_team.ancestor_id = line.ancestor_id and to_team.descendant_id = team.seller_id
      join line below on below.ancestor_id = team.seller_id and below.descendant_id = said.seller_id
      where team.scope = 'team' and (team.seller_id <> said.seller_id or said.scope = 'own')
    )
    group by 1
  ), promised as (
    select line.ancestor_id as id, sum(asked_of.amount) as amount, count(*) as sellers,
           count(*) filter (where exists (
             select 1 from said where said.seller_id = asked_of.seller_id and said.scope = 'own')) as committed
    from asked_of join line on line.descendant_id = asked_of.seller_id
    where not asked_of.leads group by 1
  )
  select cast(md5(concat(seller.id, asked.id, {measure}, asked.currency)) as uuid) as id, seller.id as seller_id,
         seller.name as seller_name, led.ancestor_id as manager_id,
         (select count(*) from line above where above.descendant_id = seller.id and above.depth > 0) as level,
         leaders.id is not null as leads, asked.id as period_id, {measure} as measure, asked.currency,
         promised.amount as quota, own.amount as manager_quota, counted.amount as commitment,
         counted.amount - promised.amount as gap,
         case when counted.amount is not null and promised.amount <> 0
           then round(least(counted.amount / promised.amount - 1, 999), 6) end as gap_share,
         coalesce(promised.sellers, 0) as sellers, coalesce(promised.committed, 0) as committed
  from asked cross join seller
  left join leaders on leaders.id = seller.id
  left join line led on led.descendant_id = seller.id and led.depth = 1
  left join promised on promised.id = seller.id
  left join asked_of own on own.seller_id = seller.id and own.leads
  left join counted on counted.id = seller.id
  where seller.org_id = {org} and (promised.id is not null or own.seller_id is not null or counted.id is not null)
)"""

COMMITMENT_GAP = Resource(
    "commitment_gap",
    "commitment_gaps",
    CommitmentGapView,
    "quotas:read",
    "What is asked from above against what is said from below, at every level of the reporting line.",
    source=_GAP,
    links={"seller": One("seller", "{row}.seller_id"), "manager": One("seller", "{row}.manager_id", "Who leads it.")},
    filters=("seller_id", "manager_id", "level", "leads", "gap", "gap_share"),
    sorts=("level", "seller_name", "gap", "gap_share"),
    sort="level",
    visible=by_seller("{row}.seller_id"),
    params={
        "period": Param(Code, "Code of the fiscal period of quotas and commitments; the year of today by default."),
        "measure": Param(QuotaMeasure, "What is counted.", default=QuotaMeasure.REVENUE),
        "currency": Param(Currency, "The organisation's when absent; amounts in others are left out."),
    },
    versioned=False,
    path="reports/commitment-gap",
)
