"""What can be read of two territory models side by side."""

from app.domain.kernel.resource import One, Resource, Visible, by_seller
from app.domain.territories.contract.comparison import (
    TerritoryComparisonView,
    TerritoryModelComparisonView,
    TerritoryMoveView,
)
from app.domain.territories.sides import BOOKED, LED, PARAMS, PLACED, SIDES

_BALANCE = """
leaf as materialized (
  select side.side, territory.id,
         count(placed.account_id) as accounts, round(coalesce(sum(placed.workload), 0), 4) as workload,
         coalesce(sum(placed.potential) filter (where placed.counted), 0) as potential,
         coalesce(sum(placed.expected_value) filter (where placed.counted), 0) as expected_value,
         coalesce(sum(placed.annual_revenue) filter (where placed.counted), 0) as annual_revenue
  from side
  join territory on territory.org_id = {org} and territory.model_id = side.id
  left join placed on placed.side = side.side and placed.territory_id = territory.id
  where not exists (
    select from territory child where child.org_id = {org} and child.parent_id = territory.id)
  group by side.side, territory.id
), spread as (
  select leaf.side, measured.ordinal, measured.measure, measured.load, avg(measured.load) over same as mean,
         row_number() over (same order by measured.load) as place, count(*) over same as n
  from leaf cross join lateral (values (1, 'accounts', leaf.accounts), (2, 'potential', leaf.potential),
    (3, 'expected_value', leaf.expected_value), (4, 'annual_revenue', leaf.annual_revenue),
    (5, 'workload', leaf.workload)
  ) measured(ordinal, measure, load)
  window same as (partition by leaf.side, measured.measure)
), balanced as (
  select side, ordinal, jsonb_build_object(
    'measure', measure, 'total', decimal_text(sum(load)), 'mean', decimal_text(round(avg(load), 4)),
    'smallest', decimal_text(min(load)), 'largest', decimal_text(max(load)),
    'max_deviation', decimal_text(round(max(abs(load - mean)) / nullif(max(mean), 0), 6)),
    'mean_deviation', decimal_text(round(avg(abs(load - mean)) / nullif(max(mean), 0), 6)),
    'gini', decimal_text(round(sum((2 * place - n - 1) * load) / nullif(max(n) * sum(load), 0), 6))) as figures
  from spread group by side, ordinal, measure
)"""

_MODELS = f"""(
  with {SIDES}, {PLACED}, {BOOKED}, {_BALANCE}
  select model.org_id, model.id, side.side, model.code, model.name, model.model_version, model.state, side.day,
         (select count(*) from leaf where leaf.side = side.side) as territory_count,
         (select count(distinct booked.seller_id) from booked
          join seller on seller.org_id = {{org}} and seller.id = booked.seller_id and not seller.placeholder
          where booked.side = side.side) as seller_count,
         totals.accounts_placed, everything.accounts - totals.accounts_placed as accounts_unplaced,
         totals.potential, totals.accounts_in_other_currencies, organisation.currency,
         coalesce((select jsonb_agg(balanced.figures order by balanced.ordinal) from balanced
          where balanced.side = side.side), jsonb_build_array()) as balance
  from side
  join territory_model model on model.org_id = {{org}} and model.id = side.id
  join organisation on organisation.org_id = {{org}}
  cross join lateral (
    select count(*) as accounts_placed,
           coalesce(sum(placed.potential) filter (where placed.counted), 0) as potential,
           count(*) filter (where not placed.counted and placed.potential is not null) as accounts_in_other_currencies
    from placed where placed.side = side.side
  ) totals
  cross join (select count(*) as accounts from account where account.org_id = {{org}}) everything
)"""

# Each account counts for the territory it is in, and, where that is another one, for the one it was in.
_TERRITORIES = f"""(
  with {SIDES}, {PLACED}, own as (
    select territory.* from chosen join territory on territory.org_id = {{org}} and territory.model_id = chosen.id
  ), former as (
    select territory.* from other join territory on territory.org_id = {{org}} and territory.model_id = other.id
  ), located as (
    select placed.side, placed.account_id, coalesce(own.code, former.code) as code,
           coalesce(placed.potential, 0) * cast(placed.counted as int) as potential
    from placed left join own on own.id = placed.territory_id left join former on former.id = placed.territory_id
  ), compared as (
    select now_in.code as code_after, was_in.code as code_before,
           coalesce(now_in.potential, was_in.potential) as potential
    from (select * from located where side = 'model') now_in
    full join (select * from located where side = 'with') was_in on was_in.account_id = now_in.account_id
  ), counted as (
    select case when looked.after then code_after else code_before end as code,
           count(code_before) filter (where not looked.after or code_before = code_after) as accounts_before,
           count(code_after) filter (where looked.after) as accounts_after,
           count(*) filter (where looked.after and code_before = code_after) as accounts_kept,
           sum(potential) filter (where not looked.after or code_before = code_after) as potential_before,
           sum(potential) filter (where looked.after) as potential_after
    from compared cross join (values (true), (false)) looked(after)
    where case when looked.after then code_after is not null else code_before is distinct from code_after end
    group by 1
  )
  select coalesce(own.id, former.id) as id, coalesce(own.code, former.code) as code,
         coalesce(own.name, former.name) as name, own.id as territory_id, former.id as with_territory_id,
         coalesce(accounts_before, 0) as accounts_before, coalesce(accounts_after, 0) as accounts_after,
         coalesce(accounts_kept, 0) as accounts_kept, coalesce(accounts_after - accounts_kept, 0) as accounts_gained,
         coalesce(accounts_before - accounts_kept, 0) as accounts_lost, organisation.currency,
         coalesce(potential_before, 0) as potential_before, coalesce(potential_after, 0) as potential_after
  from own full join former on former.code = own.code
  left join counted on counted.code = coalesce(own.code, former.code)
  join organisation on organisation.org_id = {{org}}
)"""

_MOVES = f"""(
  with {SIDES}, {BOOKED}, {LED}, {PLACED}, located as (
    select placed.side, placed.account_id, placed.territory_id, territory.code, led.seller_id
    from placed
    join territory on territory.org_id = {{org}} and territory.id = placed.territory_id
    left join led on led.territory_id = placed.territory_id
  )
  select account.org_id, account.id, account.id as account_id, account.name as account_name, account.owner_id,
         account.potential, account.currency, was.territory_id as from_territory_id, was.code as from_code,
         own.territory_id as to_territory_id, own.code as to_code,
         was.seller_id as from_seller_id, own.seller_id as to_seller_id,
         was.code is distinct from own.code as territory_changes,
         was.seller_id is distinct from own.seller_id as seller_changes
  from (select * from located where side = 'model') own
  full join (select * from located where side = 'with') was on was.account_id = own.account_id
  join account on account.org_id = {{org}} and account.id = coalesce(own.account_id, was.account_id)
  where (was.code, was.seller_id) is distinct from (own.code, own.seller_id)
)"""

_CONCERNED = " or ".join(by_seller(f"{{row}}.{name}").rule for name in ("owner_id", "from_seller_id", "to_seller_id"))

TERRITORY_MODEL_COMPARISON = Resource(
    "territory_model_comparison",
    "territory_model_comparisons",
    TerritoryModelComparisonView,
    "territories:read",
    "The figures of two territory models side by side.",
    source=_MODELS,
    links={"model": One("territory_model", "{row}.id")},
    filters=("side",),
    sorts=("side",),
    sort="side",
    params=PARAMS,
    versioned=False,
)

TERRITORY_COMPARISON = Resource(
    "territory_comparison",
    "territory_comparisons",
    TerritoryComparisonView,
    "territories:read",
    "What two territory models make of each territory, by its code.",
    source=_TERRITORIES,
    links={
        "territory": One("territory", "{row}.territory_id"),
        "with_territory": One("territory", "{row}.with_territory_id"),
    },
    filters=("code", "accounts_gained", "accounts_lost"),
    sorts=("code", "accounts_gained", "accounts_lost", "potential_before", "potential_after"),
    sort="code",
    params=PARAMS,
    versioned=False,
)

TERRITORY_MOVE = Resource(
    "territory_move",
    "territory_moves",
    TerritoryMoveView,
    "territories:read",
    "Accounts that one territory model places elsewhere, or with somebody else, than another one does.",
    source=_MOVES,
    links={
        "account": One("account", "{row}.account_id"),
        "from_territory": One("territory", "{row}.from_territory_id"),
        "to_territory": One("territory", "{row}.to_territory_id"),
        "from_seller": One("seller", "{row}.from_seller_id"),
        "to_seller": One("seller", "{row}.to_seller_id"),
    },
    filters=("account_id", "from_code", "to_code", "from_seller_id", "to_seller_id", "seller_changes", "potential"),
    sorts=("account_name", "potential"),
    sort="account_name",
    visible=Visible(f"({_CONCERNED})"),
    params=PARAMS,
    versioned=False,
)
