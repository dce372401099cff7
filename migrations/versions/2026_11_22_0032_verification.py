"""Compensation: recalculating runs, and why two of them differ.

Revision ID: 2026_11_22_0032
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0032"
down_revision = "2026_11_22_0031"
branch_labels = None
depends_on = None

TABLES = ("run_verification", "run_comparison", "run_difference")
CAUSES = (
    "'corrected_transaction', 'late_transaction', 'new_transaction', 'manual_credit', 'result', 'crediting_rule',"
    " 'plan', 'quota', 'assignment', 'participation', 'exchange_rate', 'earlier_year', 'other'"
)

UP: list[str] = [
    "set local lock_timeout = '5s'",
    # Runs from before have neither digests of their steps nor their inputs.
    "alter table compensation_run add column code text, add column digests jsonb not null default '{}'",
    """
    create table run_verification (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      run_id uuid not null,
      engine text not null check (engine in ('duckdb', 'postgresql')),
      engine_version text not null,
      requested_by uuid not null,
      same boolean not null,
      same_code boolean not null,
      fiscal_year int,
      step text,
      differing int,
      rows jsonb not null,
      steps jsonb not null,
      created_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, run_id) references compensation_run,
      foreign key (org_id, requested_by) references principal,
      check (same = (step is null))
    )
    """,
    "create index run_verification_run on run_verification (org_id, run_id)",
    "create index run_verification_requested_by on run_verification (org_id, requested_by)",
    "create index run_verification_created_at on run_verification (org_id, created_at, id)",
    """
    create table run_comparison (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      run_id uuid not null,
      other_run_id uuid not null,
      requested_by uuid not null,
      totals jsonb not null,
      causes jsonb not null,
      created_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, run_id) references compensation_run,
      foreign key (org_id, other_run_id) references compensation_run,
      foreign key (org_id, requested_by) references principal
    )
    """,
    "create index run_comparison_run on run_comparison (org_id, run_id)",
    "create index run_comparison_other_run on run_comparison (org_id, other_run_id)",
    "create index run_comparison_requested_by on run_comparison (org_id, requested_by)",
    "create index run_comparison_created_at on run_comparison (org_id, created_at, id)",
    f"""
    create table run_difference (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      comparison_id uuid not null,
      seller_id uuid not null,
      component_id uuid not null,
      period_id uuid not null,
      currency char(3) not null,
      cause text not null check (cause in ({CAUSES})),
      before numeric(18,4),
      after numeric(18,4),
      amount numeric(18,4) not null,
      primary key (org_id, id),
      foreign key (org_id, comparison_id) references run_comparison,
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, component_id) references compensation_component,
      foreign key (org_id, period_id) references fiscal_period,
      check (amount = coalesce(after, 0) - coalesce(before, 0))
    )
    """,
    "create index run_difference_comparison on run_difference (org_id, comparison_id, cause)",
    "create index run_difference_seller on run_difference (org_id, seller_id)",
    "create index run_difference_component on run_difference (org_id, component_id)",
    "create index run_difference_period on run_difference (org_id, period_id)",
    "create index run_difference_amount on run_difference (org_id, amount, id)",
    *[f"select tenant_table('{name}', 'select, insert')" for name in TABLES],
    *[f"select append_only_table('{name}')" for name in TABLES],
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    *[f"drop table {name}" for name in reversed(TABLES)],
    "alter table compensation_run drop column code, drop column digests",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
