"""Why a plan puts an account where it is: what each territory would cost it, from the plan's middles and prices.

A cost is in kilometres of yearly travel: to the middle of the territory, plus the price of what the account adds to the
territory's measures, plus what a missing skill and leaving today's territory weigh.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.domain.kernel.scope import Tx
from app.domain.territories.contract.scenario_results import AccountExplanation, TerritoryOption

_ALTERNATIVES = 3

_OPTIONS = """
with asked as (
  select held.*, result.terms, result.disruption from scenario_placement held
  join scenario_result result on result.org_id = held.org_id and result.id = held.result_id
  where held.org_id = :org_id and held.result_id = :result and held.account_id = any(cast(:accounts as uuid[]))
), place as materialized (
  select own.code, own.succeeds, own.x, own.y, own.lacks,
         array_agg(cast(figure->>'price' as float8) / 1000 order by n) as prices,
         array_agg(cast(figure->>'load' as float8) order by n) as held,
         array_agg(cast(figure->>'target' as float8) order by n) as targets
  from scenario_territory own cross join jsonb_array_elements(own.measures) with ordinality listed(figure, n)
  where own.org_id = :org_id and own.result_id = :result group by own.org_id, own.id
), priced as (
  select asked.account_id, place.code, asked.territory_code, asked.from_code, asked.reason, asked.locked,
         place.succeeds is not distinct from asked.from_code as is_today,
         asked.visits * (sqrt(cast((asked.x - place.x) ^ 2 + (asked.y - place.y) ^ 2 as float8)) + (
           select coalesce(sum(cast(need->>'distance' as float8)), 0)
           from jsonb_array_elements(asked.terms->'skills') with ordinality listed(need, n)
           where n - 1 = any(asked.needs) and n - 1 = any(place.lacks))) as travel,
         measured.balance, measured.worst,
         case when asked.from_code is not null and place.succeeds is distinct from asked.from_code
              then asked.stake * cast(asked.disruption as float8) / 1000 else 0 end as disruption,
         exists (select from jsonb_array_elements(asked.terms->'skills') with ordinality listed(need, n)
                 where n - 1 = any(asked.needs) and n - 1 = any(place.lacks)
                  and cast(need->>'required' as boolean)) as forbidden
  from asked cross join place cross join lateral (
    select sum(load * price) as balance,
           max(abs(holds + case when place.code = asked.territory_code then 0 else load end - target)
               / coalesce(nullif(target, 0), 1)) as worst
    from unnest(cast(asked.loads as float8[]), place.prices, place.held, place.targets) one(load, price, holds, target)
  ) measured
), ranked as (
  select *, travel + balance + disruption as cost,
         row_number() over (partition by account_id order by code = territory_code desc, forbidden,
                            travel + balance + disruption, code) as place
  from priced
)
select account_id, code, territory_code, from_code, reason, locked, is_today,
       round(cast(travel as numeric), 4) as travel, round(cast(balance as numeric), 4) as balance,
       round(cast(disruption as numeric), 4) as disruption,
       round(cast(cost - first_value(cost) over (partition by account_id order by place) as numeric), 4) as cost,
       round(cast(least(worst, 999) as numeric), 6) as worst_deviation, not forbidden as allowed
from ranked where place <= :most or is_today order by account_id, place
"""


async def explain(tx: Tx, result: UUID, accounts: Sequence[UUID]) -> list[AccountExplanation]:
    """The accounts of a result in the order asked for, each with its options: one statement."""
    options: dict[UUID, list[Mapping[Any, Any]]] = defaultdict(list)
    for row in await tx.rows(_OPTIONS, result=result, accounts=accounts, most=_ALTERNATIVES + 1):
        options[row["account_id"]].append(row)
    return [_explained(options[id]) for id in accounts]


def _explained(options: Sequence[Mapping[Any, Any]]) -> AccountExplanation:
    chosen, *others = options
    today = [row for row in others if row["is_today"] and row["from_code"] is not None]
    return AccountExplanation(
        account_id=chosen["account_id"],
        territory_code=chosen["code"],
        from_code=chosen["from_code"],
        reason=chosen["reason"],
        locked=chosen["locked"],
        chosen=_option(chosen),
        keeping=_option(today[0]) if today else None,
        alternatives=[_option(row) for row in others if row["allowed"]][:_ALTERNATIVES],
    )


def _option(row: Mapping[Any, Any]) -> TerritoryOption:
    figures = ("cost", "travel", "balance", "disruption", "worst_deviation")
    return TerritoryOption(territory_code=row["code"], **{name: row[name] for name in figures})
