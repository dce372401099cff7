"""What can be read of the cost of covering territories."""

from app.domain.kernel.resource import One, Resource, by_seller
from app.domain.performance.contract.territory_cost import TerritoryCostView
from app.domain.performance.territory_sources import CHOSEN, COVER, HELD, PARAMS, QUOTA_PART, SIZE

_YEAR = "> cast(chosen.until - interval '1 year' as date)"
_DONE = f"""done as (
  select held.territory_id, visit.seller_id, count(*) as visits, coalesce(sum(visit.distance_km), 0) as km,
         count(*) filter (where visit.distance_km is null) as without_distance
  from chosen cross join held
  join activity visit on visit.org_id = {{org}} and visit.account_id = held.account_id and visit.kind = 'visit'
   and visit.state = 'done' and visit.done_on {_YEAR} and visit.done_on <= chosen.until
  group by held.territory_id, visit.seller_id
), won as (
  select held.territory_id, deal.seller_id, sum(deal.amount) as amount
  from chosen cross join held
  join opportunity deal on deal.org_id = {{org}} and deal.account_id = held.account_id and deal.stage = 'won'
   and deal.currency = chosen.currency and deal.closed_on {_YEAR} and deal.closed_on <= chosen.until
  group by held.territory_id, deal.seller_id
)"""
_PAIR = """pair as (
  select territory_id, seller_id, max(share) as share from (
    select territory_id, seller_id, share from cover
    union all select territory_id, seller_id, 0 from done
    union all select territory_id, seller_id, 0 from won
    union all select size.territory_id, null, 1 - coalesce(sum(cover.share), 0)
      from size left join cover on cover.territory_id = size.territory_id
      group by size.territory_id having coalesce(sum(cover.share), 0) < 1
  ) part group by territory_id, seller_id
)"""
_RADIANS = "radians(cast({} as double precision))"
_LAT_1, _LAT_2 = _RADIANS.format("home.latitude"), _RADIANS.format("held.latitude")
_EAST = _RADIANS.format("held.longitude - home.longitude")
# The haversine; rounded to metres before it is summed, so that the sum does not depend on its order.
_KM = (
    "round(cast(12742.0176 * asin(least(1, sqrt("
    f"sin(({_LAT_2} - {_LAT_1}) / 2) ^ 2 + cos({_LAT_1}) * cos({_LAT_2}) * sin({_EAST} / 2) ^ 2))) as numeric), 3)"
)
_AWAY = f"""away as (
  select pair.territory_id, pair.seller_id,
         round(sum(held.visits_per_year * {_KM}) / nullif(sum(held.visits_per_year), 0), 3) as km
  from pair
  join seller home on home.org_id = {{org}} and home.id = pair.seller_id
   and home.latitude is not null and home.longitude is not null
  join held on held.territory_id = pair.territory_id and held.latitude is not null and held.visits_per_year > 0
  where pair.share > 0
  group by pair.territory_id, pair.seller_id
)"""
_COST = f"""(
  with {CHOSEN}, {HELD}, {SIZE}, {COVER}, {QUOTA_PART}, {_DONE}, {_PAIR}, {_AWAY}, driven as (
    select pair.*, chosen.model_id, chosen.day as held_on, chosen.until as as_of, chosen.currency,
           settings.id as travel_settings_id, settings.cost_per_km, settings.hourly_cost, settings.average_speed_kmh,
           settings.hours_per_visit, settings.detour_factor,
           coalesce(size.located, 0) as located_accounts, size.area_km2, away.km as mean_distance_km,
           round(coalesce(size.visits, 0) * pair.share, 4) as ideal_visits,
           case when settings.id is not null then
             round(size.visits * pair.share / least(settings.visits_per_tour, size.located), 4) end as tours,
           round(0.7124 * sqrt(size.located * size.area_km2) * size.visits * pair.share / size.located, 3)
             as estimated_local_km
    from chosen
    cross join pair
    left join size on size.territory_id = pair.territory_id
    left join away on away.territory_id = pair.territory_id and away.seller_id = pair.seller_id
    left join travel_settings settings on settings.org_id = {{org}}
  ), estimated as (
    select driven.*, round(2 * mean_distance_km * tours, 3) as estimated_line_haul_km,
           case when ideal_visits = 0 then 0 else
             round(detour_factor * (estimated_local_km + round(2 * mean_distance_km * tours, 3)), 3) end
             as estimated_distance_km,
           coalesce(done.visits, 0) as actual_visits, coalesce(done.km, 0) as actual_distance_km,
           coalesce(done.without_distance, 0) as visits_without_distance, coalesce(won.amount, 0) as won_revenue,
           quota_part.amount as quota
    from driven
    left join done on done.territory_id = driven.territory_id and done.seller_id = driven.seller_id
    left join won on won.territory_id = driven.territory_id and won.seller_id = driven.seller_id
    left join quota_part on quota_part.territory_id = driven.territory_id
     and quota_part.seller_id = driven.seller_id
  ), timed as (
    select estimated.*,
           round(estimated_distance_km / average_speed_kmh + ideal_visits * hours_per_visit, 4) as ideal_hours,
           round(actual_distance_km / average_speed_kmh + actual_visits * hours_per_visit, 4) as actual_hours,
           round(estimated_distance_km * cost_per_km, 4) as ideal_travel_cost,
           round(actual_distance_km * cost_per_km, 4) as actual_travel_cost
    from estimated
  ), priced as (
    select timed.*, round(ideal_hours * hourly_cost, 4) as ideal_time_cost,
           round(actual_hours * hourly_cost, 4) as actual_time_cost,
           ideal_travel_cost + round(ideal_hours * hourly_cost, 4) as ideal_cost,
           actual_travel_cost + round(actual_hours * hourly_cost, 4) as actual_cost
    from timed
  )
  select cast(md5(priced.territory_id || coalesce(cast(priced.seller_id as text), '')) as uuid) as id, priced.*,
         territory.code as territory_code, territory.name as territory_name, seller.name as seller_name,
         round(priced.actual_cost / nullif(priced.won_revenue, 0), 4) as cost_to_serve,
         round(priced.ideal_cost / nullif(priced.quota, 0), 4) as ideal_cost_of_quota
  from priced
  join territory on territory.org_id = {{org}} and territory.id = priced.territory_id
  left join seller on seller.org_id = {{org}} and seller.id = priced.seller_id
)"""

TERRITORY_COST = Resource(
    "territory_cost",
    "territory_costs",
    TerritoryCostView,
    "reports:read",
    "Ideal and actual visits, distance and cost of each seller in each territory, beside its revenue and quota.",
    source=_COST,
    links={
        "territory": One("territory", "{row}.territory_id"),
        "model": One("territory_model", "{row}.model_id", "The model the territory belongs to."),
        "seller": One("seller", "{row}.seller_id"),
        "travel_settings": One("travel_settings", "{row}.travel_settings_id", "The prices and speeds used."),
    },
    filters=("territory_id", "territory_code", "seller_id"),
    sorts=("territory_code", "seller_name", "ideal_cost", "actual_cost"),
    sort="territory_code",
    visible=by_seller("{row}.seller_id"),
    params=PARAMS,
    versioned=False,
)
