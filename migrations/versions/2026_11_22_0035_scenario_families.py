"""Territories: the accounts of a result that stay together are found by their family.

Revision ID: 2026_11_22_0035
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0035"
down_revision = "2026_11_22_0034"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    # What-if counts the families of the accounts that move; without it, it reads every placement of the result.
    "create index scenario_placement_family on scenario_placement (org_id, result_id, family) where family is not null",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop index scenario_placement_family",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
