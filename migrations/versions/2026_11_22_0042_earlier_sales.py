"""Compensation: the months before the fiscal year that a run looked back at.

Revision ID: 2026_11_22_0042
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0042"
down_revision = "2026_11_22_0041"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table compensation_run add earlier_sales jsonb not null default '[]'",
]

DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table compensation_run drop earlier_sales",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
