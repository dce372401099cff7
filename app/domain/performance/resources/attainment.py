"""What can be read of attainment."""

from __future__ import annotations

from datetime import date

from app.domain.kernel.resource import One, Param, Resource, by_seller
from app.domain.performance.contract.attainment import AttainmentView
from app.domain.quotas.queries import QUOTA_SQL

_MONTHLY = QUOTA_SQL.format(org="{org}", currency="held.currency", fiscal_year="scope.fiscal_year")

# Credits are those of a run, so that every figure can be followed to its transactions.
_ATTAINMENT = f"""(
  with chosen as (
    select p.id, p.code, p.fiscal_year, p.start_date, p.end_date from fiscal_period p
    where p.org_id = {{org}} and (p.code = {{period}} or {{period}} is null and p.kind = 'year'
      and p.valid @> coalesce({{as_of}}, {{today}}))
  ), scope as (
    select chosen.*, newest.run_id, newest.calculated_at,
           greatest(least(coalesce({{as_of}}, {{today}}) + 1, chosen.end_date, newest.end_date), chosen.start_date)
             as until
    from chosen left join lateral (
      select run.id as run_id, run.calculated_at, reached.end_date
      from compensation_run run
      join fiscal_period reached on reached.org_id = run.org_id and reached.id = run.period_id
      where run.org_id = {{org}} and run.kind = 'official'
        and run.state in ('calculated', 'reviewed', 'approved', 'posted', 'paid')
        and reached.fiscal_year = chosen.fiscal_year and reached.end_date > chosen.start_date
      order by reached.end_date desc, run.calculated_at desc limit 1
    ) newest on true
  ), quota_of as (
    select monthly.seller_id, held.currency, sum(monthly.amount) as amount,
           sum(round(monthly.amount * greatest(least(scope.until, month.end_date) - month.start_date, 0)
               / (month.end_date - month.start_date), 4)) as to_date
    from scope
    cross join (select distinct currency from quota where org_id = {{org}} and measure = 'revenue') held
    cross join lateral ({_MONTHLY}) monthly
    join fiscal_period month on month.org_id = {{org}} and month.code = monthly.period_code
     and month.start_date >= scope.start_date and month.end_date <= scope.end_date
    group by monthly.seller_id, held.currency
  ), credited_to as (
    select credit.seller_id, credit.currency, sum(credit.amount) as amount
    from scope join credit on credit.org_id = {{org}} and credit.run_id = scope.run_id
     and credit.credit_date >= scope.start_date and credit.credit_date < scope.until
    group by credit.seller_id, credit.currency
  )
  select cast(md5(seller.id || known.currency) as uuid) as id, seller.id as seller_id, seller.name as seller_name,
         scope.id as period_id, scope.code as period_code, known.currency, scope.until as counted_until,
         known.quota, known.quota_to_date, known.credited as credited_to_date,
         round(known.credited / nullif(known.quota, 0), 6) as attainment,
         round(known.credited / nullif(known.quota_to_date, 0), 6) as attainment_to_date,
         round(known.credited * known.quota / nullif(known.quota_to_date, 0), 2) as pace,
         scope.run_id, scope.calculated_at
  from scope
  cross join lateral (
    select coalesce(q.seller_id, c.seller_id) as seller_id, coalesce(q.currency, c.currency) as currency,
           q.amount as quota, q.to_date as quota_to_date,
           case when scope.run_id is not null then coalesce(c.amount, 0) end as credited
    from quota_of q full join credited_to c on c.seller_id = q.seller_id and c.currency = q.currency
  ) known
  join seller on seller.org_id = {{org}} and seller.id = known.seller_id
)"""

ATTAINMENT = Resource(
    "attainment",
    "attainment",
    AttainmentView,
    "reports:read",
    "Credited revenue against quota per seller, for the whole period and to date.",
    source=_ATTAINMENT,
    links={
        "seller": One("seller", "{row}.seller_id"),
        "period": One("fiscal_period", "{row}.period_id"),
        "run": One("compensation_run", "{row}.run_id", "The run whose credits are counted."),
    },
    filters=("seller_id", "currency", "attainment", "attainment_to_date"),
    sorts=("attainment", "attainment_to_date", "seller_name"),
    sort="-attainment",
    visible=by_seller("{row}.seller_id"),
    params={
        "period": Param(str, "Code of the fiscal period, such as `2026-Q1`; by default the year that holds `as_of`."),
        "as_of": Param(date, "Last day that counts; today by default."),
    },
    versioned=False,
    path="reports/attainment",
)
