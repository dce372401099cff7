"""Accounts: activities, leads, saved searches and their watches.

Revision ID: 2026_11_22_0017
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0017"
down_revision = "2026_11_22_0016"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    """
    create table activity (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      account_id uuid not null,
      seller_id uuid not null,
      opportunity_id uuid,
      kind text not null check (kind in ('visit', 'call', 'video', 'email', 'meeting')),
      state text not null check (state in ('planned', 'done', 'cancelled')),
      planned_on date,
      done_on date check ((done_on is not null) = (state = 'done')),
      duration_minutes int check (duration_minutes between 0 and 100000),
      distance_km numeric(12,3) check (distance_km >= 0),
      subject text,
      outcome text,
      notes text,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, account_id) references account,
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, opportunity_id) references opportunity
    )
    """,
    "create index activity_account_done on activity (org_id, account_id, done_on)",
    "create index activity_seller on activity (org_id, seller_id, done_on)",
    "create index activity_opportunity on activity (org_id, opportunity_id)",
    "select versioned_table('activity')",
    "select tenant_table('activity')",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop table activity",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
