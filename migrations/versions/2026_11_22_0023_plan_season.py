"""Plans: templates as versions, contributors, comments, reviews, campaigns, library.

Revision ID: 2026_11_22_0023
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0023"
down_revision = "2026_11_22_0022"
branch_labels = None
depends_on = None

VERSIONED = ("plan_campaign", "plan_contributor", "plan_reviewer", "review_delegation", "plan_comment")
HISTORIES = ("plan_submission", "plan_reminder")

# The columns of a table had a key only; now they have a title and a type.
_COLUMNS = """
  update plan_template held set sections = (
    select jsonb_agg(section || jsonb_build_object('columns', (
      select coalesce(jsonb_agg({column} order by place), '[]')
      from jsonb_array_elements(section -> 'columns') with ordinality listed(item, place)
    )) order by ordinal)
    from jsonb_array_elements(held.sections) with ordinality written(section, ordinal)
  )
"""

UP: list[str] = [
    "set local lock_timeout = '5s'",
    _COLUMNS.format(
        column="jsonb_build_object('key', item #>> '{}', 'title', initcap(replace(item #>> '{}', '_', ' ')),"
        " 'type', 'text', 'choices', jsonb_build_array())"
    ),
    "alter table plan_template add column cascade_rule text not null default 'flag'"
    " check (cascade_rule in ('flag', 'refuse'))",
    """
    create table plan_campaign (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      name text not null check (name <> ''),
      template_id uuid not null,
      period_id uuid not null,
      due_on date not null,
      manager_id uuid,
      team text check (team <> ''),
      territory_id uuid,
      minimum_potential numeric(18,4),
      quadrants jsonb not null check (jsonb_typeof(quadrants) = 'array'),
      created_by uuid not null,
      launched_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, template_id) references plan_template,
      foreign key (org_id, period_id) references fiscal_period,
      foreign key (org_id, manager_id) references seller,
      foreign key (org_id, territory_id) references territory
    )
    """,
    *[
        f"create index plan_campaign_{column} on plan_campaign (org_id, {column}, id)"
        for column in ("template_id", "period_id", "manager_id", "territory_id", "name", "due_on", "created_at")
    ],
    "alter table plan rename column content to sections",
    "alter table plan rename constraint plan_content_check to plan_sections_check",
    "alter table plan add column review_round int not null default 0 check (review_round >= 0),"
    " add column parent_id uuid, add column campaign_id uuid, add column started_from_id uuid,"
    " add column exemplary_at timestamptz, add column exemplary_by uuid, add column exemplary_reason text,"
    " add foreign key (org_id, parent_id) references plan, add foreign key (org_id, started_from_id) references plan,"
    " add foreign key (org_id, campaign_id) references plan_campaign,"
    " add constraint plan_exemplary_has_reason check ((exemplary_at is null) = (exemplary_reason is null)),"
    " add constraint plan_parent_is_revenue_plan check (parent_id is null or kind = 'revenue_plan')",
    "update plan set review_round = 1 where submitted_at is not null",
    *[
        f"create index plan_{column} on plan (org_id, {column}, id)"
        for column in ("parent_id", "campaign_id", "started_from_id", "exemplary_at")
    ],
    "alter table plan_review add column round int not null default 1 check (round >= 1), add column on_behalf_of uuid",
    """
    create table plan_submission (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      plan_id uuid not null,
      round int not null check (round >= 1),
      sections jsonb not null check (jsonb_typeof(sections) = 'object'),
      submitted_by uuid not null,
      submitted_at timestamptz not null,
      primary key (org_id, id),
      unique (org_id, plan_id, round),
      foreign key (org_id, plan_id) references plan
    )
    """,
    """
    create table plan_contributor (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      plan_id uuid not null,
      principal_id uuid not null,
      section text not null check (section <> ''),
      function text not null check (function <> ''),
      due_on date,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, plan_id, section),
      foreign key (org_id, plan_id) references plan,
      foreign key (org_id, principal_id) references principal
    )
    """,
    """
    create table plan_reviewer (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      plan_id uuid not null,
      principal_id uuid not null,
      due_on date,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, plan_id, principal_id),
      foreign key (org_id, plan_id) references plan,
      foreign key (org_id, principal_id) references principal
    )
    """,
    *[
        f"create index {table}_{column} on {table} (org_id, {column}, id)"
        for table in ("plan_contributor", "plan_reviewer")
        for column in ("principal_id", "due_on", "created_at")
    ],
    """
    create table review_delegation (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      from_principal_id uuid not null,
      to_principal_id uuid not null check (to_principal_id <> from_principal_id),
      effective_from date not null,
      effective_to date,
      valid daterange not null generated always as (daterange(effective_from, effective_to)) stored
        check (not isempty(valid)),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, from_principal_id) references principal,
      foreign key (org_id, to_principal_id) references principal,
      constraint review_delegation_one_at_a_time unique (org_id, from_principal_id, valid without overlaps)
    )
    """,
    *[
        f"create index review_delegation_{column} on review_delegation (org_id, {column}, id)"
        for column in ("from_principal_id", "to_principal_id", "effective_from")
    ],
    """
    create table plan_comment (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      plan_id uuid not null,
      section text not null check (section <> ''),
      body text not null check (body <> ''),
      state text not null check (state in ('open', 'resolved')),
      author_id uuid not null,
      author_name text not null,
      resolved_by uuid,
      resolved_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, plan_id) references plan
    )
    """,
    *[
        f"create index plan_comment_{column} on plan_comment (org_id, {column}, id)"
        for column in ("plan_id", "created_at")
    ],
    """
    create table plan_reminder (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      plan_id uuid not null,
      reminded_on date not null,
      primary key (org_id, id),
      unique (org_id, plan_id, reminded_on),
      foreign key (org_id, plan_id) references plan
    )
    """,
    *[f"select versioned_table('{name}')" for name in VERSIONED],
    *[f"select tenant_table('{name}')" for name in VERSIONED],
    *[f"select tenant_table('{name}', 'select, insert')" for name in HISTORIES],
    *[f"select append_only_table('{name}')" for name in HISTORIES],
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    *[f"drop table {name}" for name in (*HISTORIES, *reversed(VERSIONED[1:]))],
    "alter table plan_review drop column on_behalf_of, drop column round",
    "alter table plan drop column exemplary_reason, drop column exemplary_by, drop column exemplary_at,"
    " drop column started_from_id, drop column campaign_id, drop column parent_id, drop column review_round",
    "alter table plan rename constraint plan_sections_check to plan_content_check",
    "alter table plan rename column sections to content",
    "drop table plan_campaign",
    "alter table plan_template drop column cascade_rule",
    _COLUMNS.format(column="item -> 'key'"),
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
