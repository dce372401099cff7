"""Compensation: plans with components and tiers, participants, agreements, transactions.

Revision ID: 2026_11_22_0010
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0010"
down_revision = "2026_11_22_0009"
branch_labels = None
depends_on = None

TABLES = (
    "compensation_plan",
    "compensation_component",
    "compensation_tier",
    "plan_participant",
    "plan_agreement",
    "transaction",
    "transaction_split",
)

UP = [
    "set local lock_timeout = '5s'",
    """
    create table compensation_plan (
      org_id uuid not null references organisation,
      id uuid not null,
      code text not null,
      name text not null check (name <> ''),
      description text,
      fiscal_year int not null,
      currency char(3) not null,
      trigger text not null check (trigger in ('booking', 'invoice', 'payment')),
      crediting_rules text[] not null check (cardinality(crediting_rules) > 0
        and crediting_rules <@ array['explicit_split', 'territory_coverage', 'account_owner']),
      plan_version int not null default 1 check (plan_version > 0),
      based_on_id uuid,
      state text not null check (state in ('draft', 'submitted', 'changes_requested', 'reviewed', 'approved',
        'published', 'retired')),
      submitted_by uuid, submitted_at timestamptz,
      reviewed_by uuid, reviewed_at timestamptz,
      approved_by uuid, approved_at timestamptz,
      published_by uuid, published_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, code, plan_version),
      foreign key (org_id, based_on_id) references compensation_plan
    )
    """,
    "create index compensation_plan_name on compensation_plan (org_id, name, id)",
    "create index compensation_plan_state on compensation_plan (org_id, state, id)",
    """
    create table compensation_component (
      org_id uuid not null,
      id uuid not null,
      plan_id uuid not null,
      ordinal int not null check (ordinal > 0),
      code text not null,
      name text not null check (name <> ''),
      kind text not null check (kind in ('commission')),
      measure text not null check (measure in ('credited_revenue')),
      rollup text not null check (rollup in ('own', 'team')),
      tier_rule text not null check (tier_rule in ('marginal')),
      tier_input text not null check (tier_input in ('attainment')),
      boundary text not null check (boundary in ('lower', 'higher')),
      quota_basis text not null check (quota_basis in ('annual', 'to_date')),
      primary key (org_id, id),
      unique (org_id, plan_id, ordinal),
      unique (org_id, plan_id, code),
      foreign key (org_id, plan_id) references compensation_plan on delete cascade
    )
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
    """
    create table plan_participant (
      org_id uuid not null,
      id uuid not null,
      plan_id uuid not null,
      seller_id uuid not null,
      effective_from date not null,
      effective_to date,
      valid daterange not null generated always as (daterange(effective_from, effective_to)) stored
        check (not isempty(valid)),
      target_incentive numeric(18,4) check (target_incentive >= 0),
      currency char(3) not null,
      primary key (org_id, id),
      foreign key (org_id, plan_id) references compensation_plan,
      foreign key (org_id, seller_id) references seller,
      constraint plan_participant_once unique (org_id, plan_id, seller_id, valid without overlaps)
    )
    """,
    "create index plan_participant_seller on plan_participant (org_id, seller_id)",
    """
    create table plan_agreement (
      org_id uuid not null,
      id uuid not null,
      plan_id uuid not null,
      seller_id uuid not null,
      state text not null check (state in ('issued', 'queried', 'acknowledged', 'expired')),
      issued_at timestamptz not null,
      due_on date not null,
      acknowledged_by uuid, acknowledged_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, plan_id, seller_id),
      foreign key (org_id, plan_id) references compensation_plan,
      foreign key (org_id, seller_id) references seller
    )
    """,
    "create index plan_agreement_seller on plan_agreement (org_id, seller_id, id)",
    "create index plan_agreement_state on plan_agreement (org_id, state, id)",
    """
    create table transaction (
      org_id uuid not null references organisation,
      id uuid not null,
      kind text not null check (kind in ('booking', 'invoice', 'payment', 'return')),
      account_id uuid,
      product_id uuid,
      opportunity_id uuid,
      transaction_date date not null,
      amount numeric(18,4) not null,
      currency char(3) not null,
      description text,
      supersedes_id uuid,
      correction_reason text,
      recorded_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, account_id) references account,
      foreign key (org_id, product_id) references product,
      foreign key (org_id, opportunity_id) references opportunity,
      foreign key (org_id, supersedes_id) references transaction,
      constraint transaction_superseded_once unique (org_id, supersedes_id),
      check ((supersedes_id is null) = (correction_reason is null))
    )
    """,
    "create index transaction_date on transaction (org_id, transaction_date, id)",
    "create index transaction_account on transaction (org_id, account_id, id)",
    "create index transaction_product on transaction (org_id, product_id, id)",
    "create index transaction_opportunity on transaction (org_id, opportunity_id)",
    """
    create table transaction_split (
      org_id uuid not null,
      transaction_id uuid not null,
      ordinal int not null check (ordinal > 0),
      seller_id uuid not null,
      cum_lo numeric(9,6) not null check (cum_lo >= 0),
      cum_hi numeric(9,6) not null check (cum_hi > cum_lo and cum_hi <= 1),
      primary key (org_id, transaction_id, ordinal),
      foreign key (org_id, transaction_id) references transaction,
      foreign key (org_id, seller_id) references seller
    )
    """,
    "create index transaction_split_seller on transaction_split (org_id, seller_id, transaction_id)",
    # Shares are stored as bounds that tile [0, 1]; the check waits for the end of the transaction.
    """
    create function splits_tile() returns trigger language plpgsql as $$
    declare
      broken bool;
    begin
      select coalesce(bool_or(cum_lo <> before), false) or max(cum_hi) <> 1 into broken
      from (select cum_lo, cum_hi, lag(cum_hi, 1, 0::numeric) over (order by ordinal) as before from transaction_split
            where org_id = new.org_id and transaction_id = new.transaction_id) s;
      if broken then
        raise exception 'the shares of transaction % do not add up to 1', new.transaction_id
          using errcode = 'check_violation', constraint = 'splits_tile';
      end if;
      return null;
    end $$
    """,
    """
    create constraint trigger splits_tile after insert on transaction_split deferrable initially deferred
      for each row execute function splits_tile()
    """,
    *[f"select tenant_table('{name}')" for name in TABLES if not name.startswith("transaction")],
    *[f"select tenant_table('{name}', 'select, insert')" for name in TABLES if name.startswith("transaction")],
    *[f"select versioned_table('{name}')" for name in ("compensation_plan", "plan_agreement")],
    *[f"select append_only_table('{name}')" for name in ("transaction", "transaction_split")],
]

DOWN = [
    "set local lock_timeout = '5s'",
    *[f"drop table {name}" for name in reversed(TABLES)],
    "drop function splits_tile",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
