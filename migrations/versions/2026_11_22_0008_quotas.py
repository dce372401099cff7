"""Quotas: allocations, quotas, their months and revisions.

Revision ID: 2026_11_22_0008
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0008"
down_revision = "2026_11_22_0007"
branch_labels = None
depends_on = None

TABLES = ("allocation", "quota", "quota_month", "quota_revision")
MEASURES = "('revenue', 'margin', 'bookings', 'units', 'activity')"

UP = [
    "set local lock_timeout = '5s'",
    f"""
    create table allocation (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      period_id uuid not null,
      measure text not null check (measure in {MEASURES}),
      method text not null check (method in ('equal', 'history', 'potential', 'blend')),
      seasonality text not null check (seasonality in ('even', 'history', 'given')),
      team text,
      manager_id uuid,
      total numeric(18,4) not null check (total > 0),
      assigned numeric(18,4) not null check (assigned >= 0),
      currency char(3) not null,
      over_assignment numeric(9,6) not null check (over_assignment >= 0),
      blend jsonb,
      history jsonb not null check (jsonb_typeof(history) = 'array'),
      growth_cap numeric(9,6) check (growth_cap >= 0),
      floor numeric(18,4) check (floor >= 0),
      seller_count int not null check (seller_count > 0),
      proof jsonb not null check (jsonb_typeof(proof) = 'object'),
      created_by uuid not null,
      created_at timestamptz not null,
      primary key (org_id, id),
      foreign key (org_id, period_id) references fiscal_period,
      foreign key (org_id, manager_id) references seller
    )
    """,
    *[
        f"create index allocation_{column} on allocation (org_id, {column}, id)"
        for column in ("period_id", "manager_id", "created_by", "created_at", "total")
    ],
    # `valid` is the date range of the period, so that a year's quota and a quarter's do not count twice.
    f"""
    create table quota (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      seller_id uuid not null,
      territory_id uuid,
      measure text not null check (measure in {MEASURES}),
      period_id uuid not null,
      valid daterange not null check (not isempty(valid)),
      amount numeric(18,4) not null check (amount >= 0),
      counter_amount numeric(18,4) check (counter_amount >= 0),
      currency char(3) not null check ((currency = 'XXX') = (measure in ('units', 'activity'))),
      allocation_id uuid,
      state text not null check (state in
        ('draft', 'proposed', 'disputed', 'under_investigation', 'accepted', 'locked', 'cancelled')),
      proposed_by uuid,
      proposed_at timestamptz,
      accepted_by uuid,
      accepted_at timestamptz,
      disputed_by uuid,
      disputed_at timestamptz,
      locked_by uuid,
      locked_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, territory_id) references territory,
      foreign key (org_id, period_id) references fiscal_period,
      foreign key (org_id, allocation_id) references allocation,
      constraint quota_one_live exclude using gist
        (org_id with =, seller_id with =, measure with =, coalesce(territory_id, seller_id) with =, valid with &&)
        where (state <> 'cancelled')
    )
    """,
    *[
        f"create index quota_{column} on quota (org_id, {column}, id)"
        for column in (
            "seller_id",
            "territory_id",
            "period_id",
            "allocation_id",
            "state",
            "amount",
            "created_at",
            "updated_at",
        )
    ],
    """
    create table quota_month (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      quota_id uuid not null,
      period_id uuid not null,
      starts_on date not null,
      amount numeric(18,4) not null check (amount >= 0),
      currency char(3) not null,
      primary key (org_id, id),
      unique (org_id, quota_id, period_id),
      foreign key (org_id, quota_id) references quota,
      foreign key (org_id, period_id) references fiscal_period
    )
    """,
    "create index quota_month_quota on quota_month (org_id, quota_id, starts_on, id)",
    "create index quota_month_period on quota_month (org_id, period_id)",
    """
    create table quota_revision (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      quota_id uuid not null,
      action text not null check (action in ('create', 'allocate', 'update', 'revise', 'amend')),
      amount_before numeric(18,4),
      amount_after numeric(18,4) not null,
      currency char(3) not null,
      comment text,
      actor_id uuid not null,
      actor_name text not null,
      occurred_at timestamptz not null,
      primary key (org_id, id),
      foreign key (org_id, quota_id) references quota
    )
    """,
    "create index quota_revision_quota on quota_revision (org_id, quota_id, occurred_at, id)",
    *[f"select tenant_table('{name}')" for name in ("quota", "quota_month")],
    *[f"select tenant_table('{name}', 'select, insert')" for name in ("allocation", "quota_revision")],
    "select versioned_table('quota')",
    *[f"select append_only_table('{name}')" for name in ("allocation", "quota_revision")],
]

DOWN = ["set local lock_timeout = '5s'", *[f"drop table {name}" for name in reversed(TABLES)]]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
