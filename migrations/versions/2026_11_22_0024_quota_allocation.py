"""Quotas: how figures were found, commitments from below, fairness.

Revision ID: 2026_11_22_0024
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0024"
down_revision = "2026_11_22_0023"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    """
    alter table allocation
      add replaces_id uuid,
      add terms jsonb not null default '{}' check (jsonb_typeof(terms) = 'object'),
      add foreign key (org_id, replaces_id) references allocation
    """,
    "create index allocation_replaces_id on allocation (org_id, replaces_id, id)",
    """
    create table commitment (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      seller_id uuid not null,
      period_id uuid not null,
      measure text not null check (measure in ('revenue', 'margin', 'bookings', 'units', 'activity')),
      scope text not null check (scope in ('own', 'team')),
      amount numeric(18,4) not null check (amount >= 0),
      currency char(3) not null check ((currency = 'XXX') = (measure in ('units', 'activity'))),
      comment text,
      adjusted numeric(18,4) check (adjusted >= 0),
      adjusted_by uuid,
      adjusted_at timestamptz,
      adjustment_comment text,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, seller_id, period_id, measure, scope),
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, period_id) references fiscal_period
    )
    """,
    *[
        f"create index commitment_{column} on commitment (org_id, {column}, id)"
        for column in ("seller_id", "period_id", "adjusted_by", "amount", "created_at", "updated_at")
    ],
    # What the latest simulation of an allocation found; it can be drawn again from its seed.
    """
    create table attainment_chance (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      quota_id uuid not null,
      seller_id uuid not null,
      allocation_id uuid not null,
      seed int not null check (seed >= 0),
      draws int not null check (draws > 0),
      months int not null check (months > 0),
      quota numeric(18,4) not null check (quota >= 0),
      probability numeric(9,6) not null check (probability between 0 and 1),
      low numeric(18,4) not null,
      middle numeric(18,4) not null,
      high numeric(18,4) not null,
      currency char(3) not null,
      simulated_at timestamptz not null,
      primary key (org_id, id),
      unique (org_id, quota_id),
      foreign key (org_id, quota_id) references quota,
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, allocation_id) references allocation
    )
    """,
    *[
        f"create index attainment_chance_{column} on attainment_chance (org_id, {column}, id)"
        for column in ("seller_id", "allocation_id", "probability")
    ],
    "select tenant_table('attainment_chance')",
    "select tenant_table('commitment')",
    "select versioned_table('commitment')",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop table attainment_chance",
    "drop table commitment",
    "alter table allocation drop column terms, drop column replaces_id",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
