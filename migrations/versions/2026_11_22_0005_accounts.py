"""Accounts: the hierarchy, prioritisation, opportunities and the history of their stages.

Revision ID: 2026_11_22_0005
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0005"
down_revision = "2026_11_22_0004"
branch_labels = None
depends_on = None

VERSIONED = ("account", "prioritisation", "opportunity")
STAGES = "('prospecting', 'engaging', 'proposal', 'won', 'lost')"

UP = [
    "set local lock_timeout = '5s'",
    """
    create table account (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      name text not null check (name <> ''),
      parent_id uuid check (parent_id <> id),
      industry text,
      country char(2),
      city text,
      latitude numeric(9,6) check (latitude between -90 and 90),
      longitude numeric(9,6) check (longitude between -180 and 180),
      employees int check (employees >= 0),
      annual_revenue numeric(18,4) check (annual_revenue >= 0),
      potential numeric(18,4) check (potential >= 0),
      win_probability numeric(9,6) check (win_probability between 0 and 1),
      expected_value numeric(18,4) generated always as (round(potential * win_probability, 4)) stored,
      currency char(3) not null,
      owner_id uuid,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, parent_id) references account,
      foreign key (org_id, owner_id) references seller
    )
    """,
    *[
        f"create index account_{column} on account (org_id, {column}, id)"
        for column in (
            "name",
            "parent_id",
            "owner_id",
            "industry",
            "country",
            "potential",
            "expected_value",
            "created_at",
        )
    ],
    """
    create table prioritisation (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      basis text not null check (basis in ('median', 'fixed')),
      potential_threshold numeric(18,4) not null check (potential_threshold >= 0),
      win_probability_threshold numeric(9,6) not null check (win_probability_threshold between 0 and 1),
      currency char(3) not null,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      constraint prioritisation_one unique (org_id)
    )
    """,
    f"""
    create table opportunity (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      name text not null check (name <> ''),
      account_id uuid,
      seller_id uuid not null,
      product_id uuid,
      stage text not null check (stage in {STAGES}),
      amount numeric(18,4) check (amount >= 0),
      currency char(3) not null,
      opened_on date,
      expected_close_on date,
      closed_on date check (closed_on >= opened_on),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, account_id) references account,
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, product_id) references product,
      constraint opportunity_closed_has_day check ((stage in ('won', 'lost')) = (closed_on is not null)),
      constraint opportunity_won_has_amount check (stage <> 'won' or amount is not null)
    )
    """,
    *[
        f"create index opportunity_{column} on opportunity (org_id, {column}, id)"
        for column in (
            "name",
            "account_id",
            "seller_id",
            "product_id",
            "stage",
            "amount",
            "opened_on",
            "expected_close_on",
            "closed_on",
            "created_at",
        )
    ],
    f"""
    create table opportunity_stage_change (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      opportunity_id uuid not null,
      from_stage text check (from_stage in {STAGES}),
      to_stage text not null check (to_stage in {STAGES}),
      amount numeric(18,4),
      currency char(3) not null,
      comment text,
      actor_id uuid not null,
      actor_name text not null,
      occurred_at timestamptz not null,
      primary key (org_id, id),
      foreign key (org_id, opportunity_id) references opportunity
    )
    """,
    "create index opportunity_stage_change_opportunity on opportunity_stage_change (org_id, opportunity_id, id)",
    *[f"select tenant_table('{name}')" for name in VERSIONED],
    "select tenant_table('opportunity_stage_change', 'select, insert')",
    *[f"select versioned_table('{name}')" for name in VERSIONED],
    "select append_only_table('opportunity_stage_change')",
]

DOWN = [
    "set local lock_timeout = '5s'",
    *[f"drop table {name}" for name in ("opportunity_stage_change", "opportunity", "prioritisation", "account")],
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
