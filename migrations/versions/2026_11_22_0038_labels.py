"""Transactions have labels, words of the organisation that plans tell them apart by.

Revision ID: 2026_11_22_0038
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0038"
down_revision = "2026_11_22_0037"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table transaction add column labels text[] not null default '{}' check (cardinality(labels) <= 20)",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table transaction drop column labels",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
