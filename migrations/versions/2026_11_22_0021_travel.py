"""Territories: what covering a territory costs.

Revision ID: 2026_11_22_0021
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0021"
down_revision = "2026_11_22_0020"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    """
    create table travel_settings (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      cost_per_km numeric(18,4) not null check (cost_per_km >= 0),
      hourly_cost numeric(18,4) not null check (hourly_cost >= 0),
      currency char(3) not null,
      average_speed_kmh numeric(9,6) not null check (average_speed_kmh > 0),
      hours_per_visit numeric(9,6) not null check (hours_per_visit >= 0),
      visits_per_tour int not null check (visits_per_tour between 1 and 100),
      detour_factor numeric(9,6) not null check (detour_factor >= 1),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      constraint travel_settings_one unique (org_id)
    )
    """,
    "select versioned_table('travel_settings')",
    "select tenant_table('travel_settings')",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop table travel_settings",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
