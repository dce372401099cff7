"""Accounts: activities, leads, saved searches and their watches.

Revision ID: 2026_11_22_0017
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0017"
down_revision = "2026_11_22_0016"
branch_labels = None
depends_on = None

VERSIONED = ("activity", "lead", "saved_search")
TABLES = (*VERSIONED, "search_sighting", "search_change")

UP: list[str] = [
    "set local lock_timeout = '5s'",
    """
    create table activity (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      account_id uuid not null,
      seller_id uuid not null,
      contact_id uuid,
      opportunity_id uuid,
      kind text not null check (kind in ('visit', 'call', 'video', 'email', 'meeting')),
      state text not null check (state in ('planned', 'done', 'cancelled')),
      planned_on date,
      done_on date check (done_on is null or state = 'done'),
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
      foreign key (org_id, contact_id) references contact,
      foreign key (org_id, opportunity_id) references opportunity
    )
    """,
    "create index activity_contact on activity (org_id, contact_id, done_on)",
    "create index activity_account_done on activity (org_id, account_id, done_on) include (kind, state)",
    "create index activity_seller on activity (org_id, seller_id, done_on)",
    "create index activity_opportunity on activity (org_id, opportunity_id)",
    "create index activity_planned on activity (org_id, planned_on, id)",
    "create index activity_done on activity (org_id, done_on, id)",
    "create index activity_created on activity (org_id, created_at, id)",
    """
    create table lead (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      name text not null check (name <> ''),
      company text,
      email text,
      city text,
      country char(2),
      job_function text,
      industry text,
      employees int check (employees >= 0),
      source text,
      score int check (score between 0 and 100),
      owner_id uuid,
      state text not null check (state in ('new', 'qualified', 'converted', 'disqualified')),
      disqualified_for text
        check (disqualified_for in ('no_need', 'no_budget', 'no_fit', 'unreachable', 'duplicate', 'other')),
      account_id uuid,
      opportunity_id uuid,
      converted_by uuid,
      converted_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, owner_id) references seller,
      foreign key (org_id, account_id) references account,
      foreign key (org_id, opportunity_id) references opportunity,
      constraint lead_made_by_conversion check (state = 'converted' or account_id is null and opportunity_id is null)
    )
    """,
    *[
        f"create index lead_{column} on lead (org_id, {column}, id)"
        for column in ("name", "score", "owner_id", "account_id", "opportunity_id", "created_at")
    ],
    """
    create table saved_search (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      principal_id uuid not null,
      name text not null check (name <> ''),
      target text not null check (target in ('lead', 'account')),
      criteria jsonb not null,
      watched boolean not null,
      checked_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, principal_id) references principal
    )
    """,
    "create index saved_search_principal on saved_search (org_id, principal_id, id)",
    "create index saved_search_name on saved_search (org_id, name, id)",
    # What a watch saw last: one row per match, forgotten when it is gone.
    """
    create table search_sighting (
      org_id uuid not null,
      saved_search_id uuid not null,
      subject_id uuid not null,
      name text not null,
      facts jsonb not null,
      primary key (org_id, saved_search_id, subject_id),
      foreign key (org_id, saved_search_id) references saved_search
    )
    """,
    """
    create table search_change (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      saved_search_id uuid not null,
      subject_id uuid not null,
      subject_name text not null,
      kind text not null check (kind in ('appeared', 'disappeared', 'changed')),
      fields jsonb not null,
      found_at timestamptz not null,
      primary key (org_id, id),
      foreign key (org_id, saved_search_id) references saved_search
    )
    """,
    "create index search_change_search on search_change (org_id, saved_search_id, id)",
    "create index search_change_found on search_change (org_id, found_at, id)",
    *[f"select versioned_table('{name}')" for name in VERSIONED],
    *[f"select tenant_table('{name}')" for name in TABLES],
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    *[f"drop table {name}" for name in reversed(TABLES)],
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
