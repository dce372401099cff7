"""Organisation: sellers, dated positions, the reporting line, fiscal calendar, exchange rates.

Revision ID: 2026_11_22_0003
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0003"
down_revision = "2026_11_22_0002"
branch_labels = None
depends_on = None

TABLES = ("seller", "position", "reporting_closure", "fiscal_period", "fx_rate")

UP = [
    "set local lock_timeout = '5s'",
    """
    create table seller (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      name text not null check (name <> ''),
      email text,
      employee_number text,
      hired_on date not null,
      left_on date check (left_on > hired_on),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, employee_number),
      unique (org_id, email)
    )
    """,
    "create index seller_name on seller (org_id, name, id)",
    "alter table principal add foreign key (org_id, seller_id) references seller",
    """
    create table position (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      seller_id uuid not null,
      job_role text not null,
      team text not null,
      manager_id uuid check (manager_id <> seller_id),
      effective_from date not null,
      effective_to date,
      valid daterange not null generated always as (daterange(effective_from, effective_to)) stored
        check (not isempty(valid)),
      primary key (org_id, id),
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, manager_id) references seller,
      constraint position_one_at_a_time unique (org_id, seller_id, valid without overlaps)
    )
    """,
    "create index position_manager on position (org_id, manager_id)",
    """
    create table reporting_closure (
      org_id uuid not null,
      ancestor_id uuid not null,
      descendant_id uuid not null,
      depth int not null,
      valid_from date not null,
      valid_to date not null,
      primary key (org_id, ancestor_id, descendant_id, valid_from),
      foreign key (org_id, ancestor_id) references seller,
      foreign key (org_id, descendant_id) references seller
    )
    """,
    "create index reporting_closure_descendant on reporting_closure (org_id, descendant_id)",
    """
    create table fiscal_period (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      code text not null,
      kind text not null check (kind in ('month', 'quarter', 'half', 'year')),
      fiscal_year int not null,
      ordinal int not null check (ordinal between 1 and 12),
      start_date date not null,
      end_date date not null check (end_date > start_date),
      state text not null check (state in ('open', 'closed')),
      valid daterange not null generated always as (daterange(start_date, end_date)) stored,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, code),
      constraint fiscal_period_no_overlap unique (org_id, kind, valid without overlaps)
    )
    """,
    """
    create table fx_rate (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      from_currency char(3) not null,
      to_currency char(3) not null check (to_currency <> from_currency),
      rate numeric(18,9) not null check (rate > 0),
      effective_from date not null,
      effective_to date,
      valid daterange not null generated always as (daterange(effective_from, effective_to)) stored
        check (not isempty(valid)),
      primary key (org_id, id),
      constraint fx_rate_one_a_day unique (org_id, from_currency, to_currency, valid without overlaps)
    )
    """,
    *[f"select tenant_table('{name}')" for name in TABLES],
    *[f"select versioned_table('{name}')" for name in ("seller", "fiscal_period")],
]

DOWN = [
    "set local lock_timeout = '5s'",
    "alter table principal drop constraint principal_org_id_seller_id_fkey",
    *[f"drop table {name}" for name in reversed(TABLES)],
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
