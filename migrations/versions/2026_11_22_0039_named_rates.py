"""Exchange rates have names, and a plan says by which of them its amounts are converted.

Revision ID: 2026_11_22_0039
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0039"
down_revision = "2026_11_22_0038"
branch_labels = None
depends_on = None

_RATES = "{name} text not null default 'SPOT' check ({name} ~ '^[A-Z][A-Z0-9_]{{0,19}}$')"

UP: list[str] = [
    "set local lock_timeout = '5s'",
    f"alter table fx_rate add column {_RATES.format(name='name')}, drop constraint fx_rate_one_a_day",
    "alter table fx_rate add constraint fx_rate_one_a_day"
    " unique (org_id, name, from_currency, to_currency, valid without overlaps)",
    f"alter table compensation_plan add column {_RATES.format(name='exchange_rates')}",
    f"alter table credit add column {_RATES.format(name='exchange_rates')}, drop constraint credit_once",
    """
    alter table credit add constraint credit_once unique nulls not distinct
      (org_id, run_id, transaction_id, source_id, rule_id, split_ordinal, seller_id, currency, exchange_rates)
    """,
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table credit disable trigger append_only",
    "delete from credit where exchange_rates <> 'SPOT'",
    "alter table credit enable trigger append_only",
    "alter table credit drop constraint credit_once, drop column exchange_rates",
    """
    alter table credit add constraint credit_once unique nulls not distinct
      (org_id, run_id, transaction_id, source_id, rule_id, split_ordinal, seller_id, currency)
    """,
    "alter table compensation_plan drop column exchange_rates",
    "delete from fx_rate where name <> 'SPOT'",
    "alter table fx_rate drop constraint fx_rate_one_a_day, drop column name",
    "alter table fx_rate add constraint fx_rate_one_a_day"
    " unique (org_id, from_currency, to_currency, valid without overlaps)",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
