"""What can be read of the quality of territories."""

from app.domain.kernel.resource import One, Resource, Visible
from app.domain.performance.contract.territory_quality import TerritoryQualityView
from app.domain.performance.territory_sources import CHOSEN, COVER, HELD, PARAMS, QUOTA_PART, SIZE

_GRADED = ("potential", "workload", "account_quality", "density", "growth", "funnel_coverage")
_COUNTED = tuple(f"{name}_grade" for name in _GRADED if name != "workload")

_SCORED = """scored as (
  select held.territory_id, round(avg(score.score), 6) as quality, count(score.score) as accounts
  from held join account_score score on score.org_id = {org} and score.account_id = held.account_id
   and score.scorecard_id = (select card.id from scorecard card where card.org_id = {org} and card.state = 'published'
                             order by card.scored_at desc nulls last, card.id desc limit 1)
  group by held.territory_id
)"""
# A stage is worth what became of the deals that stood in it.
_CHANCE = """chance as (
  select known.stage, count(*) filter (where deal.stage = 'won') / cast(nullif(count(*), 0) as numeric) as share
  from (
    select distinct step.opportunity_id, step.to_stage as stage from opportunity_stage_change step
    where step.org_id = {org} and step.to_stage not in ('won', 'lost')
    union all
    select deal.id, null from opportunity deal where deal.org_id = {org}
  ) known
  join opportunity deal on deal.org_id = {org} and deal.id = known.opportunity_id and deal.stage in ('won', 'lost')
  group by known.stage
)"""
_LAST = "deal.closed_on > cast(chosen.until - interval '{}' as date) and deal.closed_on <= "
_DEALS = f"""deals as (
  select held.territory_id,
         sum(deal.amount) filter (where deal.stage = 'won' and {_LAST.format("1 year")} chosen.until) as won,
         sum(deal.amount) filter (where deal.stage = 'won' and {_LAST.format("2 years")}
           cast(chosen.until - interval '1 year' as date)) as won_before,
         sum(deal.amount) filter (where deal.stage not in ('won', 'lost')) as open,
         sum(deal.amount * coalesce(stage.share, any_stage.share)) filter (where deal.stage not in ('won', 'lost'))
           as weighted
  from chosen
  cross join held
  join opportunity deal on deal.org_id = {{org}} and deal.account_id = held.account_id
   and deal.currency = chosen.currency
  left join chance stage on stage.stage = deal.stage
  left join chance any_stage on any_stage.stage is null
  group by held.territory_id
)"""


def _grade(name: str) -> str:
    """The third in which a figure lies by its rank, equal ones in the middle of theirs: exact, whatever the spread."""
    value = f"case when account_count > 0 then {name} end"
    spread = (
        f"count({value}) over () + rank() over (order by {value} nulls last)"
        f" - rank() over (order by {value} desc nulls last)"
    )
    return (
        f"case when ({value}) is null then null when 3 * ({spread}) > 4 * count({value}) over () then 'high'"
        f" when 3 * ({spread}) < 2 * count({value}) over () then 'low' else 'medium' end as {name}_grade"
    )


_POINTS = " + ".join(f"case {name} when 'high' then 2 when 'medium' then 1 else 0 end" for name in _COUNTED)
_QUALITY = f"""(
  with {CHOSEN}, {HELD}, {SIZE}, {COVER}, {QUOTA_PART}, {_SCORED}, {_CHANCE}, {_DEALS}, figures as (
    select territory.id, territory.id as territory_id, territory.code as territory_code,
           territory.name as territory_name, chosen.model_id, chosen.day as held_on, chosen.until as as_of,
           chosen.currency, coalesce(size.accounts, 0) as account_count,
           coalesce(size.accounts_in_other_currencies, 0) as accounts_in_other_currencies,
           coalesce(size.potential, 0) as potential, round(coalesce(size.touches, 0), 4) as workload,
           coalesce(size.accounts_without_cadence, 0) as accounts_without_cadence,
           scored.quality as account_quality, coalesce(scored.accounts, 0) as scored_accounts,
           coalesce(size.located, 0) as located_accounts, size.area_km2,
           round(1000 * size.located / nullif(size.area_km2, 0), 4) as density,
           coalesce(deals.won, 0) as won_revenue, coalesce(deals.won_before, 0) as won_revenue_before,
           round(coalesce(deals.won, 0) / nullif(deals.won_before, 0) - 1, 4) as growth,
           coalesce(deals.open, 0) as open_pipeline, funnel.weighted as weighted_pipeline, promised.quota,
           round(funnel.weighted / nullif(promised.quota, 0), 4) as funnel_coverage
    from chosen
    join territory on territory.org_id = {{org}} and territory.model_id = chosen.model_id
    left join size on size.territory_id = territory.id
    left join scored on scored.territory_id = territory.id
    left join deals on deals.territory_id = territory.id
    left join (
      select territory_id, sum(amount) as quota from quota_part group by territory_id
    ) promised on promised.territory_id = territory.id
    cross join lateral (
      select case when exists (select from chance) then round(coalesce(deals.weighted, 0), 4) end as weighted
    ) funnel
  ), graded as (
    select figures.*, {", ".join(_grade(name) for name in _GRADED)} from figures
  ), counted as (
    select graded.*, {_POINTS} as points, num_nonnulls({", ".join(_COUNTED)}) as graded from graded
  )
  select counted.*, case when counted.graded = 0 then null when 3 * points > 4 * counted.graded then 'high'
           when 3 * points < 2 * counted.graded then 'low' else 'medium' end as overall_grade
  from counted
)"""

TERRITORY_QUALITY = Resource(
    "territory_quality",
    "territory_quality",
    TerritoryQualityView,
    "reports:read",
    "What the territories of a model are worth, each figure graded by thirds among them.",
    source=_QUALITY,
    links={
        "territory": One("territory", "{row}.territory_id"),
        "model": One("territory_model", "{row}.model_id", "The model it belongs to."),
    },
    filters=("territory_id", "territory_code", "overall_grade", *(f"{name}_grade" for name in _GRADED)),
    sorts=("territory_code", "potential", "workload", "growth", "points"),
    sort="territory_code",
    # A manager or seller sees the territories that somebody in its line covers.
    visible=Visible(
        "{row}.territory_id in (select cover.territory_id from territory_assignment cover"
        " join reporting_closure line on line.org_id = {org} and line.descendant_id = cover.seller_id"
        " and line.ancestor_id = {seller} and line.valid_from <= {today} and line.valid_to > {today}"
        " where cover.org_id = {org} and cover.state <> 'disputed' and cover.valid @> {row}.held_on)"
    ),
    params=PARAMS,
    versioned=False,
    path="territory-quality",
)
