"""The balances that a run begins with, and the terms they move by, as SQL. Only the worker needs it.

Placeholders are bound: `:org_id`, `:period`, `:fiscal_year`, `:year_start` and `:end_date` of the period being paid.
"""

from __future__ import annotations

from app.domain.compensation.queries import FURTHEST, NEAREST
from app.domain.compensation.resources.counting import COUNTS, MEASURED
from app.domain.kernel.money import CURRENCY_DIGITS_SQL

# The newest published version of every plan, of every year.
_PLANS = (
    "select distinct on (p.fiscal_year, p.code) p.* from compensation_plan p where p.org_id = :org_id"
    " and p.state = 'published' order by p.fiscal_year, p.code, p.plan_version desc"
)
_POSTED = "run.state in ('posted', 'paid')"

# What was held back stays with the component of the same code in the version now in force.
_HELD = f"""
select m.seller_id, coalesce(now.id, m.component_id) as component_id, m.origin_period_id, m.currency,
       coalesce(-sum(m.amount) filter (where m.kind = 'holdback'), 0) as held,
       coalesce(sum(m.amount) filter (where m.kind = 'release'), 0) as released,
       c.code, plan.code as plan_code
from balance_movement m
join compensation_run run on run.org_id = m.org_id and run.id = m.run_id and {_POSTED}
join compensation_component c on c.org_id = m.org_id and c.id = m.component_id
join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id
left join ({_PLANS}) newest on newest.code = plan.code and newest.fiscal_year = plan.fiscal_year
left join compensation_component now on now.org_id = newest.org_id and now.plan_id = newest.id and now.code = c.code
where m.org_id = :org_id and m.kind in ('holdback', 'release')
group by 1, 2, 3, 4, c.code, plan.code
"""

_WHOSE = "c.terms -> 'measure' ->> 'whose'"
# Of what a component keeps back until the customer pays: the part paid of the deals that it counts, weighed by what it
# measures of them. A customer is an opportunity, or an account where the deal names no opportunity, and pays what it
# bought in earlier periods first. What has been released in full is settled.
_COLLECTED = f"""
select * from (
with held as materialized (
  select held.*, origin.code as period_code, origin.start_date, origin.end_date, plan.exchange_rates,
    (select run.id from compensation_run run
     join fiscal_period paid on paid.org_id = run.org_id and paid.id = run.period_id
     where run.org_id = :org_id and {_POSTED}
       and ((paid.fiscal_year = origin.fiscal_year and paid.end_date >= origin.end_date) or run.earlier_years
         @> jsonb_build_array(jsonb_build_object('fiscal_year', origin.fiscal_year, 'calculated', true)))
     order by run.id desc limit 1) as run_id
  from ({_HELD}) held
  join compensation_component c on c.org_id = :org_id and c.id = held.component_id
   and c.terms -> 'holdback' ->> 'release' = 'payment'
  join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id
  join fiscal_period origin on origin.org_id = :org_id and origin.id = held.origin_period_id
  where held.held > 0
), deal as materialized (
  select held.seller_id, held.component_id, held.period_code, held.start_date, held.end_date, t.kind, t.currency,
         t.opportunity_id, case when t.opportunity_id is null then t.account_id end as account_id,
         sum({MEASURED}) as measured
  from held
  join compensation_component c on c.org_id = :org_id and c.id = held.component_id
  -- Only their credits can count, and these lie together in an index: `offset 0` has them read by it.
  cross join lateral (
    select own.* from credit own
    where own.org_id = :org_id and own.run_id = held.run_id
      and own.credit_date >= held.start_date and own.credit_date < held.end_date
      and own.seller_id = any(array(
        select held.seller_id
        union
        select line.descendant_id from reporting_closure line
        where line.org_id = :org_id and line.ancestor_id = held.seller_id and {_WHOSE} = 'team'))
    offset 0
  ) k
  join transaction t on t.org_id = :org_id and t.id = k.transaction_id
  where held.released < held.held and k.currency = held.currency and k.exchange_rates = held.exchange_rates
    and k.role = case {_WHOSE} when 'overlay' then 'overlay' else 'direct' end
    and ((k.seller_id = held.seller_id and {NEAREST} = 0) or ({_WHOSE} = 'team' and exists (
      select from reporting_closure line where line.org_id = :org_id and line.ancestor_id = held.seller_id
        and line.depth between {NEAREST} and {FURTHEST} and line.descendant_id = k.seller_id
        and line.valid_from <= k.credit_date and line.valid_to > k.credit_date)))
    and {COUNTS}
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9
), asked as (
  select distinct start_date, end_date, kind, currency, opportunity_id, account_id from deal
), moved as (
  select asked.*, o.id, o.kind as moves, o.transaction_date, o.amount
  from asked join transaction o on o.org_id = :org_id and o.opportunity_id = asked.opportunity_id
   and o.currency = asked.currency and o.transaction_date < :end_date
  union all
  select asked.*, o.id, o.kind, o.transaction_date, o.amount
  from asked join transaction o on o.org_id = :org_id and o.account_id = asked.account_id
   and o.opportunity_id is null and o.currency = asked.currency and o.transaction_date < :end_date
), customer as (
  select start_date, end_date, kind, currency, opportunity_id, account_id,
         coalesce(sum(amount) filter (where moves = 'payment'), 0)
           - coalesce(sum(amount) filter (where moves = kind and transaction_date < start_date), 0) as paid,
         sum(amount) filter (where moves = kind and transaction_date >= start_date and transaction_date < end_date)
           as due
  from moved
  where not exists (select from transaction later where later.org_id = :org_id and later.supersedes_id = moved.id)
  group by 1, 2, 3, 4, 5, 6
)
select seller_id, component_id, period_code, 1 as share from held where released = held
union all
select deal.seller_id, deal.component_id, deal.period_code,
       round(sum(deal.measured * least(1, greatest(0, customer.paid / customer.due))) / sum(deal.measured), 6)
from deal
join customer on customer.start_date = deal.start_date and customer.end_date = deal.end_date
 and customer.kind = deal.kind and customer.currency = deal.currency and customer.due > 0
 and (customer.opportunity_id = deal.opportunity_id or customer.account_id = deal.account_id)
group by 1, 2, 3 having sum(deal.measured) <> 0
) collected
"""

_DRAW_SQL = """
select seller_id, currency, coalesce(sum(amount) filter (where kind = 'non_recoverable'), 0) as guarantee,
       coalesce(sum(amount) filter (where kind <> 'non_recoverable'), 0) as advance,
       coalesce(min(maximum_recovery), 1) as recovery_share,
       coalesce(bool_or(kind = 'forgiven' and place >= months - 1), false)
         and not bool_or(kind = 'recoverable') as forgive
from (
  select p.seller_id, plan.currency, draw.value ->> 'kind' as kind,
         cast(draw.value ->> 'maximum_recovery' as numeric) as maximum_recovery,
         cast(draw.value ->> 'months' as int) as months, m.place,
         case when m.start_date >= {since} and m.place < coalesce(cast(draw.value ->> 'months' as int), m.place + 1)
         then case draw.value ->> 'proration' when 'days' then round(cast(draw.value ->> 'amount' as numeric)
                * (least(m.end_date, coalesce(p.effective_to, m.end_date)) - greatest(m.start_date, p.effective_from))
                / (m.end_date - m.start_date), {digits})
              else cast(draw.value ->> 'amount' as numeric) end
         else 0 end as amount
  from ({taking_part}) p
  join compensation_plan plan on plan.org_id = :org_id and plan.id = p.plan_id
  cross join lateral jsonb_array_elements(plan.draws) draw
  join lateral (select f.start_date, f.end_date, cast((extract(year from f.end_date - 1)
      - extract(year from p.effective_from)) * 12 + extract(month from f.end_date - 1)
      - extract(month from p.effective_from) as int) as place
    from fiscal_period f where f.org_id = :org_id and f.kind = 'month' and f.fiscal_year = :fiscal_year
     and f.end_date <= :end_date and f.end_date > p.effective_from
     and f.start_date < coalesce(p.effective_to, f.end_date)) m on true
) drawn group by seller_id, currency
"""


def draw_sql(taking_part: str, since: str) -> str:
    """What those who take part draw for the months from a day to `:end_date`; part of a month to the minor unit."""
    return _DRAW_SQL.format(
        taking_part=taking_part, since=since, digits=CURRENCY_DIGITS_SQL.format(currency="plan.currency")
    )


HOLDBACK_SQL = """
select c.id as component_id, f.code as period_code, cast(c.terms -> 'holdback' ->> 'share' as numeric) as share,
       coalesce(f.end_date + cast(c.terms -> 'holdback' ->> 'days' as int) <= :end_date, false) as released
from compensation_component c
join ({plans}) plan on plan.id = c.plan_id
join fiscal_period f on f.org_id = c.org_id and f.fiscal_year = plan.fiscal_year and f.end_date <= :end_date
where c.org_id = :org_id and jsonb_typeof(c.terms -> 'holdback') = 'object'
"""
"""What is kept back of each period's earnings, and whether its days have passed by `:end_date`."""

_TAKING_PART = (
    f"select taking.* from plan_participant taking join ({_PLANS}) newest on newest.id = taking.plan_id"
    " and newest.fiscal_year = :fiscal_year where taking.org_id = :org_id"
)
# The months that no posted run has drawn yet.
_SINCE = f"""
(select coalesce(max(paid.end_date), :year_start) from compensation_run run
 join fiscal_period paid on paid.org_id = run.org_id and paid.id = run.period_id
  and paid.fiscal_year = :fiscal_year and paid.end_date < :end_date
 where run.org_id = :org_id and {_POSTED})
"""

CLAWBACK_SQL = """
select c.id as component_id, step.from_day, step.to_day, step.share, step.days
from compensation_component c
join ({plans}) plan on plan.id = c.plan_id and plan.fiscal_year = :fiscal_year
cross join lateral (select c.terms -> 'clawback' as terms) said
cross join lateral (
  select 0 as from_day, cast(said.terms ->> 'days' as int) as to_day, cast(1 as numeric) as share,
         case said.terms ->> 'method' when 'pro_rata' then cast(said.terms ->> 'days' as int) end as days
  where said.terms ->> 'method' <> 'schedule'
  union all
  select coalesce(lag(cast(one.value ->> 'until_day' as int)) over (order by one.place) + 1, 0),
         cast(one.value ->> 'until_day' as int) + 1, cast(one.value ->> 'share' as numeric), null
  from jsonb_array_elements(said.terms -> 'schedule') with ordinality one (value, place)
  where said.terms ->> 'method' = 'schedule'
) step
where c.org_id = :org_id and jsonb_typeof(said.terms) = 'object'
"""
"""What a return takes back by the age of its deal."""

TAKEN_BACK_SQL = {
    "takeback": """
        select r.id as return_id, t.id as transaction_id, greatest(r.transaction_date - t.transaction_date, 0)
               as age_days, -r.amount as amount, t.amount as original_amount
        from transaction r
        join lateral (select o.* from transaction o where o.org_id = r.org_id
          and o.id = coalesce((select newest.id from transaction newest where newest.org_id = r.org_id
            and newest.supersedes_id = r.returns_id), r.returns_id)) t on t.currency = r.currency and t.amount > 0
        where r.org_id = :org_id and r.kind = 'return' and r.amount < 0 and r.transaction_date < :until
          and t.transaction_date >= :year_start and t.transaction_date < :end_date
          and not exists (select from transaction later where later.org_id = r.org_id and later.supersedes_id = r.id)
    """,
    "clawback": CLAWBACK_SQL.format(plans=_PLANS),
    "clawed": f"""
        select m.seller_id, coalesce(now.id, m.component_id) as component_id, origin.code as period_code,
               m.transaction_id, sum(m.amount) as amount
        from balance_movement m
        join compensation_run run on run.org_id = m.org_id and run.id = m.run_id and {_POSTED}
        join fiscal_period origin on origin.org_id = m.org_id and origin.id = m.origin_period_id
         and origin.fiscal_year = :fiscal_year and origin.end_date <= :end_date
        join compensation_component c on c.org_id = m.org_id and c.id = m.component_id
        join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id
        left join ({_PLANS}) newest on newest.code = plan.code and newest.fiscal_year = plan.fiscal_year
        left join compensation_component now on now.org_id = newest.org_id and now.plan_id = newest.id
         and now.code = c.code
        where m.org_id = :org_id and m.kind = 'clawback'
        group by 1, 2, 3, 4
    """,
}
"""Of a fiscal year, its returned transactions; `:until` bounds the returns."""

BALANCES_SQL = {
    "adjustment": """
        select a.id as adjustment_id, a.seller_id, a.currency, a.amount from earning_adjustment a
        where a.org_id = :org_id and not exists (
          select from ledger_entry posted where posted.org_id = :org_id and posted.adjustment_id = a.id)
    """,
    "holdback": HOLDBACK_SQL.format(plans=_PLANS),
    "held": f"""
        select held.seller_id, held.component_id, origin.code as period_code, held.currency, held.held, held.released,
               coalesce((select sum(e.amount) from earning e
                 join compensation_run run on run.org_id = e.org_id and run.id = e.run_id and {_POSTED}
                 join compensation_component c on c.org_id = e.org_id and c.id = e.component_id and c.code = held.code
                 join compensation_plan p on p.org_id = c.org_id and p.id = c.plan_id and p.code = held.plan_code
                 where e.org_id = :org_id and e.seller_id = held.seller_id and e.status = 'ok'
                   and e.origin_period_id = held.origin_period_id), 0) as earned
        from ({_HELD}) held
        join fiscal_period origin on origin.org_id = :org_id and origin.id = held.origin_period_id
    """,
    "release": f"""
        select r.seller_id, held.component_id, origin.code as period_code, 1 as share
        from holdback_release r
        join compensation_component c on c.org_id = r.org_id and c.id = r.component_id
        join ({_HELD}) held on held.seller_id = r.seller_id and held.origin_period_id = r.period_id
         and held.code = c.code
        join fiscal_period origin on origin.org_id = r.org_id and origin.id = r.period_id
        where r.org_id = :org_id
        union all {_COLLECTED}
    """,
    "draw": draw_sql(_TAKING_PART, _SINCE),
    "owed": """
        select seller_id, currency, coalesce(sum(debit - credit) filter (where account = 'draw_receivable'), 0) as draw,
               coalesce(sum(debit - credit) filter (where account = 'clawback_receivable'), 0) as debt
        from ledger_entry
        where org_id = :org_id and account in ('draw_receivable', 'clawback_receivable')
        group by seller_id, currency
    """,
}
"""By input relation."""
