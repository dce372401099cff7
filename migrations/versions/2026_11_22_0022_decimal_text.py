"""Writing of decimals: a function that the planner can dissolve into the statement.

Revision ID: 2026_11_22_0022
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0022"
down_revision = "2026_11_22_0021"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    # Neither `strict` nor `case`: both would keep it a call of its own for every amount.
    """
    create or replace function decimal_text(value numeric) returns text language sql immutable parallel safe
    return round(value, greatest(min_scale(value), 2))::text
    """,
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    """
    create or replace function decimal_text(value numeric) returns text language sql immutable parallel safe strict
    return case when value = round(value, 2) then round(value, 2)::text else trim_scale(value)::text end
    """,
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
