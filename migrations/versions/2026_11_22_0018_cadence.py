"""Territories: how often accounts are to be touched.

Revision ID: 2026_11_22_0018
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0018"
down_revision = "2026_11_22_0017"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table territory add column coverage_mode text not null default 'field'"
    " check (coverage_mode in ('field', 'remote', 'hybrid'))",
    """
    create table cadence_policy (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      name text not null check (name <> ''),
      account_class text check (account_class in ('A', 'B', 'C', 'D')),
      coverage_mode text check (coverage_mode in ('field', 'remote', 'hybrid')),
      territory_id uuid,
      interval_days int not null check (interval_days between 1 and 1830),
      window_days int not null check (window_days between 0 and 915),
      check (2 * window_days < interval_days),
      channel_mix jsonb not null,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique nulls not distinct (org_id, territory_id, account_class, coverage_mode),
      foreign key (org_id, territory_id) references territory
    )
    """,
    "create index cadence_policy_territory on cadence_policy (org_id, territory_id)",
    "create index cadence_policy_name on cadence_policy (org_id, name, id)",
    "select versioned_table('cadence_policy')",
    "select tenant_table('cadence_policy')",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop table cadence_policy",
    "alter table territory drop column coverage_mode",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
