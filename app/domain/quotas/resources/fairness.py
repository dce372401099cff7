"""How evenly quotas lie on the potential of those who get them."""

from app.domain.kernel.resource import One, Resource
from app.domain.quotas.contract.fairness import AttainmentChanceView, QuotaFairnessView
from app.domain.quotas.sight import of_quota_seen

_FAIRNESS = """(
  with past as (
    select allocation.id as allocation_id, share.seller_id, share.history
    from allocation cross join jsonb_to_recordset(allocation.proof -> 'shares')
      as share(seller_id uuid, history numeric)
    where allocation.org_id = {org} and exists (select 1 from quota where quota.org_id = {org}
      and quota.allocation_id = allocation.id and quota.state <> 'cancelled')
  ), loaded as (
    select quota.org_id, quota.id, quota.seller_id, quota.period_id, quota.measure, quota.allocation_id, quota.amount,
           quota.currency, owned.potential, past.history,
           case when owned.potential > 0 then least(quota.amount / owned.potential, 999) end as load,
           case when past.history > 0 then least(quota.amount / past.history - 1, 999) end as growth
    from quota left join (
      select account.owner_id, account.currency, sum(account.potential) as potential
      from account where account.org_id = {org} and account.potential is not null group by 1, 2
    ) owned on owned.owner_id = quota.seller_id and owned.currency = quota.currency
    left join past on past.allocation_id = quota.allocation_id and past.seller_id = quota.seller_id
    where quota.org_id = {org} and quota.state <> 'cancelled'
  ), quartiles as (
    select period_id, measure, currency,
           percentile_cont(array[0.25, 0.5, 0.75]) within group (order by load) as of_load,
           percentile_cont(array[0.25, 0.5, 0.75]) within group (order by growth) as of_growth
    from loaded group by 1, 2, 3
  ), spread as (
    select period_id, measure, currency, cast(of_load[2] as numeric) as middle,
           cast(of_load[1] - 1.5 * (of_load[3] - of_load[1]) as numeric) as least,
           cast(of_load[3] + 1.5 * (of_load[3] - of_load[1]) as numeric) as most,
           cast(of_growth[2] as numeric) as growth_middle,
           cast(of_growth[1] - 1.5 * (of_growth[3] - of_growth[1]) as numeric) as growth_least,
           cast(of_growth[3] + 1.5 * (of_growth[3] - of_growth[1]) as numeric) as growth_most
    from quartiles
  )
  select loaded.*, round(spread.middle, 6) as median_load, round(growth_middle, 6) as median_growth,
         case when spread.middle > 0 and load is not null
           then round(least(load / spread.middle - 1, 999), 6) end as deviation,
         coalesce(load < spread.least or load > spread.most, false) as outlier,
         coalesce(growth < growth_least or growth > growth_most, false) as growth_outlier,
         chance.probability,
         case when load is null then 'No potential is known of its accounts'
           else 'The quota is ' || round(load, 2) || ' times the potential of its accounts, '
             || case when load < spread.least or load > spread.most then 'outside ' else 'within ' end
             || round(greatest(spread.least, 0), 2) || ' to ' || round(spread.most, 2)
             || ' around the median ' || round(spread.middle, 2)
         end || case when growth is null then '; no history is known.'
           else '; it is ' || case when growth < 0 then round(-growth * 100, 1) || ' % below'
                                   else round(growth * 100, 1) || ' % above' end
             || ' history, where the median is ' || round(growth_middle * 100, 1) || ' %.' end as explanation
  from loaded join spread using (period_id, measure, currency)
  left join attainment_chance chance on chance.org_id = loaded.org_id and chance.quota_id = loaded.id
   and chance.quota = loaded.amount
)"""

QUOTA_FAIRNESS = Resource(
    "quota_fairness",
    "quota_fairness_rows",
    QuotaFairnessView,
    "quotas:read",
    "Live quotas, drafts too, against potential and history of their sellers, and who is far from the middle.",
    source=_FAIRNESS,
    columns={"load": "round({row}.load, 6)", "growth": "round({row}.growth, 6)"},
    links={"seller": One("seller", "{row}.seller_id"), "period": One("fiscal_period", "{row}.period_id")},
    filters=(
        "seller_id",
        "period_id",
        "measure",
        "allocation_id",
        "deviation",
        "outlier",
        "growth",
        "growth_outlier",
        "probability",
    ),
    sorts=("deviation", "load", "growth", "probability"),
    sort="-deviation",
    visible=of_quota_seen("{row}.id"),
    versioned=False,
    path="reports/quota-fairness",
)

ATTAINMENT_CHANCE = Resource(
    "attainment_chance",
    "attainment_chances",
    AttainmentChanceView,
    "quotas:read",
    "How likely quotas are to be reached, as the latest simulation of their allocation found.",
    links={
        "seller": One("seller", "{row}.seller_id"),
        "quota_now": One("quota", "{row}.quota_id", "The quota as it is now."),
        "allocation": One("allocation", "{row}.allocation_id"),
    },
    filters=("seller_id", "quota_id", "allocation_id", "probability"),
    sorts=("probability",),
    sort="probability",
    visible=of_quota_seen("{row}.quota_id"),
    versioned=False,
    path="reports/attainment-chances",
)
