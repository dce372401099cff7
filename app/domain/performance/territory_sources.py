"""Parts of the SQL of territory reports: CTEs over the placeholders of a report with the params `model_id` and `as_of`.

They are used in the order in which they stand here; each builds on those before it.
"""

from datetime import date
from uuid import UUID

from app.domain.kernel.resource import Param
from app.domain.quotas.queries import QUOTA_SQL
from app.domain.territories.queries import IDEAL_VISITS_OF_MODEL_SQL

PARAMS = {
    "model_id": Param(UUID, "The territory model; by default the one in force."),
    "as_of": Param(date, "The day of the figures, today by default; accounts are held as on the model's nearest day."),
}

CHOSEN = """chosen as (
  select m.id as model_id, o.currency, coalesce({as_of}, {today}) as until,
         greatest(m.starts_on, least(coalesce({as_of}, {today}), m.ends_on - 1)) as day,
         m.state in ('active', 'archived') as in_force
  from territory_model m join organisation o on o.org_id = m.org_id
  where m.org_id = {org} and case when {model_id} is null
    then m.state in ('active', 'archived') and m.valid @> coalesce({as_of}, {today}) else m.id = {model_id} end
)"""
"""The model; `day` is when accounts are held, `until` the last day of what happened."""

_IDEAL = IDEAL_VISITS_OF_MODEL_SQL.format(
    org="{org}", day="(select chosen.day from chosen)", model="(select chosen.model_id from chosen)"
)
HELD = f"""held as materialized (
  select member.territory_id, account.id as account_id, account.currency, account.potential,
         case when account.longitude is not null then account.latitude end as latitude,
         case when account.latitude is not null then account.longitude end as longitude,
         ideal.visits_per_year, ideal.touches_per_year
  from chosen
  join territory_membership member on member.org_id = {{org}} and member.model_id = chosen.model_id
   and member.valid @> chosen.day
  join account on account.org_id = {{org}} and account.id = member.account_id
  left join ({_IDEAL}) ideal on ideal.account_id = account.id
)"""
"""The accounts of the territories, with how often their cadence wants them touched; a place is whole or missing."""

# Twelve times the root of the covariance's determinant is the area of a rectangle that is evenly filled, in any
# direction, and within 5 % that of an ellipse; unlike a box it does not grow much with one account far away. The sums
# are exact, so accounts on one line spread over exactly nothing.
SIZE = """size as (
  select spread.*,
         round(12 * sqrt((located * yy - y * y) * (located * xx - x * x) - (located * xy - x * y) ^ 2)
               / (located * located) * 111.19508 * 111.19508
               * cast(cos(radians(cast(y / located as double precision))) as numeric), 3) as area_km2
  from (
    select held.territory_id, count(*) as accounts,
           coalesce(sum(held.potential) filter (where held.currency = chosen.currency), 0) as potential,
           count(held.potential) filter (where held.currency <> chosen.currency) as accounts_in_other_currencies,
           nullif(count(held.latitude), 0) as located, sum(held.longitude) as x, sum(held.latitude) as y,
           sum(held.longitude * held.longitude) as xx, sum(held.latitude * held.latitude) as yy,
           sum(held.longitude * held.latitude) as xy,
           coalesce(sum(held.touches_per_year), 0) as touches, coalesce(sum(held.visits_per_year), 0) as visits,
           count(*) filter (where held.touches_per_year is null) as accounts_without_cadence
    from chosen cross join held group by held.territory_id, chosen.currency
  ) spread
)"""
"""What each territory holds, and the area its accounts spread over; null without any place."""

COVER = """cover as (
  select a.territory_id, a.seller_id, a.share
  from chosen
  join territory t on t.org_id = {org} and t.model_id = chosen.model_id
  join territory_assignment a on a.org_id = {org} and a.territory_id = t.id and a.valid @> chosen.day
   and (a.state in ('accepted', 'ended') or a.state = 'proposed' and not chosen.in_force)
)"""
"""Who covers what: accepted, and for a model that is not in force also proposed."""

_QUOTA = QUOTA_SQL.format(org="{org}", currency="chosen.currency", fiscal_year="year.fiscal_year")
QUOTA_PART = f"""quota_part as (
  select weighed.territory_id, weighed.seller_id, round(promised.amount * case
           when weighed.whole > 0 then weighed.weight / weighed.whole else 1 / cast(weighed.territories as numeric)
         end, 4) as amount
  from (
    select cover.territory_id, cover.seller_id, cover.share * coalesce(size.potential, 0) as weight,
           sum(cover.share * coalesce(size.potential, 0)) over (partition by cover.seller_id) as whole,
           count(*) over (partition by cover.seller_id) as territories
    from cover left join size on size.territory_id = cover.territory_id
  ) weighed
  join (
    select monthly.seller_id, sum(monthly.amount) as amount
    from chosen
    join fiscal_period year on year.org_id = {{org}} and year.kind = 'year' and year.valid @> chosen.until
    cross join lateral ({_QUOTA}) monthly
    group by monthly.seller_id
  ) promised on promised.seller_id = weighed.seller_id
)"""
"""The running year's quota of each seller, over its territories by the potential it covers there."""
