"""Lines of statements with everything they are made of, read in one statement of SQL."""

from __future__ import annotations

from app.domain.compensation.contract.explanations import EarningExplanationView
from app.domain.compensation.resources.parts import PARTS_SQL
from app.domain.compensation.resources.runs import CREDITS_OF_EARNING, EARNING
from app.domain.kernel.resource import LinkFrom, Many, One, Param, Resource

_WINDOW_END = """({row}.window_start + make_interval(months => case c.terms -> 'window' ->> 'over'
  when 'month' then 1 when 'quarter' then 3 when 'half_year' then 6 when 'year' then 12
  else coalesce(cast(c.terms -> 'window' ->> 'months' as int), 12) end))"""
_QUOTAS = f"""(select coalesce(jsonb_agg(jsonb_build_object('quota_id', held.id, 'measure', held.measure,
    'in_window', decimal_text(held.in_window), 'to_date', decimal_text(held.to_date)) order by held.id), '[]')
  from (
    select quota.id, quota.measure, sum(part.accepted_amount) as in_window,
           coalesce(sum(part.accepted_amount) filter (where month.start_date < {{row}}.as_of), 0) as to_date
    from compensation_component c
    join quota on quota.org_id = c.org_id and quota.seller_id = {{row}}.seller_id
     and quota.measure = c.terms -> 'measure' ->> 'of' and quota.currency in ({{row}}.currency, 'XXX')
     and quota.state <> 'cancelled'
    join quota_month part on part.org_id = quota.org_id and part.quota_id = quota.id
     and part.accepted_amount is not null
    join fiscal_period month on month.org_id = part.org_id and month.id = part.period_id
     and month.start_date >= {{row}}.window_start and month.start_date < {_WINDOW_END}
    where c.org_id = {{org}} and c.id = {{row}}.component_id and c.terms -> 'window' ->> 'quota' is not null
    group by quota.id, quota.measure
  ) held)"""
# What made the rule name the seller on the day: the assignment in force then.
_ASSIGNED = """
  select territory.name, a.share, a.effective_from, a.effective_to from territory
  left join territory_assignment a on a.org_id = territory.org_id and a.territory_id = territory.id
   and a.seller_id = k.seller_id and a.state in ('accepted', 'ended') and a.valid @> k.credit_date
  where k.rule = 'territory_coverage' and territory.org_id = {org} and territory.id = k.source_id
  union all
  select bought.name, null, o.effective_from, o.effective_to from account bought
  left join account_ownership o on o.org_id = bought.org_id and o.account_id = bought.id and o.valid @> k.credit_date
  where k.rule = 'account_owner' and bought.org_id = {org} and bought.id = k.source_id
  union all
  select coalesce(at.name, below.name, sold.name, o.product_family), o.share, o.effective_from, o.effective_to
  from overlay_assignment o
  left join account at on at.org_id = o.org_id and at.id = o.account_id
  left join territory below on below.org_id = o.org_id and below.id = o.territory_id
  left join product sold on sold.org_id = o.org_id and sold.id = o.product_id
  where k.rule in ('named_overlay', 'product_specialist') and o.org_id = {org} and o.id = k.source_id
  union all
  select m.reason, s.cum_hi - s.cum_lo, null, null from manual_credit m
  join manual_credit_split s on s.org_id = m.org_id and s.credit_id = m.id and s.ordinal = k.split_ordinal
  where k.rule = 'manual' and m.org_id = {org} and m.id = k.source_id
  union all
  select null, s.cum_hi - s.cum_lo, null, null from transaction_split s
  where k.rule = 'explicit_split' and s.org_id = {org} and s.transaction_id = k.transaction_id
    and s.ordinal = k.split_ordinal
"""
_CREDITS = f"""(select coalesce(jsonb_agg(jsonb_build_object('credit_id', k.id, 'seller_id', k.seller_id,
    'seller', seller.name, 'role', k.role, 'rule', k.rule, 'rule_id', k.rule_id, 'rule_name', rule.name,
    'source_id', k.source_id, 'source', assigned.name, 'share', decimal_text(assigned.share),
    'effective_from', assigned.effective_from, 'effective_to', assigned.effective_to,
    'amount', decimal_text(k.amount)) order by k.role, k.id), '[]')
  from credit k
  join seller on seller.org_id = k.org_id and seller.id = k.seller_id
  left join crediting_rule rule on rule.org_id = k.org_id and rule.id = k.rule_id
  left join lateral ({_ASSIGNED}) assigned on true
  where k.org_id = {{org}} and k.transaction_id = part.transaction_id
    and {CREDITS_OF_EARNING.replace("{other}", "k")})"""
_COMPONENT = "from compensation_component c where c.org_id = {org} and c.id = {row}.component_id"
# What was read is named and said by the component, in the order of the values.
_WORKING = """jsonb_build_object('window_start', w.worked ->> 'window_start',
    'figures', (select coalesce(jsonb_agg(read.said || jsonb_build_object(
        'value', w.worked -> 'figures' -> (cast(read.n as int) - 1)) order by read.n), '[]')
      from jsonb_array_elements(c.reads) with ordinality read (said, n)),
    'slices', w.worked -> 'slices', 'computed', w.worked -> 'computed', 'earned', w.worked -> 'earned')"""
_WORKINGS = f"""(select coalesce(jsonb_agg({_WORKING} order by w.n), '[]')
  from compensation_component c
  cross join lateral jsonb_array_elements({{row}}.workings) with ordinality w (worked, n)
  where c.org_id = {{org}} and c.id = {{row}}.component_id and w.worked ->> 'transaction_id' is null)"""
_DEAL_WORKING = f"""(select {_WORKING} from compensation_component c
  cross join lateral jsonb_array_elements({{row}}.workings) w (worked)
  where c.org_id = {{org}} and c.id = {{row}}.component_id
    and w.worked ->> 'transaction_id' = cast(part.transaction_id as text) limit 1)"""
_FORMULA = f"""(select jsonb_build_object('text', c.terms -> 'rate' -> 'formula' ->> 'text',
    'in_words', c.in_words -> 1) {_COMPONENT} and c.terms -> 'rate' -> 'formula' ->> 'text' is not null)"""
_PARTS = f"""(with part as materialized (
    select p.*, row_number() over (order by p.credit_date, p.transaction_id) as place from (
      {PARTS_SQL.replace("{which}", "e.id = {row}.id").replace("{kept}", "true")}
    ) p where p.transaction_id is not null
  )
  select jsonb_build_object(
    'deals', coalesce((select jsonb_agg(jsonb_build_object('transaction_id', t.id, 'credit_date', part.credit_date,
        'account', account.name, 'product', product.name, 'description', t.description,
        'transaction_amount', decimal_text(t.amount), 'transaction_currency', t.currency,
        'credited', decimal_text(part.credited), 'amount', decimal_text(part.amount),
        'working', {_DEAL_WORKING}, 'credits', {_CREDITS})
        order by part.place)
      from part
      join transaction t on t.org_id = {{org}} and t.id = part.transaction_id
      left join account on account.org_id = t.org_id and account.id = t.account_id
      left join product on product.org_id = t.org_id and product.id = t.product_id
      where part.place > {{skip}} and part.place <= {{skip}} + {{deals}}), '[]'),
    'count', count(*), 'amount', decimal_text(coalesce(sum(part.amount), 0)),
    'without_deal', decimal_text(coalesce({{row}}.amount, 0) - coalesce(sum(part.amount), 0)))
  from part)"""
_PLAN = "(select plan.{} from compensation_plan plan where plan.org_id = {{org}} and plan.id = {{row}}.plan_id)"

EARNING_EXPLANATION = Resource(
    "earning_explanation",
    "earning_explanations",
    EarningExplanationView,
    "pay:read_visible",
    "Posted lines as trees, under the ids of the lines: from every cent to deal, rule and assignment.",
    source="earning",
    columns={
        **EARNING.columns,
        "plan_code": _PLAN.format("code"),
        "plan_version": _PLAN.format("plan_version"),
        "formula": _FORMULA,
        "workings": _WORKINGS,
        "quotas": _QUOTAS,
        "parts": _PARTS,
    },
    params={
        "deals": Param(int, "How many deals are shown of a line.", 20),
        "skip": Param(int, "How many deals are passed over.", 0),
    },
    links={name: EARNING.links[name] for name in ("run", "origin_period", "seller", "plan")},
    filters=("run_id", "seller_id", "component_id", "origin_period_id"),
    sort="id",
    visible=EARNING.visible,
    versioned=False,
)

EXPLANATION = LinkFrom("earning", "explanation", One("earning_explanation", "{row}.id", "Everything it is made of."))
PAYOUT_EXPLANATION = LinkFrom(
    "transaction_payout", "explanation", One("earning_explanation", "{row}.earning_id", "The whole line.")
)
STATEMENT_EXPLANATIONS = LinkFrom(
    "statement",
    "explanations",
    Many(
        "earning_explanation",
        "{other}.run_id = {row}.run_id and {other}.seller_id = {row}.seller_id and {other}.currency = {row}.currency",
        "id",
        "Its lines with everything they are made of.",
    ),
)
