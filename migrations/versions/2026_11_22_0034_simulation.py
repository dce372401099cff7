"""Compensation: simulations of plans.

Revision ID: 2026_11_22_0034
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0034"
down_revision = "2026_11_22_0033"
branch_labels = None
depends_on = None

TRIAL = """
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      job_id uuid not null,
      requested_by uuid not null,
      finished_at timestamptz,
      watermark timestamptz,
      inputs_hash text,
      primary key (org_id, id),
      foreign key (org_id, job_id) references job,
      foreign key (org_id, requested_by) references principal
"""

UP: list[str] = [
    "set local lock_timeout = '5s'",
    f"""
    create table plan_simulation ({TRIAL},
      name text not null,
      period_id uuid not null,
      plans jsonb not null,
      scenario jsonb,
      seed int not null check (seed >= 0),
      digest_before text,
      digest_after text,
      totals jsonb not null,
      components jsonb not null,
      foreign key (org_id, period_id) references fiscal_period
    )
    """,
    """
    create table simulated_pay (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      simulation_id uuid not null,
      seller_id uuid not null,
      before numeric(18,4),
      after numeric(18,4),
      difference numeric(18,4) generated always as (after - before) stored,
      currency char(3) not null,
      code text,
      primary key (org_id, id),
      unique (org_id, simulation_id, seller_id, currency),
      foreign key (org_id, simulation_id) references plan_simulation,
      foreign key (org_id, seller_id) references seller
    )
    """,
    f"""
    create table pay_curve ({TRIAL},
      plan_id uuid not null,
      seller_id uuid,
      quota numeric(18,4) check (quota > 0),
      target_incentive numeric(18,4) check (target_incentive >= 0),
      objective_score numeric(9,6) not null check (objective_score between 0 and 1),
      up_to numeric(9,6) not null check (up_to between 0.5 and 5),
      currency char(3) not null,
      components jsonb not null,
      points jsonb not null,
      marks jsonb not null,
      codes jsonb not null,
      check (quota is not null or seller_id is not null),
      foreign key (org_id, plan_id) references compensation_plan,
      foreign key (org_id, seller_id) references seller
    )
    """,
    *[
        f"create index pay_curve_{column} on pay_curve (org_id, {column}, id)"
        for column in ("job_id", "requested_by", "plan_id", "seller_id", "created_at")
    ],
    f"""
    create table budget_risk ({TRIAL},
      name text not null,
      period_id uuid not null,
      plans jsonb not null,
      attainment jsonb not null,
      correlation numeric(9,6) not null check (correlation between 0 and 1),
      budget numeric(18,4) not null,
      currency char(3) not null,
      draws int not null check (draws > 0),
      step numeric(9,6) not null check (step > 0),
      seed int not null check (seed >= 0),
      sellers int,
      left_out int,
      needs_attention int,
      at_target numeric(18,4),
      mean numeric(18,4),
      deviation numeric(18,4),
      p5 numeric(18,4),
      p50 numeric(18,4),
      p90 numeric(18,4),
      p95 numeric(18,4),
      above_budget numeric(9,6) check (above_budget between 0 and 1),
      histogram jsonb not null,
      foreign key (org_id, period_id) references fiscal_period
    )
    """,
    *[
        f"create index budget_risk_{column} on budget_risk (org_id, {column}, id)"
        for column in ("job_id", "requested_by", "period_id", "name", "finished_at", "created_at")
    ],
    """
    create table plan_recommendation (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      plan_id uuid not null,
      period_id uuid not null,
      rule text not null check (rule in ('pays_few', 'light_weight', 'threshold_excludes', 'cap_bites',
        'top_unreached')),
      component_code text not null,
      component_name text not null,
      reason text not null,
      figures jsonb not null,
      components jsonb not null,
      cost_before numeric(18,4) not null,
      cost_after numeric(18,4) not null,
      currency char(3) not null,
      sellers_affected int not null,
      winners int not null,
      losers int not null,
      needs_attention int not null,
      found_at timestamptz not null,
      primary key (org_id, id),
      foreign key (org_id, plan_id) references compensation_plan,
      foreign key (org_id, period_id) references fiscal_period
    )
    """,
    *[
        f"create index plan_recommendation_{column} on plan_recommendation (org_id, {column}, id)"
        for column in ("plan_id", "period_id", "rule", "component_code")
    ],
    "select tenant_table('plan_recommendation')",
    "select versioned_table('budget_risk')",
    "select tenant_table('budget_risk')",
    "select versioned_table('pay_curve')",
    "select tenant_table('pay_curve')",
    "create index plan_simulation_job on plan_simulation (org_id, job_id)",
    "create index plan_simulation_requested_by on plan_simulation (org_id, requested_by)",
    "create index plan_simulation_period on plan_simulation (org_id, period_id)",
    "create index plan_simulation_name on plan_simulation (org_id, name)",
    "create index plan_simulation_finished_at on plan_simulation (org_id, finished_at)",
    "create index plan_simulation_created_at on plan_simulation (org_id, created_at, id)",
    "create index simulated_pay_seller on simulated_pay (org_id, seller_id)",
    "create index simulated_pay_difference on simulated_pay (org_id, difference, id)",
    "select versioned_table('plan_simulation')",
    "select tenant_table('plan_simulation')",
    "select tenant_table('simulated_pay')",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop table plan_recommendation",
    "drop table budget_risk",
    "drop table pay_curve",
    "drop table simulated_pay",
    "drop table plan_simulation",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
