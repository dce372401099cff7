"""SQL of what posted runs say of the plans of a fiscal year; placeholders are those of a report's source."""

from __future__ import annotations

from app.domain.accounts.queries import IN_SEGMENT

_POSTED = "run.state in ('posted', 'paid')"
_BANDS = (
    "greatest(jsonb_array_length(coalesce(s.terms #> array['rate', 'tiers', 'tiers'], jsonb_build_array())),"
    " jsonb_array_length(coalesce(s.terms #> array['rate', 'curve', 'points'], jsonb_build_array())) - 1, 1)"
)

LINES = f"""
asked as materialized (
  select coalesce({{fiscal_year}}, (
    select max(p.fiscal_year) from compensation_run run
    join fiscal_period p on p.org_id = run.org_id and p.id = run.period_id
    where run.org_id = {{org}} and {_POSTED})) as year
), line as materialized (
  select e.id, e.seller_id, e.run_id, e.as_of, e.window_start, e.credited_to_date, e.quota_to_date, e.quota_window,
         e.target, e.attainment, e.tier_reached, e.earned_to_date, e.amount, e.currency, e.status,
         plan.code as plan_code, c.code as component_code
  from earning e
  join compensation_run run on run.org_id = e.org_id and run.id = e.run_id and {_POSTED}
  join fiscal_period origin on origin.org_id = e.org_id and origin.id = e.origin_period_id
  join asked on asked.year = origin.fiscal_year
  join compensation_component c on c.org_id = e.org_id and c.id = e.component_id
  join compensation_plan plan on plan.org_id = e.org_id and plan.id = c.plan_id
  where e.org_id = {{org}}
), said as materialized (
  select distinct on (plan.code, c.code) plan.code as plan_code, c.code as component_code, c.id as component_id,
         c.plan_id, c.ordinal, c.kind, c.name, c.terms, plan.currency
  from compensation_component c
  join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id
  join asked on asked.year = plan.fiscal_year
  where c.org_id = {{org}} and (plan.code, c.code) in (select plan_code, component_code from line)
    and exists (select from earning e where e.org_id = {{org}} and e.component_id = c.id)
  order by plan.code, c.code, plan.plan_version desc
), newest as materialized (
  select distinct on (l.seller_id, l.plan_code, l.component_code, l.window_start) l.*, s.ordinal
  from line l join said s on s.plan_code = l.plan_code and s.component_code = l.component_code
  where l.status = 'ok'
  order by l.seller_id, l.plan_code, l.component_code, l.window_start, l.as_of desc, l.run_id desc
)"""
"""CTEs `asked` (year), `line` (all posted lines of the year), `said` (components, newest posted version of each) and
`newest` (of each seller, component and window the last line)."""

SELLERS = f"""
{LINES}, main as (
  select distinct on (plan_code) plan_code, component_code from newest
  where quota_to_date > 0 and attainment is not null
  order by plan_code, ordinal
), attained as (
  select n.seller_id, n.plan_code, least(sum(n.credited_to_date) / sum(n.quota_to_date), 999) as attainment,
         sum(n.quota_window) as quota
  from newest n join main m on m.plan_code = n.plan_code and m.component_code = n.component_code
  where n.quota_to_date > 0 and n.attainment is not null group by n.seller_id, n.plan_code
), aimed as (
  select seller_id, plan_code, sum(target) as target from newest group by seller_id, plan_code
), last_run as materialized (
  select run.id, paid.end_date - 1 as day from compensation_run run
  join fiscal_period paid on paid.org_id = run.org_id and paid.id = run.period_id
  join asked on asked.year = paid.fiscal_year
  where run.org_id = {{org}} and {_POSTED} order by paid.end_date desc, run.id desc limit 1
), credits as materialized (
  select k.seller_id, k.currency, k.amount, t.kind, t.account_id from credit k
  join last_run on last_run.id = k.run_id
  join transaction t on t.org_id = k.org_id and t.id = k.transaction_id
  where k.org_id = {{org}} and k.role = 'direct' and k.amount is not null
), sold as (
  select seller_id, currency, sum(amount) as credited, max(amount) as largest from (
    select k.*, min(array_position(array['booking', 'invoice', 'payment'], kind))
      over (partition by seller_id, currency) as earliest
    from credits k) k
  where kind = 'return' or kind = (array['booking', 'invoice', 'payment'])[earliest]
  group by seller_id, currency
), paid as (
  select seller_id, plan_code, currency, coalesce(sum(amount), 0) as pay from line
  group by seller_id, plan_code, currency
), of_seller as materialized (
  select (select year from asked) as fiscal_year, p.plan_code, p.seller_id, seller.name as seller_name,
         held.job_role, held.team, p.currency, p.pay, aimed.target, round(a.attainment, 6) as attainment,
         case when a.attainment is not null then ntile(5) over (
           partition by p.plan_code, a.attainment is null order by a.attainment, p.seller_id) end as fifth,
         coalesce(s.credited, 0) as credited,
         case when s.credited > 0 then round(least(p.pay / s.credited, 999), 6) end as cost_of_sales,
         case when a.quota > 0 then round(least(coalesce(s.largest, 0) / a.quota, 999), 6) end as largest_deal,
         row_number() over (partition by p.seller_id, p.currency order by p.plan_code) as place
  from paid p
  join seller on seller.org_id = {{org}} and seller.id = p.seller_id
  left join attained a on a.seller_id = p.seller_id and a.plan_code = p.plan_code
  left join aimed on aimed.seller_id = p.seller_id and aimed.plan_code = p.plan_code
  left join sold s on s.seller_id = p.seller_id and s.currency = p.currency
  left join position held on held.org_id = {{org}} and held.seller_id = p.seller_id
   and held.valid @> (select day from last_run)
)"""
"""Those of `LINES`, and `of_seller`: a row for each seller and plan. `place` is 1 for the first plan of a seller, so
that what the seller is credited for is added once."""

PAY_PERFORMANCE = f"""(
  with {SELLERS}
  select {{org}} as org_id, cast(md5(plan_code || cast(seller_id as text) || currency) as uuid) as id, of_seller.*
  from of_seller
)"""

PLAN_EFFECTIVENESS = f"""(
  with {SELLERS}, sold_to as (
    select seller_id, currency, account_id, sum(amount) as credited from credits
    where {{per}} = 'segment' and account_id is not null group by seller_id, currency, account_id
  ), main_segment as (
    select distinct on (s.seller_id, s.currency) s.seller_id, s.currency, segment.code
    from sold_to s
    join account on account.org_id = {{org}} and account.id = s.account_id
    join segment on segment.org_id = {{org}} and {IN_SEGMENT.format(segment="segment", account="account")}
    group by s.seller_id, s.currency, segment.code
    order by s.seller_id, s.currency, sum(s.credited) desc, segment.code
  ), grouped as (
    select s.*, {{per}} = 'plan' or place = 1 as adds_credits,
           coalesce(case {{per}} when 'plan' then plan_code when 'job_role' then job_role when 'team' then team
             else g.code end, '') as name
    from of_seller s
    left join main_segment g on g.seller_id = s.seller_id and g.currency = s.currency
  ), weighed as (
    select s.plan_code, s.component_code, cast(s.terms -> 'target' ->> 'share' as numeric) as weight from said s
  ), summed as (
    select fiscal_year, name, currency, count(distinct seller_id) as sellers,
           count(distinct seller_id) filter (where pay > 0) as paid_sellers, sum(pay) as pay,
           coalesce(sum(credited) filter (where adds_credits), 0) as credited, sum(target) as target,
           sum(pay) filter (where target > 0) as aimed_pay, count(attainment) as with_attainment,
           case when count(attainment) > 2 then round(cast(corr(pay, attainment) as numeric), 6) end
             as pay_for_performance,
           count(*) filter (where attainment >= {{threshold}}) as reached_threshold,
           count(*) filter (where attainment >= 1) as reached_quota,
           count(*) filter (where attainment >= {{excellence}}) as reached_excellence,
           percentile_disc(0.9) within group (order by pay / nullif(target, 0)) as leverage,
           avg(pay) filter (where fifth = 5) as top, avg(pay) filter (where fifth = 1) as bottom,
           count(*) filter (where largest_deal >= {{windfall}}) as windfalls,
           count(*) filter (where pay > 0 and credited = 0) as paid_without_credits,
           count(*) filter (where pay <= 0 and credited > 0) as credited_without_pay,
           array_agg(distinct plan_code) as plans
    from grouped group by fiscal_year, name, currency
  )
  select {{org}} as org_id, cast(md5(name || currency) as uuid) as id, fiscal_year, name, currency, sellers,
         paid_sellers, pay, credited, target, with_attainment, pay_for_performance,
         case when credited > 0 then round(least(pay / credited, 999), 6) end as cost_of_sales,
         case when target > 0 then round(least(aimed_pay / target, 999), 6) end as pay_to_target,
         round(cast(reached_threshold as numeric) / nullif(with_attainment, 0), 6) as at_threshold,
         round(cast(reached_quota as numeric) / nullif(with_attainment, 0), 6) as at_quota,
         round(cast(reached_excellence as numeric) / nullif(with_attainment, 0), 6) as at_excellence,
         case when leverage is not null then round(least(leverage, 999), 6) end as leverage,
         round(top, 4) as top_fifth_pay, round(bottom, 4) as bottom_fifth_pay,
         case when bottom > 0 and top is not null then round(least(top / bottom, 999), 6) end as differentiation,
         windfalls, paid_without_credits, credited_without_pay,
         (select count(*) from weighed w where w.plan_code = any(plans)) as components,
         (select count(*) from weighed w where w.plan_code = any(plans) and w.weight < 0.15) as light_components
  from summed
)"""

PAYOUT_FIFTHS = f"""(
  with {SELLERS}
  select {{org}} as org_id, cast(md5(plan_code || currency || fifth) as uuid) as id, fiscal_year, plan_code, fifth,
         currency, count(*) as sellers, min(attainment) as lowest, max(attainment) as highest, sum(pay) as pay,
         round(avg(pay), 4) as mean_pay,
         round(sum(pay) / nullif(sum(sum(pay)) over (partition by plan_code, currency), 0), 6) as share_of_pay,
         sum(credited) as credited
  from of_seller where fifth is not null group by fiscal_year, plan_code, currency, fifth
)"""

COMPONENT_EFFECTIVENESS = f"""(
  with {LINES}, whole as (
    select plan_code, sum(amount) as pay from line group by plan_code
  ), last_line as (
    select distinct on (seller_id, plan_code, component_code) *,
           sum(target) over (partition by seller_id, plan_code, component_code) as target_of_year
    from newest
    order by seller_id, plan_code, component_code, as_of desc, window_start desc nulls last
  ), paid as (
    select plan_code, component_code, seller_id, coalesce(sum(amount), 0) as pay from line group by 1, 2, 3
  ), measured as (
    select plan_code, component_code, sum(credited_to_date) as measured from newest group by 1, 2
  ), judged as (
    select s.component_id, count(*) filter (where gate.least > l.attainment) as below_gate,
           count(*) filter (where l.earned_to_date >= cap.of_year or own.earned >= cap.of_window) as at_cap,
           count(*) filter (where l.tier_reached >= {_BANDS}) as top_reached
    from said s
    join last_line l on l.plan_code = s.plan_code and l.component_code = s.component_code
    left join lateral (select max(cast(g ->> 'at_least' as numeric)) as least
      from jsonb_array_elements(s.terms -> 'gates') g
      where g -> 'input' ->> 'figure' = 'attainment' and g -> 'input' ->> 'component' is null) gate on true
    left join lateral (select
        min(coalesce(cast(x ->> 'amount' as numeric), cast(x ->> 'target_multiple' as numeric) * l.target_of_year))
          filter (where x ->> 'per' = 'year') as of_year,
        min(coalesce(cast(x ->> 'amount' as numeric), cast(x ->> 'target_multiple' as numeric) * l.target))
          filter (where x ->> 'per' = 'window') as of_window
      from jsonb_array_elements(s.terms -> 'limits') x where x ->> 'kind' = 'cap') cap on true
    left join lateral (select case s.terms -> 'window' ->> 'over' when 'year' then l.earned_to_date else coalesce(
        (select sum(cast(b ->> 'earned' as numeric)) from jsonb_array_elements(e.slices) b
         where cast(b ->> 'window_start' as date) = l.window_start),
        (select max(cast(w ->> 'earned' as numeric)) from jsonb_array_elements(e.workings) w
         where w ->> 'transaction_id' is not null or cast(w ->> 'window_start' as date) = l.window_start)) end as earned
      from earning e where e.org_id = {{org}} and e.id = l.id) own on cap.of_window is not null
    group by s.component_id
  )
  select {{org}} as org_id, s.component_id as id, (select year from asked) as fiscal_year, s.plan_id, s.plan_code,
         s.component_id, s.component_code, s.name as component_name, s.kind, s.currency, count(p.seller_id) as sellers,
         count(*) filter (where p.pay > 0) as earners,
         round(cast(count(*) filter (where p.pay > 0) as numeric) / count(*), 6) as earning_share, sum(p.pay) as pay,
         round(sum(p.pay) / nullif(max(whole.pay), 0), 6) as share_of_pay,
         cast(s.terms -> 'target' ->> 'share' as numeric) as weight, round(coalesce(max(m.measured), 0), 4) as measured,
         coalesce(max(j.below_gate), 0) as below_gate, coalesce(max(j.at_cap), 0) as at_cap,
         coalesce(max(j.top_reached), 0) as top_reached,
         {_BANDS} as bands
  from said s
  join paid p on p.plan_code = s.plan_code and p.component_code = s.component_code
  join whole on whole.plan_code = s.plan_code
  left join measured m on m.plan_code = s.plan_code and m.component_code = s.component_code
  left join judged j on j.component_id = s.component_id
  group by s.component_id, s.plan_id, s.plan_code, s.component_code, s.name, s.kind, s.currency, s.terms
)"""

ATTAINMENT_BANDS = f"""(
  with {SELLERS}, placed as (
    select fiscal_year, plan_code, seller_id, least(greatest(floor(attainment * 10), 0), 20) / 10 as lower
    from of_seller where attainment is not null
  )
  select {{org}} as org_id, cast(md5(plan_code || lower) as uuid) as id, fiscal_year, plan_code,
         round(lower, 1) as lower, count(*) as sellers,
         round(count(*) / sum(count(*)) over (partition by plan_code), 6) as share
  from placed group by fiscal_year, plan_code, lower
)"""
