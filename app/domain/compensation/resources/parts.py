"""From a line of a statement to the cents of each transaction, and from a transaction to every cent it paid.

A line is `earned_to_date` less `earned_before` less what was posted for its period before. Each of the first two is
laid on the credits it counts, by what is measured of them, along the slices of the line and up to what a limit left
of them; where each transaction is paid by itself, by what each deal of the period has earned, as the line tells it,
or in proportion. What deals of a period take of a budget that all share is no part of theirs: it stands without a
deal. Windows of the year that were over before the period are left out, and what they have earned. What was posted
before is laid as the line that posted it laid it. Running totals are rounded and parts are their differences, so they
add up without a cent too many.
"""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.contract.parts import EarningPartView
from app.domain.compensation.resources.counting import COUNTS, MEASURED, SINGLE
from app.domain.compensation.resources.runs import CREDITS_OF_EARNING
from app.domain.compensation.resources.statements import by_pay_of_period
from app.domain.kernel.money import CURRENCY_DIGITS_SQL
from app.domain.kernel.resource import One, Param, Resource

_OF_EARNING = CREDITS_OF_EARNING.replace("{row}", "told").replace("{other}", "k")
_ORDER = "order by c.credit_date, c.transaction_id, c.credit_id"

PARTS_SQL = f"""
with target as materialized (
  select e.*, run.period_id, c.code as component_code, c.name as component_name, plan.code as plan_code
  from earning e
  join compensation_run run on run.org_id = e.org_id and run.id = e.run_id and run.state in ('posted', 'paid')
  join compensation_component c on c.org_id = e.org_id and c.id = e.component_id
  join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id
  where e.org_id = {{org}} and e.status = 'ok' and {{which}}
), line as (
  select target.id as target_id, 1 as sign, target.id, target.run_id, target.seller_id, target.component_id,
         target.currency, target.as_of, target.origin_period_id, target.window_start, target.earned_to_date,
         target.earned_before, target.slices, target.workings, target.component_code, target.plan_code
  from target
  union all
  select target.id, -1, before.id, before.run_id, before.seller_id, before.component_id, before.currency, before.as_of,
         before.origin_period_id, before.window_start, before.earned_to_date, before.earned_before, before.slices,
         before.workings, target.component_code, target.plan_code
  from target
  cross join lateral (
    select e.* from earning e
    join compensation_run run on run.org_id = e.org_id and run.id = e.run_id and run.state in ('posted', 'paid')
    join compensation_component c on c.org_id = e.org_id and c.id = e.component_id and c.code = target.component_code
    join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id and plan.code = target.plan_code
    where e.org_id = {{org}} and e.seller_id = target.seller_id and e.origin_period_id = target.origin_period_id
      and e.status = 'ok' and e.run_id < target.run_id
    order by e.run_id desc limit 1
  ) before
), told as materialized (
  -- Windows within the year that were over before the period have nothing to do with the line.
  select line.*, origin.start_date as period_start, since.day as since,
         case when since.day is null then 0 when since.day = origin.start_date then line.earned_before else coalesce((
           select e.earned_to_date from earning e
           join compensation_run run on run.org_id = e.org_id and run.id = e.run_id and run.state in ('posted', 'paid')
           join compensation_component c on c.org_id = e.org_id and c.id = e.component_id
             and c.code = line.component_code
           join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id and plan.code = line.plan_code
           where e.org_id = {{org}} and e.seller_id = line.seller_id and e.as_of = since.day and e.status = 'ok'
             and e.run_id <= line.run_id
           order by e.run_id desc, e.id desc limit 1), 0) end as settled
  from line
  join fiscal_period origin on origin.org_id = {{org}} and origin.id = line.origin_period_id
  join compensation_component c on c.org_id = {{org}} and c.id = line.component_id
  cross join lateral (
    select case when c.terms -> 'window' ->> 'over' in ('month', 'quarter', 'half_year')
      then least(line.window_start, origin.start_date) end as day) since
), deal as materialized (
  select told.target_id, told.id as line_id, w.transaction_id, sum(w.earned) as earned
  from told cross join lateral jsonb_to_recordset(told.workings) w (transaction_id uuid, earned numeric)
  where w.transaction_id is not null group by told.target_id, told.id, w.transaction_id
), by_deal as (
  select distinct target_id, line_id from deal
), counting as materialized (
  select told.target_id, told.id as line_id, told.sign, told.currency,
         told.earned_to_date - told.settled as earned_to_date, told.earned_before - told.settled as earned_before,
         k.id as credit_id, k.transaction_id, k.credit_date, k.amount as credited, {MEASURED} as amount,
         k.credit_date < told.period_start
           and (told.earned_before <> told.settled or c.terms -> 'window' ->> 'paid' <> 'at_end') as earlier,
         deal.earned as deal_earned, c.terms -> 'budget' ->> 'when_exhausted' = 'pro_rata' as pro_rata
  from told
  join compensation_component c on c.org_id = {{org}} and c.id = told.component_id
  -- Only their credits can count, and these lie together in an index: `offset 0` has them read by it.
  cross join lateral (
    select own.* from credit own
    where own.org_id = {{org}} and own.run_id = told.run_id and own.credit_date >= coalesce(told.since, '-infinity')
      and own.seller_id = any(array(
        select told.seller_id
        union
        select line.descendant_id from reporting_closure line
        where line.org_id = {{org}} and line.ancestor_id = told.seller_id
          and c.terms -> 'measure' ->> 'whose' = 'team'))
    offset 0
  ) k
  cross join lateral (
    select sold.* from transaction sold where sold.org_id = {{org}} and sold.id = k.transaction_id offset 0) t
  left join by_deal singly on singly.target_id = told.target_id and singly.line_id = told.id
  left join deal on deal.target_id = told.target_id and deal.line_id = told.id
    and deal.transaction_id = k.transaction_id
  where {_OF_EARNING} and {MEASURED} is not null and {COUNTS}
    and (singly.line_id is null or deal.transaction_id is not null)
), bearing as (
  select c.target_id, c.line_id, c.sign, c.currency, c.earned_to_date, c.earned_before, c.credit_id, c.transaction_id,
         c.credit_date, c.credited, c.earlier, c.deal_earned, c.pro_rata,
         case when c.deal_earned is null then c.amount
           else c.deal_earned * coalesce(c.amount / nullif(sum(c.amount) over one, 0), 1.0 / count(*) over one)
         end as amount
  from counting c window one as (partition by c.target_id, c.line_id, c.transaction_id)
), side as (
  select c.*, c.earned_to_date - case when c.deal_earned is null then 0 else c.earned_before end as value,
         c.sign as weight, 'to_date' as side,
         sum(c.amount) over (partition by c.target_id, c.line_id {_ORDER}) as reached,
         sum(c.amount) over (partition by c.target_id, c.line_id) as whole
  from bearing c
  union all
  select c.*, c.earned_before, -c.sign, 'before',
         sum(c.amount) over (partition by c.target_id, c.line_id {_ORDER}),
         sum(c.amount) over (partition by c.target_id, c.line_id)
  from bearing c where c.earlier and c.deal_earned is null
), band as (
  select b.line_id, b.target_id, b.earned / b.amount as pays, b.low,
         case when b.high = max(b.high) over (partition by b.target_id, b.line_id) then null else b.high end as high
  from (
    select told.id as line_id, told.target_id, s.amount, s.earned, sum(s.amount) over own as high,
           sum(s.amount) over own - s.amount as low
    from told
    -- Deals do not add up to customers along the tiers: each has its part of what its line earned.
    join compensation_component c on c.org_id = {{org}} and c.id = told.component_id and not ({SINGLE})
     and c.terms -> 'measure' ->> 'of' <> 'customers'
    cross join lateral (
      select n, cast(slice ->> 'amount' as numeric) as amount, cast(slice ->> 'earned' as numeric) as earned,
             cast(slice ->> 'window_start' as date) as window_start
      from jsonb_array_elements(told.slices) with ordinality part (slice, n)
    ) s
    where s.amount > 0 and coalesce(s.window_start >= told.since, true)
    window own as (partition by told.target_id, told.id order by s.n)
  ) b
), weighed as (
  select s.target_id, s.transaction_id, s.credit_date, s.side, s.sign, s.weight, s.value, s.currency, s.credited,
         s.amount, s.reached, s.whole, s.deal_earned is not null as by_deal, s.pro_rata,
         coalesce(sum(greatest(least(s.reached, b.high) - b.low, 0) * b.pays), 0) as earned_with,
         coalesce(sum(greatest(least(s.reached - s.amount, b.high) - b.low, 0) * b.pays), 0) as earned_without,
         coalesce(sum(greatest(least(s.whole, b.high) - b.low, 0) * b.pays), 0) as earned_whole
  from side s left join band b on b.target_id = s.target_id and b.line_id = s.line_id
  group by s.target_id, s.line_id, s.credit_id, s.transaction_id, s.credit_date, s.side, s.sign, s.weight, s.value,
    s.currency, s.credited, s.amount, s.reached, s.whole, s.deal_earned, s.pro_rata
), part as (
  select w.target_id, w.transaction_id, w.credit_date,
         case when w.side = 'to_date' and w.sign = 1 then w.credited else 0 end as credited,
         w.weight * case
           when w.by_deal and (w.pro_rata or round(w.whole, d.digits) = w.value) then round(w.reached, d.digits)
             - round(w.reached - w.amount, d.digits)
           when round(w.earned_whole, d.digits) = w.value then round(w.earned_with, d.digits)
             - round(w.earned_without, d.digits)
           when w.earned_whole > w.value and w.value >= 0 then round(least(w.earned_with, w.value), d.digits)
             - round(least(w.earned_without, w.value), d.digits)
           when w.earned_whole <> 0 then round(w.value * w.earned_with / w.earned_whole, d.digits)
             - round(w.value * w.earned_without / w.earned_whole, d.digits)
           when w.whole <> 0 then round(w.value * w.reached / w.whole, d.digits)
             - round(w.value * (w.reached - w.amount) / w.whole, d.digits)
           else 0 end as amount
  from weighed w
  cross join lateral (select {CURRENCY_DIGITS_SQL.format(currency="w.currency")} as digits) d
), by_transaction as (
  select target_id, transaction_id, min(credit_date) as credit_date, sum(credited) as credited, sum(amount) as amount
  from part group by target_id, transaction_id
  union all
  select target.id, null, null, null, target.amount - coalesce((
    select sum(part.amount) from part where part.target_id = target.id), 0)
  from target
)
select cast(md5(p.target_id || coalesce(cast(p.transaction_id as text), '')) as uuid) as id,
       p.target_id as earning_id, target.run_id, target.seller_id, target.component_id, target.component_code,
       target.component_name, target.period_id, period.code as period_code, p.transaction_id, p.credit_date, p.credited,
       p.amount, target.currency
from by_transaction p
join target on target.id = p.target_id
join fiscal_period period on period.org_id = {{org}} and period.id = target.period_id
join fiscal_period origin on origin.org_id = {{org}} and origin.id = target.origin_period_id
where {{kept}} and (p.amount <> 0 or (target.kind = 'base' and p.credit_date >= origin.start_date))
"""
"""Rows of `EarningPartView`; `{org}`, and `{which}` lines `e` and `{kept}` parts `p` are asked for."""

OF_EARNING = PARTS_SQL.replace("{which}", "e.id = {earning_id}").replace("{kept}", "true")
# Lines of everybody who was credited for it, in the same or an earlier run, and of those above them.
_TOUCHED = """exists (
  select from credit touched where touched.org_id = {org} and touched.transaction_id = {transaction_id}
    and touched.run_id <= e.run_id and touched.credit_date < e.as_of
    and (touched.seller_id = e.seller_id or exists (select from reporting_closure line where line.org_id = {org}
      and line.ancestor_id = e.seller_id and line.descendant_id = touched.seller_id)))"""
OF_TRANSACTION = PARTS_SQL.replace("{which}", _TOUCHED).replace("{kept}", "p.transaction_id = {transaction_id}")

_LINKS = {
    "earning": One("earning", "{row}.earning_id"),
    "seller": One("seller", "{row}.seller_id"),
    "transaction": One("transaction", "{row}.transaction_id"),
    "period": One("fiscal_period", "{row}.period_id"),
}

EARNING_PART = Resource(
    "earning_part",
    "earning_parts",
    EarningPartView,
    "pay:read_visible",
    "The cents of a posted line, transaction by transaction; they add up to its amount.",
    source=f"({OF_EARNING})",
    params={"earning_id": Param(UUID, "The line; without it there is nothing to list.")},
    links=_LINKS,
    filters=("transaction_id", "credit_date", "amount"),
    sorts=("credit_date", "amount"),
    sort="id",
    visible=by_pay_of_period("{row}.period_id"),
    versioned=False,
)

TRANSACTION_PAYOUT = Resource(
    "transaction_payout",
    "transaction_payouts",
    EarningPartView,
    "pay:read_visible",
    "Every cent that a transaction paid, line by line, and what was taken back.",
    source=f"({OF_TRANSACTION})",
    params={"transaction_id": Param(UUID, "The transaction; without it there is nothing to list.")},
    links=_LINKS,
    filters=("seller_id", "period_id", "amount"),
    sorts=("amount",),
    sort="id",
    visible=by_pay_of_period("{row}.period_id"),
    versioned=False,
)
