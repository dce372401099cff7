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
      unique (org_id, account_id, scorecard_id),
      foreign key (org_id, scorecard_id) references scorecard,
      foreign key (org_id, account_id) references account on delete cascade
    )
    """,
    # Scores are sorted within a scorecard. Each index more makes scoring all accounts slower.
    "create index account_score_score on account_score (org_id, scorecard_id, score, id)",
    *[f"create index scorecard_{column} on scorecard (org_id, {column}, id)" for column in ("name", "created_at")],
    """
    create table account_rating (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      account_id uuid not null,
      criterion text not null check (criterion <> ''),
      rating int not null check (rating between 1 and 5),
      comment text,
      rated_at timestamptz not null,
      actor_id uuid not null,
      actor_name text not null,
      primary key (org_id, id),
      foreign key (org_id, account_id) references account on delete cascade
    )
    """,
    "create index account_rating_account on account_rating (org_id, account_id, criterion)",
    "alter table prioritisation add column target_mix jsonb",
    """
    create table quadrant_snapshot (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      name text not null check (name <> ''),
      taken_on date not null,
      taken_at timestamptz not null,
      potential_threshold numeric(18,4) not null check (potential_threshold >= 0),
      win_probability_threshold numeric(9,6) not null check (win_probability_threshold between 0 and 1),
      currency char(3) not null,
      account_count int not null check (account_count >= 0),
      unsorted_count int not null check (unsorted_count >= 0),
      primary key (org_id, id)
    )
    """,
    "create index quadrant_snapshot_taken_on on quadrant_snapshot (org_id, taken_on, id)",
    """
    create table quadrant_placement (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      snapshot_id uuid not null,
      account_id uuid not null,
      quadrant text not null check (quadrant in ('priority', 'big_bet', 'quick_win', 'deprioritised')),
      potential numeric(18,4) not null check (potential >= 0),
      win_probability numeric(9,6) not null check (win_probability between 0 and 1),
      primary key (org_id, id),
      unique (org_id, snapshot_id, account_id),
      foreign key (org_id, snapshot_id) references quadrant_snapshot,
      foreign key (org_id, account_id) references account on delete cascade
    )
    """,
    "create index quadrant_placement_account on quadrant_placement (org_id, account_id)",
    "select versioned_table('scorecard')",
    "select tenant_table('scorecard')",
    "select tenant_table('account_score')",
    # What people said is only added to; it goes with its account.
    "select tenant_table('account_rating', 'select, insert')",
    "select tenant_table('quadrant_snapshot', 'select, insert')",
    "select tenant_table('quadrant_placement', 'select, insert')",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop table quadrant_placement",
    "drop table quadrant_snapshot",
    "alter table prioritisation drop column target_mix",
    "drop table account_rating",
    "drop table account_score",
    "drop table scorecard",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
