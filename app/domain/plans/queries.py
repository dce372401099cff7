"""SQL of this context that several of its modules and the contexts above it use.

Every text has the placeholder `{org}` for the organisation's id.
"""

FIGURES_SQL = """
select held.id as plan_id, held.owner_id, held.state, held.parent_id, section.item ->> 'key' as measure,
       period.id as period_id, period.code as period_code, period.start_date, period.end_date,
       cast(figure.value ->> 'amount' as numeric) as amount, figure.value ->> 'currency' as currency
from plan held
join plan_template template on template.org_id = held.org_id and template.id = held.template_id
cross join lateral jsonb_array_elements(template.sections) section(item)
cross join lateral jsonb_each(held.sections -> (section.item ->> 'key')) figure
join fiscal_period period on period.org_id = held.org_id and period.code = figure.key
where held.org_id = {org} and section.item ->> 'type' = 'measures'
"""
"""Rows (plan_id, owner_id, state, parent_id, measure, period_id, period_code, start_date, end_date, amount, currency).

One row per figure of a section of the type measures; the periods of a plan's measure do not overlap.
"""

BALANCE_SQL = f"""
select own.plan_id, own.owner_id, own.measure, own.period_id, own.period_code, own.amount, own.currency,
       count(part.plan_id) as children,
       coalesce(sum(part.amount) filter (where part.currency = own.currency), 0) as children_amount,
       coalesce(bool_or(part.currency <> own.currency), false) as mixed
from ({FIGURES_SQL}) own
join ({FIGURES_SQL}) part on part.parent_id = own.plan_id and part.measure = own.measure
 and part.start_date >= own.start_date and part.end_date <= own.end_date
 and part.state not in ('rejected', 'archived') and not exists (
   select from plan later where later.org_id = {{org}} and later.based_on_id = part.plan_id
    and later.state <> 'rejected')
group by own.plan_id, own.owner_id, own.measure, own.period_id, own.period_code, own.amount, own.currency
"""
"""Rows (plan_id, owner_id, measure, period_id, period_code, amount, currency, children, children_amount, mixed).

A figure of a plan beside the sum of the plans below it within the same period, where there are any. Those rejected, put
aside or revised since are not summed. `mixed`: some are in another currency, and not summed.
"""

SHARED_TYPES = ("text", "table", "actions")
"""Types of sections that the library shows; amounts, accounts, contacts and whitespace stay with who sees the plan."""
