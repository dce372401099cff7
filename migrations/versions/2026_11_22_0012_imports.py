"""Imports: what was given, what became of it, and the findings. The application may refresh statistics afterwards.

Revision ID: 2026_11_22_0012
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0012"
down_revision = "2026_11_22_0011"
branch_labels = None
depends_on = None

LOADED = (
    "external_id",
    "seller",
    "position",
    "reporting_closure",
    "segment",
    "product",
    "account",
    "opportunity",
    "opportunity_stage_change",
    "transaction",
    "transaction_split",
)
"""Tables that an import fills and analyses at its end."""

UP = [
    "set local lock_timeout = '5s'",
    """
    create table data_import (
      org_id uuid not null,
      id uuid not null,
      job_id uuid not null,
      mapping text,
      document jsonb not null,
      source text not null check (source <> ''),
      dry_run boolean not null,
      files jsonb not null,
      steps jsonb not null,
      created_by uuid not null,
      finished_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, job_id) references job
    )
    """,
    "create index data_import_job on data_import (org_id, job_id)",
    "create index data_import_created_at on data_import (org_id, created_at, id)",
    """
    create table import_finding (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      import_id uuid not null,
      ordinal bigint not null,
      severity text not null check (severity in ('converted', 'cleaned', 'rejected', 'ignored')),
      file text not null,
      entity text,
      row_number bigint,
      column_name text,
      rule text not null,
      before text,
      after text,
      detail text,
      primary key (org_id, id),
      unique (org_id, import_id, ordinal),
      foreign key (org_id, import_id) references data_import on delete cascade
    )
    """,
    "create index import_finding_ordinal on import_finding (org_id, ordinal, id)",
    "create index import_finding_severity on import_finding (org_id, import_id, severity, ordinal)",
    *[f"select tenant_table('{name}')" for name in ("data_import", "import_finding")],
    "select versioned_table('data_import')",
    *[f"grant maintain on {name} to palier_app" for name in LOADED],
]

DOWN = [
    "set local lock_timeout = '5s'",
    *[f"revoke maintain on {name} from palier_app" for name in LOADED],
    "drop table import_finding",
    "drop table data_import",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
