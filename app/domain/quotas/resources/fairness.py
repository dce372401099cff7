"""How evenly quotas lie on the potential of those who get them."""

from app.domain.kernel.resource import One, Resource
from app.domain.quotas.contract.fairness import QuotaFairnessView
from app.domain.quotas.sight import of_quota_seen

_FAIRNESS = """(
  with loaded as (
    select quota.org_id, quota.id, quota.seller_id, quota.period_id, quota.measure, quota.amount, quota.currency,
           owned.potential,
           case when owned.potential > 0 then least(quota.amount / owned.potential, 999) end as load
    from quota left join (
      select account.owner_id, account.currency, sum(account.potential) as potential
      from account where account.org_id = {org} and account.potential is not null group by 1, 2
    ) owned on owned.owner_id = quota.seller_id and owned.currency = quota.currency
    where quota.org_id = {org} and quota.state <> 'cancelled'
  ), spread as (
    select period_id, measure, currency,
           percentile_cont(array[0.25, 0.5, 0.75]) within group (order by load) as quartile
    from loaded group by 1, 2, 3
  )
  select loaded.*, round(cast(quartile[2] as numeric), 6) as median_load,
         case when load is not null and quartile[2] > 0
           then round(cast(least(load / quartile[2] - 1, 999) as numeric), 6) end as deviation,
         coalesce(load < quartile[1] - 1.5 * (quartile[3] - quartile[1])
                  or load > quartile[3] + 1.5 * (quartile[3] - quartile[1]), false) as outlier
  from loaded join spread using (period_id, measure, currency)
)"""

QUOTA_FAIRNESS = Resource(
    "quota_fairness",
    "quota_fairness_rows",
    QuotaFairnessView,
    "quotas:read",
    "Live quotas against the potential of their sellers' accounts, and who is far from the middle.",
    source=_FAIRNESS,
    columns={"load": "round({row}.load, 6)"},
    links={"seller": One("seller", "{row}.seller_id"), "period": One("fiscal_period", "{row}.period_id")},
    filters=("seller_id", "period_id", "measure", "deviation", "outlier"),
    sorts=("deviation", "load"),
    sort="-deviation",
    visible=of_quota_seen("{row}.id"),
    versioned=False,
    path="reports/quota-fairness",
)
