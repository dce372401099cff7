"""Compensation: draws, holdbacks, clawbacks and the ledger they stand in.

Revision ID: 2026_11_22_0029
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0029"
down_revision = "2026_11_22_0028"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
