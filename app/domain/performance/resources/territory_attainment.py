"""What can be read of the attainment of territories."""

from __future__ import annotations

from app.domain.kernel.resource import Many, One, Resource, Visible
from app.domain.performance.attainment_sources import (
    CREDITS,
    DEALS,
    DONE,
    FIGURES,
    FILTERS,
    LINKS,
    PARAMS,
    QUOTAS,
    SCOPE,
    SORTS,
    part,
    summed,
)
from app.domain.performance.contract.attainment import TerritoryAttainmentView

_MODEL = """model as (
  select m.id from scope join territory_model m on m.org_id = {org} and m.state in ('active', 'archived')
   and m.valid @> scope.held_on
)"""

_COVER = """cover as (
  select a.seller_id, a.territory_id, a.share * coalesce(held.potential, 0) as weight
  from scope cross join model
  join territory t on t.org_id = {org} and t.model_id = model.id
  join territory_assignment a on a.org_id = {org} and a.territory_id = t.id and a.valid @> scope.held_on
   and a.state in ('accepted', 'ended')
  left join (
    select member.territory_id, sum(account.potential) as potential
    from scope cross join model
    join territory_membership member on member.org_id = {org} and member.model_id = model.id
     and member.valid @> scope.held_on
    join account on account.org_id = {org} and account.id = member.account_id
    join organisation o on o.org_id = {org} and o.currency = account.currency
    group by member.territory_id
  ) held on held.territory_id = t.id
), reach as (
  select seller_id, territory_id, sum(weight) over running / whole as upto,
         (sum(weight) over running - weight) / whole as beyond
  from (
    select cover.seller_id, cover.territory_id, case when sum(weight) over mine > 0 then weight else 1 end as weight,
           case when sum(weight) over mine > 0 then sum(weight) over mine else count(*) over mine end as whole
    from cover window mine as (partition by seller_id)
  ) weighed window running as (partition by seller_id order by territory_id)
)"""

# Cut between running shares, rounded: the parts of a quota add up exactly to it.
_PLACED = """placed as (
  select coalesce(quotas.territory_id, reach.territory_id) as territory_id, quotas.currency,
         case when reach.seller_id is null then quota
           else round(quota * reach.upto, 4) - round(quota * reach.beyond, 4) end as quota,
         case when reach.seller_id is null then quota_to_date
           else round(quota_to_date * reach.upto, 4) - round(quota_to_date * reach.beyond, 4) end as quota_to_date
  from quotas left join reach on quotas.territory_id is null and reach.seller_id = quotas.seller_id
), place as (
  select member.account_id, member.territory_id, member.valid, m.valid as in_force
  from scope
  join territory_model m on m.org_id = {org} and m.state in ('active', 'archived')
   and m.valid && daterange(scope.start_date, scope.end_date)
  join territory_membership member on member.org_id = {org} and member.model_id = m.id
), credited as (
  select place.territory_id, credits.currency, credits.credited, credits.unposted
  from credits
  left join transaction sold on sold.org_id = {org} and sold.id = credits.transaction_id
  left join place on place.account_id = sold.account_id and place.valid @> credits.credit_date
   and place.in_force @> credits.credit_date
), open_deals as (
  select place.territory_id, deals.currency, deals.won, deals.pipeline
  from scope cross join deals
  left join place on place.account_id = deals.account_id and place.valid @> scope.held_on
   and place.in_force @> scope.held_on
)"""

_KNOWN = summed(
    "territory_id",
    " union all ".join(
        (
            part("territory_id", "placed", "quota", "quota_to_date"),
            part("territory_id", "credited", "credited", "unposted"),
            part("territory_id", "open_deals", "won", "pipeline"),
        )
    ),
)

_OF_TERRITORY = f"""(
  with {SCOPE}, {QUOTAS}, {CREDITS}, {DEALS}, {_MODEL}, {_COVER}, {_PLACED}, {_KNOWN}
  select cast(md5(coalesce(cast(known.territory_id as text), '') || known.currency) as uuid) as id,
         known.territory_id, territory.code as territory_code, territory.name as territory_name, scope.held_on,
         {FIGURES}
  from scope cross join known {DONE}
  left join territory on territory.org_id = {{org}} and territory.id = known.territory_id
)"""

TERRITORY_ATTAINMENT = Resource(
    "territory_attainment",
    "territory_attainment",
    TerritoryAttainmentView,
    "reports:read",
    "Credited revenue against quota per territory. A manager or seller sees those that somebody of its line covers.",
    source=_OF_TERRITORY,
    links={
        "territory": One("territory", "{row}.territory_id"),
        **LINKS,
        "quotas": Many(
            "quota",
            "{other}.territory_id = {row}.territory_id and {other}.currency = {row}.currency"
            " and {other}.measure = 'revenue' and {other}.accepted_amount is not null and {other}.state <> 'cancelled'",
            "id",
            "The quotas for the territory itself.",
        ),
    },
    filters=("territory_id", "territory_code", *FILTERS),
    sorts=(*SORTS, "territory_code"),
    sort="-attainment",
    visible=Visible(
        "{row}.territory_id in (select cover.territory_id from territory_assignment cover"
        " join reporting_closure line on line.org_id = {org} and line.descendant_id = cover.seller_id"
        " and line.ancestor_id = {seller} and line.valid_from <= {today} and line.valid_to > {today}"
        " where cover.org_id = {org} and cover.state in ('accepted', 'ended') and cover.valid @> {row}.held_on)"
    ),
    params=PARAMS,
    versioned=False,
    path="reports/territory-attainment",
)
