"""Territories: new ones can be centred at one of their accounts.

Revision ID: 2026_11_22_0037
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0037"
down_revision = "2026_11_22_0036"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table territory_scenario add column centred_at_account boolean not null default false",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table territory_scenario drop column centred_at_account",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
