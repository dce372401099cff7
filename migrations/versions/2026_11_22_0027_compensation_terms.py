"""Compensation: everything a plan can say.

Revision ID: 2026_11_22_0027
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0027"
down_revision = "2026_11_22_0026"
branch_labels = None
depends_on = None

# A tier at a rate is said as before, only in the words of the new document; a seller never owed a year, which is now
# a floor of its own.
TERMS = """
update compensation_component c set terms = jsonb_build_object(
  'kind', c.kind, 'code', c.code, 'name', c.name, 'trigger', plan.trigger,
  'measure', jsonb_build_object('of', 'revenue', 'whose', c.rollup, 'only', null, 'activities', jsonb_build_array()),
  'window', jsonb_build_object('over', 'year', 'months', null, 'paid', 'each_period',
    'quota', case c.quota_basis when 'annual' then 'window' else c.quota_basis end),
  'rate', jsonb_build_object('flat', null, 'curve', null, 'matrix', null, 'tiers', jsonb_build_object(
    'method', c.tier_rule, 'input', jsonb_build_object('figure', c.tier_input, 'component', null),
    'boundary', c.boundary, 'pays', 'rate', 'tiers', (
      select jsonb_agg(jsonb_build_object('lower', decimal_text(t.from_attainment),
        'upper', decimal_text(t.to_attainment), 'value', decimal_text(t.rate)) order by t.ordinal)
      from compensation_tier t where t.org_id = c.org_id and t.component_id = c.id))),
  'target', null, 'gates', jsonb_build_array(), 'windfall', null, 'budget', null, 'holdback', null, 'clawback', null,
  'limits', jsonb_build_array(jsonb_build_object('kind', 'floor', 'per', 'year', 'amount', '0.00',
    'target_multiple', null, 'share', null)),
  'proration', jsonb_build_object('quota', 'months', 'target', 'months'))
from compensation_plan plan where plan.org_id = c.org_id and plan.id = c.plan_id
"""
OLD_COLUMNS = ("measure", "rollup", "tier_rule", "tier_input", "boundary", "quota_basis")
KINDS = "('commission', 'bonus', 'objective', 'spif', 'override')"

UP: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table compensation_plan add column draws jsonb not null default '[]' check (jsonb_typeof(draws) = 'array')",
    """
    alter table compensation_component add column terms jsonb,
      add column in_words jsonb not null default '[]' check (jsonb_typeof(in_words) = 'array')
    """,
    TERMS,
    "alter table compensation_component alter terms set not null, add check (jsonb_typeof(terms) = 'object')",
    "alter table compensation_component drop constraint compensation_component_kind_check",
    f"alter table compensation_component add check (kind in {KINDS})",
    f"alter table compensation_component {', '.join(f'drop column {name}' for name in OLD_COLUMNS)}",
    "drop table compensation_tier",
    "alter table compensation_plan drop column trigger",
    """
    create table plan_objective (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      plan_code text not null,
      component_code text not null,
      seller_id uuid not null,
      period_id uuid not null,
      name text not null check (name <> ''),
      description text,
      weight numeric(9,6) not null check (weight > 0),
      score numeric(9,6) check (score >= 0),
      assessed_by uuid,
      assessed_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, plan_code, component_code, seller_id, period_id, name),
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, period_id) references fiscal_period,
      check ((score is null) = (assessed_at is null))
    )
    """,
    "create index plan_objective_seller on plan_objective (org_id, seller_id, id)",
    "create index plan_objective_period on plan_objective (org_id, period_id, id)",
    "create index plan_objective_created on plan_objective (org_id, created_at, id)",
    "select tenant_table('plan_objective')",
    "select versioned_table('plan_objective')",
    "alter table earning rename quota_annual to quota_window",
    """
    alter table earning alter credited_to_date type numeric(20,6), add column window_start date,
      add column target numeric(18,4)
    """,
    # Slices of before are said in the new words: of the one window there was.
    "alter table earning disable trigger append_only",
    """
    update earning set slices = coalesce((
      select jsonb_agg(jsonb_build_object('ordinal', s.slice -> 'ordinal', 'lower', s.slice -> 'from_attainment',
        'upper', s.slice -> 'to_attainment', 'value', s.slice -> 'rate', 'amount', s.slice -> 'amount',
        'earned', s.slice -> 'earned', 'window_start', year.start_date) order by s.place)
      from jsonb_array_elements(earning.slices) with ordinality s (slice, place)), jsonb_build_array()),
      window_start = year.start_date
    from compensation_run run
    join fiscal_period paid on paid.org_id = run.org_id and paid.id = run.period_id
    join fiscal_period year on year.org_id = paid.org_id and year.fiscal_year = paid.fiscal_year and year.kind = 'year'
    where run.org_id = earning.org_id and run.id = earning.run_id
    """,
    "alter table earning enable trigger append_only",
]

# The way back keeps what the old document could say: marginal tiers of attainment at rates.
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "drop table plan_objective",
    "alter table earning disable trigger append_only",
    """
    update earning set slices = coalesce((
      select jsonb_agg(jsonb_build_object('ordinal', s.slice -> 'ordinal', 'from_attainment', s.slice -> 'lower',
        'to_attainment', s.slice -> 'upper', 'rate', s.slice -> 'value', 'amount', s.slice -> 'amount',
        'earned', s.slice -> 'earned') order by s.place)
      from jsonb_array_elements(earning.slices) with ordinality s (slice, place)), jsonb_build_array())
    """,
    "alter table earning enable trigger append_only",
    "alter table earning drop column target, drop column window_start, alter credited_to_date type numeric(18,4)",
    "alter table earning rename quota_window to quota_annual",
    """
    alter table compensation_plan add column trigger text not null default 'booking'
      check (trigger in ('booking', 'invoice', 'payment'))
    """,
    "alter table compensation_plan alter trigger drop default",
    """
    alter table compensation_component
      add column measure text not null default 'credited_revenue' check (measure in ('credited_revenue')),
      add column rollup text not null default 'own' check (rollup in ('own', 'team')),
      add column tier_rule text not null default 'marginal' check (tier_rule in ('marginal')),
      add column tier_input text not null default 'attainment' check (tier_input in ('attainment')),
      add column boundary text not null default 'higher' check (boundary in ('lower', 'higher')),
      add column quota_basis text not null default 'annual' check (quota_basis in ('annual', 'to_date'))
    """,
    """
    create table compensation_tier (
      org_id uuid not null,
      component_id uuid not null,
      ordinal int not null check (ordinal > 0),
      from_attainment numeric(18,6) not null check (from_attainment >= 0),
      to_attainment numeric(18,6) check (to_attainment > from_attainment),
      rate numeric(9,6) not null check (rate >= 0),
      primary key (org_id, component_id, ordinal),
      foreign key (org_id, component_id) references compensation_component on delete cascade
    )
    """,
    "select tenant_table('compensation_tier')",
    """
    insert into compensation_tier (org_id, component_id, ordinal, from_attainment, to_attainment, rate)
    select c.org_id, c.id, t.ordinal, cast(t.tier ->> 'lower' as numeric), cast(t.tier ->> 'upper' as numeric),
      cast(t.tier ->> 'value' as numeric)
    from compensation_component c
    cross join jsonb_array_elements(c.terms -> 'rate' -> 'tiers' -> 'tiers') with ordinality t (tier, ordinal)
    where c.terms -> 'rate' -> 'tiers' ->> 'method' = 'marginal'
      and c.terms -> 'rate' -> 'tiers' ->> 'pays' = 'rate'
      and c.terms -> 'rate' -> 'tiers' -> 'input' ->> 'figure' = 'attainment'
    """,
    "alter table compensation_component drop constraint compensation_component_kind_check",
    "update compensation_component set kind = 'commission'",
    "alter table compensation_component add check (kind in ('commission'))",
    "alter table compensation_component drop column terms, drop column in_words",
    "alter table compensation_plan drop column draws",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
