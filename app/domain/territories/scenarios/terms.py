"""What a scenario starts from, as SQL that its commands and its job share."""

from __future__ import annotations

from app.domain.territories.queries import IDEAL_VISITS_OF_MODEL_SQL

PLACED_TODAY = """
select held.account_id, own.id as territory_id, own.code, held.source = 'pin' as pinned
from territory own
join territory_membership held on held.org_id = own.org_id and held.territory_id = own.id
 and held.valid @> cast(:as_of as date)
where own.org_id = :org_id and own.model_id = :model
 and not exists (select from territory child where child.org_id = own.org_id and child.parent_id = own.id)
"""
"""Rows (account_id, territory_id, code, pinned) of a `:model` on a day `:as_of`.

Accounts belong to the lowest territories: a design puts none into one that has others below it.
"""

TERRITORIES = """
select own.code from territory own where own.org_id = :org_id and own.model_id = :model
 and not exists (select from territory child where child.org_id = own.org_id and child.parent_id = own.id)
order by own.code
"""
"""The lowest territories of a `:model`."""

_IDEAL = IDEAL_VISITS_OF_MODEL_SQL.format(org=":org_id", day="cast(:as_of as date)", model=":model")
# Whoever has no cadence for visits is still somewhere: it counts as one visit a year.
_VISITS = "coalesce(nullif(ideal.visits_per_year, 0), 1)"

ACCOUNTS = f"""
with held as ({PLACED_TODAY}), own as (
  select currency from organisation where org_id = :org_id
), rate as (
  select fx.from_currency as currency, fx.rate from fx_rate fx join own on fx.to_currency = own.currency
  where fx.org_id = :org_id and fx.name = 'SPOT' and fx.valid @> cast(:as_of as date)
  union all select own.currency, 1 from own
), won as (
  select deal.account_id, sum(deal.amount * rate.rate) as amount
  from opportunity deal join rate on rate.currency = deal.currency
  where deal.org_id = :org_id and deal.stage = 'won' and deal.closed_on <= cast(:as_of as date)
   and deal.closed_on > cast(:as_of as date) - interval '1 year'
  group by deal.account_id
), known as (
  select a.*, held.code, coalesce(held.pinned, false) as pinned, coalesce(rate.rate, 0) as rate,
         rate.rate is null as rate_missing, a.latitude is null or a.longitude is null as approximate
  from account a
  left join held on held.account_id = a.id
  left join rate on rate.currency = a.currency
  where a.org_id = :org_id and (:unplaced or held.code is not null)
)
select known.id, known.code, known.pinned, known.approximate, known.rate_missing,
       coalesce(known.latitude, avg(latitude) over city, avg(latitude) over country, avg(latitude) over (), 0)
         as latitude,
       coalesce(known.longitude, avg(longitude) over city, avg(longitude) over country, avg(longitude) over (), 0)
         as longitude,
       coalesce(round(known.potential * known.rate, 4), 0) as potential,
       coalesce(round(known.annual_revenue * known.rate, 4), 0) as annual_revenue,
       coalesce(round(known.expected_value * known.rate, 4), 0) as expected_value,
       cast(1 as numeric) as accounts, {_VISITS} as workload,
       coalesce(round(won.amount, 4), 0) as stake_won_revenue,
       coalesce(round(known.potential * known.rate, 4), 0) as stake_potential, cast(1 as numeric) as stake_accounts
from known left join won on won.account_id = known.id
left join ({_IDEAL}) ideal on ideal.account_id = known.id
window city as (partition by known.country, known.city), country as (partition by known.country)
order by known.id
"""
"""The accounts of a scenario in a fixed order, with their place, their territory today and their measures.

Amounts are in the organisation's currency at the rate of the day `:as_of`.
"""

FAMILIES = """
with recursive family (id, root) as (
  select id, id from account where org_id = :org_id and parent_id is null
  union all
  select child.id, family.root from family
  join account child on child.org_id = :org_id and child.parent_id = family.id
)
select id, root from family where id <> root
"""
"""Rows (id, root): accounts below another one, with the top of their hierarchy."""

NEEDS = """
select a.id, array_agg(cast(n - 1 as int) order by n) as needs
from jsonb_array_elements(cast(:skills as jsonb)) with ordinality listed(need, n)
join account a on a.org_id = :org_id and (
  need->'account_ids' ? cast(a.id as text)
  or (jsonb_array_length(need->'countries') > 0 or jsonb_array_length(need->'industries') > 0)
   and (jsonb_array_length(need->'countries') = 0 or need->'countries' ? cast(a.country as text))
   and (jsonb_array_length(need->'industries') = 0 or need->'industries' ? a.industry))
group by a.id
"""
"""Rows (id, needs): accounts with the positions of the `:skills` they need."""

LACKS = f"""
select own.code, array_agg(cast(n - 1 as int) order by n) as lacks
from (select distinct territory_id, code from ({PLACED_TODAY}) held) own
cross join jsonb_array_elements(cast(:skills as jsonb)) with ordinality listed(need, n)
where exists (
  select from territory_assignment covering where covering.org_id = :org_id
   and covering.territory_id = own.territory_id and covering.state <> 'disputed'
   and covering.valid @> cast(:as_of as date)
) and not exists (
  select from territory_assignment covering
  join seller_skill held on held.org_id = covering.org_id and held.seller_id = covering.seller_id
   and held.skill = need->>'skill' and held.level >= cast(need->>'level' as int)
  where covering.org_id = :org_id and covering.territory_id = own.territory_id and covering.state <> 'disputed'
   and covering.valid @> cast(:as_of as date)
)
group by own.code
"""
"""Rows (code, lacks): territories with the positions of the `:skills` that none of their sellers has.

A territory without a seller lacks nothing: whoever is hired for it will have what it takes.
"""

SELLERS = """
select seller.id, seller.latitude, seller.longitude, array(
  select cast(n - 1 as int) from jsonb_array_elements(cast(:skills as jsonb)) with ordinality listed(need, n)
  join seller_skill held on held.org_id = :org_id and held.seller_id = seller.id
   and held.skill = need->>'skill' and held.level >= cast(need->>'level' as int) order by n) as skills
from seller
where seller.org_id = :org_id and not seller.placeholder and seller.hired_on <= cast(:as_of as date)
 and (seller.left_on is null or seller.left_on > cast(:as_of as date))
 and not exists (
   select from position led where led.org_id = :org_id and led.manager_id = seller.id
    and led.valid @> cast(:as_of as date))
order by seller.id
"""
"""Sellers who may take a territory on a day `:as_of`: employed persons who lead nobody. `skills` are positions."""

COVERED = f"""
select distinct held.code, covering.seller_id
from (select distinct territory_id, code from ({PLACED_TODAY}) placed) held
join territory_assignment covering on covering.org_id = :org_id and covering.territory_id = held.territory_id
 and covering.state <> 'disputed' and covering.valid @> cast(:as_of as date)
order by held.code, covering.seller_id
"""
"""Rows (code, seller_id): who covers the territories of a `:model` on a day `:as_of`."""
