"""Compensation: what a simulated cost is made of, and when it is paid.

Revision ID: 2026_11_22_0041
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0041"
down_revision = "2026_11_22_0040"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    """
    alter table plan_simulation
      add paid_every text check (paid_every in ('month', 'quarter', 'half', 'year')),
      add periods jsonb not null default '[]'
    """,
    "alter table simulated_pay add before_parts jsonb, add after_parts jsonb",
]

DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table simulated_pay drop before_parts, drop after_parts",
    "alter table plan_simulation drop paid_every, drop periods",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
