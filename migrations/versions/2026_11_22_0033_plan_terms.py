"""Compensation: constants, eligibility and pay mix of plans, the discount of transactions.

Revision ID: 2026_11_22_0033
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0033"
down_revision = "2026_11_22_0032"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table transaction add column discount numeric(9,6) check (discount between 0 and 1)",
    """
    alter table compensation_plan add column constants jsonb not null default '[]', add column eligibility jsonb,
      add column pay_mix jsonb, add column in_words jsonb not null default '[]'
    """,
    "alter table plan_participant add column base_salary numeric(18,4) check (base_salary >= 0)",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table plan_participant drop column base_salary",
    "alter table compensation_plan drop column constants, drop column eligibility, drop column pay_mix,"
    " drop column in_words",
    "alter table transaction drop column discount",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
