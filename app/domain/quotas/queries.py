"""What other contexts ask of quotas, in SQL.

The texts have the placeholders that their docstrings name; `{org}` is always the organisation's id.
"""

_PROMISED = """
select quota.id as quota_id, quota.seller_id, quota.territory_id, quota.measure, quota.currency,
       month.code as period_code, month.start_date, month.end_date, part.accepted_amount as amount
from quota
join quota_month part on part.org_id = quota.org_id and part.quota_id = quota.id
join fiscal_period month on month.org_id = part.org_id and month.id = part.period_id
where quota.org_id = {org} and quota.state <> 'cancelled'
  and part.accepted_amount is not null and month.fiscal_year = {fiscal_year}
"""

QUOTA_MONTHS_SQL = f"{_PROMISED} and quota.measure = 'revenue'"
"""Rows (quota_id, seller_id, territory_id, measure, currency, period_code, start_date, end_date, amount): what the
revenue quotas in force put into each month of `{fiscal_year}`. In force is what the seller accepted last, also while it
is asked for another amount."""

QUOTA_SQL = f"""
select promised.seller_id, promised.period_code, sum(promised.amount) as amount
from ({QUOTA_MONTHS_SQL}) promised
where promised.currency = {{currency}}
group by promised.seller_id, promised.period_code
"""
"""Rows (seller_id, period_code, amount) of `QUOTA_MONTHS_SQL` in `{currency}`. Quotas of a seller for several
territories are added up."""

QUOTA_OF_MEASURES_SQL = f"""
select promised.seller_id, promised.measure, promised.currency, promised.period_code, sum(promised.amount) as amount
from ({_PROMISED}) promised
group by promised.seller_id, promised.measure, promised.currency, promised.period_code
"""
"""Rows (seller_id, measure, currency, period_code, amount): as `QUOTA_SQL`, of every measure and currency. Numbers have
the currency XXX."""
