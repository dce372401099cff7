"""Compensation: draws, holdbacks, clawbacks and the ledger they stand in.

Revision ID: 2026_11_22_0029
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0029"
down_revision = "2026_11_22_0028"
branch_labels = None
depends_on = None

# What was earned before is charged to the period of its run: the origin of its true-ups was not kept.
ORIGIN = [
    "alter table earning add column origin_period_id uuid",
    "alter table earning disable trigger append_only",
    """
    update earning set origin_period_id = (
      select run.period_id from compensation_run run where run.org_id = earning.org_id and run.id = earning.run_id)
    """,
    "alter table earning enable trigger append_only",
    """
    alter table earning alter origin_period_id set not null,
      add foreign key (org_id, origin_period_id) references fiscal_period
    """,
    "create index earning_origin on earning (org_id, origin_period_id, id)",
    "alter table compensation_run add column earlier_years jsonb not null default '[]'"
    " check (jsonb_typeof(earlier_years) = 'array')",
    "alter table compensation_run add column years_back int not null default 0 check (years_back between 0 and 10)",
    "alter table earning drop constraint earning_org_id_run_id_seller_id_component_id_kind_key",
    "create unique index earning_line on earning (org_id, run_id, seller_id, component_id, kind, origin_period_id)",
]

UP: list[str] = [
    "set local lock_timeout = '5s'",
    *ORIGIN,
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop index earning_line",
    "alter table earning add unique (org_id, run_id, seller_id, component_id, kind)",
    "alter table compensation_run drop column years_back, drop column earlier_years",
    "alter table earning drop column origin_period_id",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
