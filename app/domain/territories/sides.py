"""SQL of two models side by side: what is compared, on which day, which accounts are where, and with whom."""

from uuid import UUID

from app.domain.kernel.resource import Param
from app.domain.territories.queries import IDEAL_VISITS_OF_MODEL_SQL

PARAMS = {
    "model_id": Param(UUID, "The model looked at; by default the one that begins last and is not archived."),
    "with_id": Param(
        UUID, "The model it is compared with; by default the one in force before it begins, else when it begins."
    ),
}

SIDES = """
chosen as materialized (
  select model.* from territory_model model where model.org_id = {org}
    and (model.id = {model_id} or {model_id} is null and model.state <> 'archived')
  order by model.starts_on desc, model.id desc limit 1
), other as materialized (
  select model.* from territory_model model cross join chosen where model.org_id = {org} and model.id <> chosen.id
    and (model.id = {with_id} or {with_id} is null and model.state in ('active', 'archived'))
  order by model.valid @> (chosen.starts_on - 1) desc, model.valid @> chosen.starts_on desc, model.starts_on desc
  limit 1
), side as materialized (
  select model.side, model.id, model.state, model.starts_on,
         greatest(model.starts_on, least({today}, model.ends_on - 1)) as day
  from (select 'model' as side, chosen.* from chosen union all select 'with', other.* from other) model
)"""
"""CTEs `chosen`, `other` and `side` (side, id, state, starts_on, day): the models, each on its day nearest to today."""


def _ideal(side: str) -> str:
    of_side = f"from side where side.side = '{side}'"
    ideal = IDEAL_VISITS_OF_MODEL_SQL.format(
        org="{org}", day=f"(select side.day {of_side})", model=f"(select side.id {of_side})"
    )
    return f"select '{side}' as side, ideal.account_id, ideal.visits_per_year from ({ideal}) ideal"


PLACED = f"""
visited as materialized ({_ideal("model")} union all {_ideal("with")}), placed as materialized (
  select side.side, held.account_id, held.territory_id, account.currency = organisation.currency as counted,
         account.potential, account.expected_value, account.annual_revenue,
         coalesce(visited.visits_per_year, 0) as workload
  from side
  join territory_membership held on held.org_id = {{org}} and held.model_id = side.id and held.valid @> side.day
  join account on account.org_id = {{org}} and account.id = held.account_id
  join organisation on organisation.org_id = {{org}}
  left join visited on visited.side = side.side and visited.account_id = held.account_id
)"""
"""CTE `placed`: the accounts of each side; amounts are `counted` where they are in the organisation's currency.
`workload` is the visits a year that the cadences ask for.
"""

# A model in force is covered by whom covers it on the day; one in the making by whom it is meant for.
BOOKED = """
booked as materialized (
  select side.side, territory.id as territory_id, territory.code, own.seller_id, own.share, own.state
  from side
  join territory on territory.org_id = {org} and territory.model_id = side.id
  join territory_assignment own on own.org_id = {org} and own.territory_id = territory.id
   and case when side.state in ('active', 'archived') then own.valid @> side.day
            else own.valid && daterange(side.day, null) end
   and (own.state <> 'disputed' or not exists (
     select from territory_assignment agreed where agreed.org_id = {org} and agreed.territory_id = territory.id
       and agreed.state <> 'disputed' and agreed.valid && own.valid))
  union all
  select side.side, territory.id, territory.code, territory.planned_seller_id, 1, 'planned'
  from side join territory on territory.org_id = {org} and territory.model_id = side.id
  where territory.planned_seller_id is not null and not exists (
    select from territory_assignment own where own.org_id = {org} and own.territory_id = territory.id
      and own.valid && daterange(side.day, null))
)"""
"""CTE `booked`: who covers, is proposed or is planned for the territories of each side, with share and state."""

LED = """
led as materialized (
  select distinct on (territory_id) territory_id, seller_id from booked
  order by territory_id, (state in ('accepted', 'ended')) desc, share desc, seller_id
)"""
"""CTE `led`: the one seller who stands for each territory; needs `booked`."""
