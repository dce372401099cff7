"""Plans: templates, plans and their reviews.

Revision ID: 2026_11_22_0007
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0007"
down_revision = "2026_11_22_0006"
branch_labels = None
depends_on = None

TABLES = ("plan_template", "plan", "plan_review")
KINDS = "('revenue_plan', 'territory_plan', 'account_plan')"

UP = [
    "set local lock_timeout = '5s'",
    f"""
    create table plan_template (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      kind text not null check (kind in {KINDS}),
      code text not null check (code <> ''),
      name text not null check (name <> ''),
      template_version int not null check (template_version >= 1),
      sections jsonb not null check (jsonb_typeof(sections) = 'array'),
      rubric jsonb not null check (jsonb_typeof(rubric) = 'array'),
      minimum_quality numeric(9,6) not null check (minimum_quality between 0 and 1),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, code, template_version)
    )
    """,
    *[
        f"create index plan_template_{sort} on plan_template (org_id, {sort}, id)"
        for sort in ("code", "name", "created_at")
    ],
    f"""
    create table plan (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      template_id uuid not null,
      kind text not null check (kind in {KINDS}),
      title text not null check (title <> ''),
      owner_id uuid not null,
      period_id uuid not null,
      account_id uuid,
      territory_id uuid,
      plan_version int not null check (plan_version >= 1),
      based_on_id uuid,
      state text not null check (state in
        ('draft', 'submitted', 'reviewed', 'changes_requested', 'approved', 'rejected', 'archived')),
      content jsonb not null check (jsonb_typeof(content) = 'object'),
      completeness numeric(9,6) not null check (completeness between 0 and 1),
      quality numeric(9,6) check (quality between 0 and 1),
      submitted_by uuid,
      submitted_at timestamptz,
      reviewed_by uuid,
      reviewed_at timestamptz,
      approved_by uuid,
      approved_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, template_id) references plan_template,
      foreign key (org_id, owner_id) references seller,
      foreign key (org_id, period_id) references fiscal_period,
      foreign key (org_id, account_id) references account,
      foreign key (org_id, territory_id) references territory,
      foreign key (org_id, based_on_id) references plan,
      constraint plan_has_subject_of_kind check (
        (account_id is not null) = (kind = 'account_plan') and (territory_id is not null) = (kind = 'territory_plan'))
    )
    """,
    # An approved plan has one new version on its way; a rejected one makes room for another.
    "create unique index plan_one_revision on plan (org_id, based_on_id) where state <> 'rejected'",
    *[
        f"create index plan_{column} on plan (org_id, {column}, id)"
        for column in (
            "template_id",
            "owner_id",
            "period_id",
            "account_id",
            "territory_id",
            "based_on_id",
            "state",
            "title",
            "quality",
            "completeness",
            "created_at",
            "updated_at",
        )
    ],
    """
    create table plan_review (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      plan_id uuid not null,
      scores jsonb not null check (jsonb_typeof(scores) = 'array'),
      quality numeric(9,6) not null check (quality between 0 and 1),
      comment text,
      reviewer_id uuid not null,
      reviewer_name text not null,
      reviewed_at timestamptz not null,
      primary key (org_id, id),
      foreign key (org_id, plan_id) references plan
    )
    """,
    "create index plan_review_plan on plan_review (org_id, plan_id, reviewed_at, id)",
    *[f"select tenant_table('{name}')" for name in ("plan_template", "plan")],
    "select tenant_table('plan_review', 'select, insert')",
    *[f"select versioned_table('{name}')" for name in ("plan_template", "plan")],
    "select append_only_table('plan_review')",
]

DOWN = ["set local lock_timeout = '5s'", *[f"drop table {name}" for name in reversed(TABLES)]]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
