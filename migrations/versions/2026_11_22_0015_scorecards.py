"""Accounts: scorecards and what accounts score on them.

Revision ID: 2026_11_22_0015
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0015"
down_revision = "2026_11_22_0014"
branch_labels = None
depends_on = None

UP: list[str] = [
    "set local lock_timeout = '5s'",
    """
    create table scorecard (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      code text not null check (code <> ''),
      name text not null check (name <> ''),
      scorecard_version int not null check (scorecard_version >= 1),
      state text not null check (state in ('draft', 'published', 'retired')),
      criteria jsonb not null,
      classes jsonb not null,
      scored_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, code, scorecard_version)
    )
    """,
    """
    create table account_score (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      scorecard_id uuid not null,
      account_id uuid not null,
      score numeric(9,6) check (score between 0 and 100),
      account_class text check (account_class in ('A', 'B', 'C', 'D')),
      contributions jsonb not null,
      primary key (org_id, id),
      unique (org_id, scorecard_id, account_id),
      foreign key (org_id, scorecard_id) references scorecard,
      foreign key (org_id, account_id) references account
    )
    """,
    "create index account_score_account on account_score (org_id, account_id)",
    "select versioned_table('scorecard')",
    "select tenant_table('scorecard')",
    "select tenant_table('account_score')",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop table account_score",
    "drop table scorecard",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
