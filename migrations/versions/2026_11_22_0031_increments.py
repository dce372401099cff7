"""Compensation: runs that take over what an earlier one credited.

Revision ID: 2026_11_22_0031
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0031"
down_revision = "2026_11_22_0030"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table compensation_run add column extent text check (extent in ('full', 'incremental'))",
]

DOWN: list[str] = ["alter table compensation_run drop column extent"]


def upgrade() -> None:
    """Apply `UP`."""
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Apply `DOWN`."""
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
