"""Territories: design scenarios and their results.

Revision ID: 2026_11_22_0020
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0020"
down_revision = "2026_11_22_0019"
branch_labels = None
depends_on = None

TABLES = ("territory_scenario", "scenario_result", "scenario_territory", "scenario_placement")

UP: list[str] = [
    "set local lock_timeout = '5s'",
    """
    create table territory_scenario (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      name text not null check (name <> ''),
      model_id uuid not null,
      as_of date not null,
      method text not null check (method in ('rebalance', 'create')),
      territory_count int check (territory_count >= 1),
      include_unplaced boolean not null,
      measures jsonb not null check (jsonb_array_length(measures) >= 1),
      targets jsonb not null,
      locks jsonb not null,
      keep_pins boolean not null,
      keep_families boolean not null,
      keep_together jsonb not null,
      skills jsonb not null,
      max_accounts int check (max_accounts >= 1),
      contiguity text not null check (contiguity in ('none', 'soft', 'hard')),
      stake text not null check (stake in ('won_revenue', 'potential', 'accounts')),
      disruption numeric(18,4) check (disruption >= 0),
      match_sellers boolean not null,
      seed int not null check (seed >= 0),
      iterations int not null check (iterations >= 1),
      deadline_seconds int not null check (deadline_seconds >= 1),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, model_id) references territory_model,
      constraint territory_scenario_counts_new check ((method = 'create') = (territory_count is not null))
    )
    """,
    "create index territory_scenario_model on territory_scenario (org_id, model_id, id)",
    "create index territory_scenario_name on territory_scenario (org_id, name, id)",
    "create index territory_scenario_created on territory_scenario (org_id, created_at, id)",
    # A result keeps the terms it was found for, and what each account weighed: it says the same when either changes.
    """
    create table scenario_result (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      scenario_id uuid not null,
      job_id uuid not null,
      model_id uuid not null,
      point int not null check (point >= 0),
      terms jsonb not null,
      measures jsonb not null,
      currency char(3) not null,
      account_count int not null check (account_count >= 0),
      territory_count int not null check (territory_count >= 0),
      moved_accounts int not null check (moved_accounts >= 0),
      stake numeric(18,4) not null check (stake >= 0),
      moved_stake numeric(18,4) not null check (moved_stake >= 0),
      disruption numeric(18,4) not null check (disruption >= 0),
      must_move numeric(18,4) check (must_move >= 0),
      travel numeric(18,4) not null check (travel >= 0),
      travel_today numeric(18,4) check (travel_today >= 0),
      touring numeric(18,4) not null check (touring >= 0),
      pieces int not null check (pieces >= 0),
      feasible boolean not null,
      stopped text not null check (stopped in ('done', 'iterations', 'deadline', 'cancelled')),
      digest text not null,
      seconds numeric(18,4) not null check (seconds >= 0),
      engine text not null,
      notes jsonb not null,
      created_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, job_id, point),
      foreign key (org_id, scenario_id) references territory_scenario,
      foreign key (org_id, model_id) references territory_model,
      foreign key (org_id, job_id) references job
    )
    """,
    "create index scenario_result_scenario on scenario_result (org_id, scenario_id, id)",
    "create index scenario_result_model on scenario_result (org_id, model_id, id)",
    "create index scenario_result_moved_stake on scenario_result (org_id, moved_stake, id)",
    "create index scenario_result_travel on scenario_result (org_id, travel, id)",
    "create index scenario_result_created on scenario_result (org_id, created_at, id)",
    """
    create table scenario_territory (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      result_id uuid not null,
      code text not null check (code <> ''),
      succeeds text,
      account_count int not null check (account_count >= 0),
      x numeric(12,4) not null,
      y numeric(12,4) not null,
      latitude numeric(9,6),
      longitude numeric(9,6),
      measures jsonb not null,
      travel numeric(18,4) not null,
      touring numeric(18,4) not null,
      pieces int not null check (pieces >= 0),
      seller_id uuid,
      seller_match jsonb,
      lacks int[] not null,
      primary key (org_id, id),
      unique (org_id, result_id, code),
      foreign key (org_id, result_id) references scenario_result on delete cascade,
      foreign key (org_id, seller_id) references seller
    )
    """,
    "create index scenario_territory_seller on scenario_territory (org_id, seller_id, id)",
    "create index scenario_territory_code on scenario_territory (org_id, code, id)",
    """
    create table scenario_placement (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      result_id uuid not null,
      account_id uuid not null,
      territory_code text not null,
      from_code text,
      moved boolean not null,
      locked boolean not null,
      family int,
      x numeric(12,4) not null,
      y numeric(12,4) not null,
      visits numeric(18,4) not null check (visits >= 0),
      stake numeric(18,4) not null check (stake >= 0),
      loads numeric(18,4)[] not null,
      needs int[] not null,
      reason text not null,
      keeping_cost numeric(18,4),
      keeping_deviation numeric(9,6),
      alternative_code text,
      alternative_cost numeric(18,4),
      primary key (org_id, id),
      unique (org_id, result_id, account_id),
      foreign key (org_id, result_id, territory_code) references scenario_territory (org_id, result_id, code)
        on delete cascade,
      foreign key (org_id, account_id) references account
    )
    """,
    "create index scenario_placement_territory on scenario_placement (org_id, result_id, territory_code, id)",
    "create index scenario_placement_account on scenario_placement (org_id, account_id, id)",
    "create index scenario_placement_moved on scenario_placement (org_id, result_id, moved, id)",
    "create index scenario_placement_stake on scenario_placement (org_id, result_id, stake, id)",
    *[f"select tenant_table('{name}')" for name in TABLES],
    "select versioned_table('territory_scenario')",
    # What a design placed stays where it is when rules are applied, as a pin does.
    "alter table territory_membership drop constraint territory_membership_source_check",
    "alter table territory_membership add constraint territory_membership_source_check"
    " check (source in ('rule', 'pin', 'design'))",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "delete from territory_membership where source = 'design'",
    "alter table territory_membership drop constraint territory_membership_source_check",
    "alter table territory_membership add constraint territory_membership_source_check"
    " check (source in ('rule', 'pin'))",
    *[f"drop table {name}" for name in reversed(TABLES)],
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
