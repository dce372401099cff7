"""Market: segments and products.

Revision ID: 2026_11_22_0004
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0004"
down_revision = "2026_11_22_0003"
branch_labels = None
depends_on = None

TABLES = ("segment", "product")

UP = [
    "set local lock_timeout = '5s'",
    """
    create table segment (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      code text not null,
      name text not null check (name <> ''),
      rule jsonb not null check (jsonb_typeof(rule) = 'object'),
      tam numeric(18,4) check (tam >= 0),
      currency char(3) not null,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, code)
    )
    """,
    *[f"create index segment_{sort} on segment (org_id, {sort}, id)" for sort in ("name", "tam", "created_at")],
    """
    create table product (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      code text not null,
      name text not null check (name <> ''),
      family text,
      list_price numeric(18,4) check (list_price >= 0),
      margin numeric(9,6) check (margin between -1 and 1),
      currency char(3) not null,
      effective_from date not null,
      effective_to date check (effective_to > effective_from),
      valid daterange not null generated always as (daterange(effective_from, effective_to)) stored,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, code)
    )
    """,
    *[
        f"create index product_{sort} on product (org_id, {sort}, id)"
        for sort in ("name", "family", "list_price", "effective_from", "created_at")
    ],
    *[f"select tenant_table('{name}')" for name in TABLES],
    *[f"select versioned_table('{name}')" for name in TABLES],
]

DOWN = ["set local lock_timeout = '5s'", *[f"drop table {name}" for name in reversed(TABLES)]]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
