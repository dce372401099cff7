"""Which account belongs to which territory: rules applied to all accounts in one statement, and pins.

A rule places an account when it names it, or when the account meets every condition given. Where several match, the
lowest priority number wins, then the deeper territory, then the code. Pins come before any rule.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from app.domain.accounts.queries import IN_SEGMENT
from app.domain.kernel.scope import Tx
from app.domain.territories.contract.membership import MembershipReason, MembershipSource
from app.domain.territories.contract.models import RuleOutcome
from app.domain.territories.tables.membership import TerritoryMembership

_LISTS = {"industries": "industry", "countries": "country", "cities": "city"}
"""The conditions that list values, and the account's column each is about."""
_BOUNDS = ("min_employees", "max_employees", "min_annual_revenue", "max_annual_revenue")

# Conditions as typed columns: comparing those is quick, looking into documents is not.
_CONDITIONS = ", ".join(
    [f"array(select jsonb_array_elements_text(own.rule->'{name}')) as {name}" for name in _LISTS]
    + [f"cast(own.rule->>'{name}' as numeric) as {name}" for name in _BOUNDS]
)
_GIVEN = [f"case when cardinality({name}) > 0 then '{name}' end" for name in _LISTS] + [
    f"case when {name} is not null then '{name}' end" for name in (*_BOUNDS, "segment_id")
]
_MET = {name: f"(cardinality({name}) = 0 or {column} = any({name}))" for name, column in _LISTS.items()} | {
    "segment": "(segment_id is null or segment_id = any(segments))",
    "size": "(min_employees is null or employees >= min_employees)"
    " and (max_employees is null or employees <= max_employees)"
    " and (min_annual_revenue is null or annual_revenue >= min_annual_revenue)"
    " and (max_annual_revenue is null or annual_revenue <= max_annual_revenue)",
}
# What rules tell apart: values that no rule names are all alike, and so are numbers between two bounds.
_TOLD_APART = ", ".join(f"{name}_named.value as told_{column}" for name, column in _LISTS.items())
_NAMED = " ".join(
    f"left join (select distinct unnest({name}) as value from ruled) {name}_named"
    f" on {name}_named.value = buyer.{column}"
    for name, column in _LISTS.items()
)

_PLACE = f"""
with recursive tree (id, depth) as (
  select id, 0 from territory where org_id = :org_id and model_id = :model and parent_id is null
  union all
  select child.id, tree.depth + 1 from tree
  join territory child on child.org_id = :org_id and child.model_id = :model and child.parent_id = tree.id
), conditioned as (
  select own.id, own.code, own.priority, tree.depth, own.rule->'account_ids' as account_ids,
         cast(own.rule->>'segment_id' as uuid) as segment_id, {_CONDITIONS}
  from tree join territory own on own.org_id = :org_id and own.id = tree.id
), ruled as materialized (
  select conditioned.*, to_jsonb(array_remove(array[{", ".join(_GIVEN)}], null)) as given,
         jsonb_build_object('territory_id', id, 'code', code, 'priority', priority) as shown,
         row_number() over (order by priority, depth desc, code) as rank
  from conditioned
), bounds as materialized (
  select array(select distinct bound from ruled, unnest(array[min_employees, max_employees + 1]) bound
               where bound is not null order by bound) as employees,
         array(select distinct bound from ruled, unnest(array[min_annual_revenue, max_annual_revenue + 0.0001]) bound
               where bound is not null order by bound) as annual_revenue
), buyer as materialized (
  select account.*, account.currency = organisation.currency as in_own_currency
  from account join organisation on organisation.org_id = account.org_id
  where account.org_id = :org_id and (cast(:account as uuid) is null or account.id = :account)
), in_segment as (
  select buyer.id as account_id, array_agg(segment.id order by segment.id) as segments
  from segment join buyer on {IN_SEGMENT.format(segment="segment", account="buyer")}
  where segment.org_id = :org_id and segment.id in (select segment_id from ruled)
  group by buyer.id
), named as (
  select cast(given.id as uuid) as account_id, array_agg(ruled.id order by ruled.id) as territories
  from ruled cross join jsonb_array_elements_text(ruled.account_ids) given(id) group by 1
), described as (
  select buyer.id as account_id, buyer.industry, buyer.country, buyer.city, buyer.employees,
         case when in_own_currency then buyer.annual_revenue end as annual_revenue, in_segment.segments,
         named.territories, {_TOLD_APART}, width_bucket(cast(buyer.employees as numeric), bounds.employees) as size,
         width_bucket(case when in_own_currency then buyer.annual_revenue end, bounds.annual_revenue) as revenue
  from buyer cross join bounds {_NAMED}
  left join in_segment on in_segment.account_id = buyer.id
  left join named on named.account_id = buyer.id
), sorted as materialized (
  select described.*, cast(row(told_industry, told_country, segments) as text) as family,
         cast(row(told_industry, told_country, told_city, size, revenue, segments, territories) as text) as kind
  from described
), kind as materialized (
  select row_number() over () as n, first.* from (select distinct on (kind) * from sorted order by kind) first
), family as (
  select distinct on (family) family, industry, country, segments from sorted order by family
), candidate as materialized (
  select family.family, listed.city is not null as by_city, coalesce(listed.city, '') as in_city, ruled.*
  from family join ruled on given <> '[]' and {_MET["industries"]} and {_MET["countries"]} and {_MET["segment"]}
  left join lateral (select distinct unnest(cities) as city) listed on true
), matching as (
  select kind.n, candidate.rank, candidate.id, candidate.priority, candidate.shown, candidate.given as met
  from (
    select kind.*, spot.* from kind cross join lateral (values (false, ''), (true, kind.city)) spot(by_city, in_city)
    offset 0
  ) kind
  join candidate using (family, by_city, in_city)
  where {_MET["size"]}
  union all
  select kind.n, ruled.rank, ruled.id, ruled.priority, ruled.shown, jsonb_build_array('account_ids')
  from kind cross join unnest(kind.territories) territory(id) join ruled on ruled.id = territory.id
  where (given <> '[]' and {" and ".join(_MET.values())}) is not true
), ranked as (
  select matching.*, row_number() over (partition by n order by rank) as place from matching
), decided as materialized (
  select n, (array_agg(id order by rank))[1] as territory_id, count(*) > 1 as ambiguous,
         jsonb_build_object('priority', min(priority), 'comment', null, 'met', (array_agg(met order by rank))[1],
           'others', coalesce(jsonb_agg(shown order by rank) filter (where place > 1), '[]')) as reason
  from ranked where place <= 11 group by n
), placed as (
  select sorted.account_id, decided.territory_id, decided.ambiguous, decided.reason
  from sorted join kind on kind.kind = sorted.kind join decided on decided.n = kind.n
), pinned as (
  select account_id, range_agg(valid) as held from territory_membership
  where org_id = :org_id and model_id = :model and source = any(cast(:held as text[]))
   and (cast(:account as uuid) is null or account_id = :account)
  group by account_id
), wanted as materialized (
  select placed.account_id, placed.territory_id, placed.reason, placed.ambiguous, piece as valid
  from placed left join pinned on pinned.account_id = placed.account_id
  cross join unnest(datemultirange(daterange(:start, null)) - coalesce(pinned.held, datemultirange())) piece
), standing as (
  select id, account_id, territory_id, reason, valid, effective_from from territory_membership
  where org_id = :org_id and model_id = :model and source = any(cast(:ruled as text[]))
   and (effective_to is null or effective_to > :start) and (cast(:account as uuid) is null or account_id = :account)
), compared as materialized (
  select standing.id, standing.effective_from, wanted.account_id, wanted.territory_id, wanted.reason, wanted.valid
  from standing full join wanted on wanted.account_id = standing.account_id
   and wanted.territory_id = standing.territory_id and wanted.reason = standing.reason
   and standing.valid @> wanted.valid
), dropped as (
  delete from territory_membership old where old.org_id = :org_id and old.id = any(array(
    select id from compared where account_id is null and effective_from >= :start))
), cut as (
  update territory_membership old set effective_to = :start where old.org_id = :org_id and old.id = any(array(
    select id from compared where account_id is null and effective_from < :start))
), begun as (
  insert into territory_membership
    (org_id, id, model_id, territory_id, account_id, source, reason, effective_from, effective_to)
  select :org_id, uuidv7(), :model, territory_id, account_id, 'rule', reason, lower(valid), upper(valid)
  from compared where id is null
  returning id
)
select
  (select count(*) from buyer) as accounts,
  (select count(*) from wanted where lower(valid) = :start) as assigned,
  (select count(*) from wanted where lower(valid) = :start and ambiguous) as ambiguous,
  (select count(*) from pinned where held @> cast(:start as date)) as pinned,
  (select count(*) from begun) as changed
"""
# Rules are read once per kind of account and not once per account; of their lists, cities apart, once per family of
# kinds, so that a kind meets only the rules for its family that name its city or none. `compared` is a full join, and
# what is over is found by an array of ids, because neither is run as a loop over all pairs: the planner does not know
# how many memberships there are right after the first application.


# Children find their copied parents through the old ids, in the one statement that makes them all.
COPY_TERRITORIES = """
with copy as materialized (
  select *, uuidv7() as new_id from territory where org_id = :org_id and model_id = :original
)
insert into territory
  (org_id, id, model_id, code, name, parent_id, priority, coverage_mode, planned_seller_id, rule)
select copy.org_id, copy.new_id, :clone, copy.code, copy.name, parent.new_id, copy.priority, copy.coverage_mode,
       copy.planned_seller_id, copy.rule
from copy left join copy parent on parent.id = copy.parent_id
"""
"""Copies the tree of territories of an `:original` model into an empty `:clone`."""


async def place(
    tx: Tx, model_id: UUID, start: date, account_id: UUID | None = None, *, displace_design: bool = False
) -> RuleOutcome:
    """Apply the rules of a model from a day on, to all accounts or to one.

    Memberships that say the same already stay; others by rule end on the day, and new ones begin. Pins stay, and what
    an adopted design placed, unless it is to be displaced.
    """
    held = [MembershipSource.PIN] if displace_design else [MembershipSource.PIN, MembershipSource.DESIGN]
    ruled = [source for source in MembershipSource if source not in held]
    if account_id is None:
        await tx.execute("select set_config('work_mem', '128MB', true)")
    (found,) = await tx.rows(_PLACE, model=model_id, start=start, account=account_id, held=held, ruled=ruled)
    counts = {name: found[name] for name in ("assigned", "ambiguous", "pinned", "changed")}
    return RuleOutcome(unassigned=found["accounts"] - found["assigned"] - found["pinned"], **counts)


async def pin(tx: Tx, model_id: UUID, territory_id: UUID, account_id: UUID, start: date, comment: str | None) -> UUID:
    """Hold an account in a territory from a day on, instead of whatever it belonged to; the new membership's id."""
    await _clear(tx, start, "model_id = :model and account_id = :account", model=model_id, account=account_id)
    membership = TerritoryMembership(
        org_id=tx.org_id,
        model_id=model_id,
        territory_id=territory_id,
        account_id=account_id,
        source=MembershipSource.PIN,
        reason=MembershipReason(comment=comment).model_dump(mode="json"),
        effective_from=start,
    )
    return (await tx.add(membership)).id


async def unpin(tx: Tx, territory_id: UUID, account_id: UUID, start: date | None) -> date | None:
    """End the pin of an account on a day, by default the one it began; that day, or None if there is no such pin."""
    pinned = "territory_id = :territory and account_id = :account and source = 'pin'"
    values = {"territory": territory_id, "account": account_id}
    began: date | None = await tx.value(
        f"select max(effective_from) from territory_membership where org_id = :org_id and {pinned}"
        " and (cast(:start as date) is null or effective_to is null or effective_to > :start)",
        start=start,
        **values,
    )
    if began is None:
        return None
    await _clear(tx, start or began, pinned, **values)
    return max(start or began, began)


async def _clear(tx: Tx, start: date, which: str, **values: Any) -> None:
    """End memberships on a day; those that would begin on it or later never happened."""
    table = f"territory_membership where org_id = :org_id and {which}"
    await tx.execute(f"delete from {table} and effective_from >= :start", start=start, **values)
    await tx.execute(
        f"update territory_membership set effective_to = :start where org_id = :org_id and {which}"
        " and (effective_to is null or effective_to > :start)",
        start=start,
        **values,
    )
