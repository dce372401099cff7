"""Parts of the SQL of attainment reports: CTEs over the placeholders of a report with the params below.

They are used in the order in which they stand here; each builds on those before it. Credits are those of a run, so that
every figure can be followed to its transactions.
"""

from __future__ import annotations

from datetime import date

from app.domain.accounts.contract.opportunities import CLOSED, STAGE_PROBABILITY
from app.domain.kernel.resource import Many, One, Param
from app.domain.quotas.queries import QUOTA_MONTHS_SQL

PARAMS = {
    "period": Param(str, "Code of the fiscal period, such as `2026-Q1`; by default the year that holds `as_of`."),
    "as_of": Param(date, "Last day that counts; today by default."),
    "include_unposted": Param(
        bool, "Whether a run counts before it is posted, as soon as it is calculated; it may still change.", False
    ),
}

_DAY = "coalesce({as_of}, {today})"


def _newest(states: str) -> str:
    return f"""(
    select run.id as run_id, run.calculated_at, reached.end_date
    from compensation_run run join fiscal_period reached on reached.org_id = run.org_id and reached.id = run.period_id
    where run.org_id = {{org}} and run.kind = 'official' and run.state in ({states})
      and reached.fiscal_year = chosen.fiscal_year and reached.end_date > chosen.start_date
    order by reached.end_date desc, run.calculated_at desc limit 1
  )"""


SCOPE = f"""chosen as materialized (
  select p.id, p.code, p.fiscal_year, p.start_date, p.end_date, {_DAY} as day,
         greatest(p.start_date, least({_DAY}, p.end_date - 1)) as held_on
  from asked_period({{org}}, {{period}}, {_DAY}) p
), scope as materialized (
  select chosen.*, counted.run_id, counted.calculated_at,
         greatest(least(chosen.day + 1, chosen.end_date, counted.end_date), chosen.start_date) as until,
         case when newest.run_id is distinct from posted.run_id then newest.run_id end as unposted_run_id
  from chosen
  left join lateral {_newest("'posted', 'paid'")} posted on true
  left join lateral {_newest("'calculated', 'reviewed', 'approved', 'posted', 'paid'")} newest on true
  cross join lateral (
    select case when {{include_unposted}} then newest.run_id else posted.run_id end as run_id,
           case when {{include_unposted}} then newest.calculated_at else posted.calculated_at end as calculated_at,
           case when {{include_unposted}} then newest.end_date else posted.end_date end as end_date
  ) counted
)"""
"""The period and the runs; `until` is the first day whose credits do not count."""

QUOTAS = f"""quotas as (
  select monthly.seller_id, monthly.territory_id, monthly.currency, sum(monthly.amount) as quota,
         sum(round(monthly.amount * greatest(least(scope.until, monthly.end_date) - monthly.start_date, 0)
             / (monthly.end_date - monthly.start_date), 4)) as quota_to_date
  from scope
  join lateral ({QUOTA_MONTHS_SQL.format(org="{org}", fiscal_year="scope.fiscal_year")}) monthly
    on monthly.start_date >= scope.start_date and monthly.end_date <= scope.end_date
  group by monthly.seller_id, monthly.territory_id, monthly.currency
)"""

# A deal may be booked, invoiced and paid: it counts once, by the first of these that the seller's plans pay on.
CREDITS = """paid_on as (
  select took.seller_id,
         min(array_position(array['booking', 'invoice', 'payment'], component.terms ->> 'trigger')) as place
  from scope
  join compensation_plan plan on plan.org_id = {org} and plan.fiscal_year = scope.fiscal_year
   and plan.state in ('published', 'retired')
  join plan_participant took on took.org_id = plan.org_id and took.plan_id = plan.id
  join compensation_component component on component.org_id = plan.org_id and component.plan_id = plan.id
   and component.terms -> 'measure' ->> 'of' not in ('activity', 'objective_score')
  group by took.seller_id
), credits as (
  select credit.seller_id, credit.transaction_id, credit.credit_date, credit.currency,
         case when credit.run_id = scope.run_id and credit.credit_date < scope.until then credit.amount end as credited,
         case when credit.run_id = scope.unposted_run_id then credit.amount end as unposted
  from scope join credit on credit.org_id = {org} and credit.run_id in (scope.run_id, scope.unposted_run_id)
   and credit.role = 'direct'
   and credit.credit_date >= scope.start_date and credit.credit_date < least(scope.end_date, scope.day + 1)
  join transaction sold on sold.org_id = credit.org_id and sold.id = credit.transaction_id
  left join paid_on on paid_on.seller_id = credit.seller_id
  where sold.kind = 'return' or array_position(array['booking', 'invoice', 'payment'], sold.kind)
    = coalesce(paid_on.place, (select min(place) from paid_on))
)"""

_CLOSED = ", ".join(f"'{stage}'" for stage in sorted(CLOSED))
_CHANCE = " ".join(f"when '{stage}' then {chance}" for stage, chance in STAGE_PROBABILITY.items())

# A deal that has moved since then counts at the stage it was at.
DEALS = f"""deals as (
  select deal.seller_id, deal.account_id, deal.currency,
         case when deal.closed_on <= scope.day then deal.amount end as won,
         case when coalesce(deal.closed_on > scope.day, true)
           then round(deal.amount * case stood.stage {_CHANCE} end, 4) end as pipeline
  from scope
  join opportunity deal on deal.org_id = {{org}} and deal.amount is not null and (
    deal.stage = 'won' and deal.closed_on >= case when scope.run_id is null then scope.start_date else scope.until end
      and deal.closed_on < scope.end_date and deal.closed_on <= scope.day
    or deal.expected_close_on >= scope.start_date and deal.expected_close_on < scope.end_date
      and coalesce(deal.closed_on > scope.day, true)
      and coalesce(deal.opened_on, cast(deal.created_at as date)) <= scope.day)
  cross join lateral (
    select coalesce(
      (select step.to_stage from opportunity_stage_change step
       where step.org_id = {{org}} and step.opportunity_id = deal.id and step.to_stage not in ({_CLOSED})
         and step.occurred_at < scope.day + 1 and scope.day < {{today}} order by step.id desc limit 1),
      case when deal.stage not in ({_CLOSED}) then deal.stage end) as stage
  ) stood
)"""


def summed(keys: str, parts: str) -> str:
    """The CTE `known`: per key and currency the figures of `parts`, rows as `part` makes them."""
    figures = ", ".join(f"sum({name}) as {name}" for name in _FIGURES)
    return f"known as (select {keys}, currency, {figures} from ({parts}) part group by {keys}, currency)"


_FIGURES = ("quota", "quota_to_date", "credited", "unposted", "won", "pipeline")


def part(keys: str, source: str, *figures: str) -> str:
    """Rows with `keys`, the currency and some figures of a source; the other figures are null."""
    shown = ", ".join(name if name in figures else f"cast(null as numeric) as {name}" for name in _FIGURES)
    return f"select {keys}, currency, {shown} from {source}"


OF_SELLERS = summed(
    "seller_id",
    " union all ".join(
        (
            part("seller_id", "quotas", "quota", "quota_to_date"),
            part("seller_id", "credits", "credited", "unposted"),
            part("seller_id", "deals", "won", "pipeline"),
        )
    ),
)


def _ratio(part: str, whole: str) -> str:
    # `least` passes nulls over.
    return f"case when {part} is not null and {whole} > 0 then round(least({part} / {whole}, 999), 6) end"


FIGURES = f"""scope.id as period_id, scope.code as period_code, known.currency, scope.until as counted_until,
         known.quota, known.quota_to_date, done.credited as credited_to_date,
         case when scope.unposted_run_id is not null then coalesce(known.unposted, 0) end as credited_unposted,
         {_ratio("done.credited", "known.quota")} as attainment,
         {_ratio("done.credited", "known.quota_to_date")} as attainment_to_date,
         round(done.credited * known.quota / nullif(known.quota_to_date, 0), 2) as pace,
         coalesce(known.won, 0) as won_since, coalesce(known.pipeline, 0) as pipeline, done.forecast,
         {_ratio("done.forecast", "known.quota")} as forecast_attainment,
         scope.run_id, scope.calculated_at"""
"""The columns of `AttainmentFigures` but the id, of `scope`, `known` and `DONE`."""

DONE = """cross join lateral (
    select case when scope.run_id is not null then coalesce(known.credited, 0) end as credited,
           coalesce(known.credited, 0) + coalesce(known.won, 0) + coalesce(known.pipeline, 0) as forecast
  ) done"""

LINKS: dict[str, One | Many] = {
    "period": One("fiscal_period", "{row}.period_id"),
    "run": One("compensation_run", "{row}.run_id", "The run whose credits are counted."),
}
FILTERS = ("currency", "attainment", "attainment_to_date", "forecast_attainment")
SORTS = ("attainment", "attainment_to_date", "forecast_attainment")
