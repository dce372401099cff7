"""What other contexts ask of quotas, in SQL.

The texts have the placeholders that their docstrings name; `{org}` is always the organisation's id.
"""

QUOTA_SQL = """
select quota.seller_id, month.code as period_code, sum(part.amount) as amount
from quota
join quota_month part on part.org_id = quota.org_id and part.quota_id = quota.id
join fiscal_period month on month.org_id = part.org_id and month.id = part.period_id
where quota.org_id = {org} and quota.state in ('accepted', 'locked') and quota.measure = 'revenue'
  and quota.currency = {currency} and month.fiscal_year = {fiscal_year}
group by quota.seller_id, month.code
"""
"""Rows (seller_id, period_code, amount): what accepted and locked revenue quotas in `{currency}` put into each month of
`{fiscal_year}`. Quotas of a seller for several territories are added up."""
