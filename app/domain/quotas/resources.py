"""What can be read of quotas and allocations."""

from app.domain.kernel.resource import Many, One, Resource, Visible, by_seller
from app.domain.quotas.contract import (
    AllocationView,
    QuotaFairnessView,
    QuotaMonthView,
    QuotaRevisionView,
    QuotaView,
)

QUOTA = Resource(
    "quota",
    "quotas",
    QuotaView,
    "quotas:read",
    "What sellers are to bring, and where each quota stands.",
    links={
        "seller": One("seller", "{row}.seller_id", "Whose quota it is."),
        "territory": One("territory", "{row}.territory_id"),
        "period": One("fiscal_period", "{row}.period_id"),
        "allocation": One("allocation", "{row}.allocation_id", "The allocation that made it."),
        "months": Many("quota_month", "{other}.quota_id = {row}.id", "starts_on", "Its months, in order."),
        "revisions": Many("quota_revision", "{other}.quota_id = {row}.id", "occurred_at", "Every amount it had."),
    },
    filters=(
        "seller_id",
        "territory_id",
        "period_id",
        "allocation_id",
        "measure",
        "state",
        "amount",
        "created_at",
        "updated_at",
    ),
    sorts=("amount", "created_at", "updated_at"),
    visible=by_seller("{row}.seller_id"),
)

_SELLER = "(select held.seller_id from quota held where held.org_id = {org} and held.id = {row}.quota_id)"

QUOTA_MONTH = Resource(
    "quota_month",
    "quota_months",
    QuotaMonthView,
    "quotas:read",
    "What of a quota falls into each month.",
    links={"period": One("fiscal_period", "{row}.period_id")},
    filters=("period_id", "starts_on"),
    sorts=("starts_on",),
    sort="starts_on",
    visible=by_seller(_SELLER),
    versioned=False,
    hidden=True,
)

QUOTA_REVISION = Resource(
    "quota_revision",
    "quota_revisions",
    QuotaRevisionView,
    "quotas:read",
    "Every amount a quota had; append-only.",
    filters=("action", "actor_id", "occurred_at"),
    sorts=("occurred_at",),
    sort="occurred_at",
    visible=by_seller(_SELLER),
    versioned=False,
    hidden=True,
)

ALLOCATION = Resource(
    "allocation",
    "allocations",
    AllocationView,
    "quotas:read",
    "Totals cut into quotas, each with its proof; append-only. Seen by who ran them and by whoever sees all sellers.",
    links={
        "period": One("fiscal_period", "{row}.period_id"),
        "manager": One("seller", "{row}.manager_id"),
        "quotas": Many("quota", "{other}.allocation_id = {row}.id", "id", "The quotas it made."),
    },
    filters=("period_id", "measure", "method", "team", "manager_id", "created_by", "created_at"),
    sorts=("created_at", "total"),
    visible=Visible("{row}.created_by = {actor}"),
    versioned=False,
)

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
    visible=by_seller("{row}.seller_id"),
    versioned=False,
    path="reports/quota-fairness",
)
