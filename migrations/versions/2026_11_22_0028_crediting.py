"""Compensation: who is credited, and why.

Revision ID: 2026_11_22_0028
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0028"
down_revision = "2026_11_22_0027"
branch_labels = None
depends_on = None

TABLES = ("crediting_rule", "overlay_assignment", "manual_credit", "manual_credit_split")
CREDIT_KEY = "credit_org_id_run_id_transaction_id_split_ordinal_seller_id_key"
DIRECT = "'explicit_split', 'territory_coverage', 'account_owner'"
KINDS = f"{DIRECT}, 'named_overlay', 'product_specialist'"

# The first owner counts for every date; who takes over later, from the day it is changed.
OWNERSHIP = [
    """
    create table account_ownership (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      account_id uuid not null,
      owner_id uuid not null,
      effective_from date,
      effective_to date,
      valid daterange not null generated always as (daterange(effective_from, effective_to)) stored
        check (not isempty(valid)),
      primary key (org_id, id),
      foreign key (org_id, account_id) references account on delete cascade,
      foreign key (org_id, owner_id) references seller,
      constraint account_ownership_once unique (org_id, account_id, valid without overlaps)
    )
    """,
    "create index account_ownership_account on account_ownership (org_id, account_id, id)",
    "create index account_ownership_owner on account_ownership (org_id, owner_id, id)",
    "create index account_ownership_from on account_ownership (org_id, effective_from, id)",
    "select tenant_table('account_ownership')",
    "insert into account_ownership (org_id, account_id, owner_id) select org_id, id, owner_id from account"
    " where owner_id is not null",
    """
    create function note_first_owner() returns trigger language plpgsql as $$
    begin
      insert into account_ownership (org_id, account_id, owner_id)
      select org_id, id, owner_id from added where owner_id is not null;
      return null;
    end $$
    """,
    """
    create function note_owner() returns trigger language plpgsql as $$
    declare
      today date := (now() at time zone 'UTC')::date;
      given uuid[];
    begin
      select array_agg(after_it.id) into given from changed after_it
      join former before_it on before_it.org_id = after_it.org_id and before_it.id = after_it.id
      where before_it.owner_id is distinct from after_it.owner_id;
      if given is null then
        return null;
      end if;
      delete from account_ownership o using changed a
      where o.org_id = a.org_id and o.account_id = a.id and a.id = any(given) and o.effective_from >= today;
      update account_ownership o set effective_to = today from changed a
      where o.org_id = a.org_id and o.account_id = a.id and a.id = any(given) and o.valid @> today;
      insert into account_ownership (org_id, account_id, owner_id, effective_from)
      select a.org_id, a.id, a.owner_id, today from changed a where a.id = any(given) and a.owner_id is not null;
      return null;
    end $$
    """,
    """
    create trigger note_first_owner after insert on account referencing new table as added
      for each statement execute function note_first_owner()
    """,
    """
    create trigger note_owner after update on account referencing old table as former new table as changed
      for each statement execute function note_owner()
    """,
]

RULES = [
    f"""
    create table crediting_rule (
      org_id uuid not null references organisation,
      id uuid not null,
      code text not null,
      name text not null check (name <> ''),
      kind text not null check (kind in ({KINDS})),
      precedence int not null check (precedence between 1 and 10000),
      products uuid[] not null default '{{}}',
      product_families text[] not null default '{{}}',
      segments uuid[] not null default '{{}}',
      effective_from date not null,
      effective_to date,
      valid daterange not null generated always as (daterange(effective_from, effective_to)) stored
        check (not isempty(valid)),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, code),
      constraint crediting_rule_in_order unique (org_id, precedence, valid without overlaps)
    )
    """,
    "create index crediting_rule_precedence on crediting_rule (org_id, precedence, id)",
    "create index crediting_rule_name on crediting_rule (org_id, name, id)",
    "create index crediting_rule_from on crediting_rule (org_id, effective_from, id)",
    """
    create table overlay_assignment (
      org_id uuid not null,
      id uuid not null,
      rule_id uuid not null,
      seller_id uuid not null,
      account_id uuid,
      territory_id uuid,
      product_id uuid,
      product_family text check (product_family <> ''),
      share numeric(9,6) not null check (share > 0 and share <= 1),
      effective_from date not null,
      effective_to date,
      valid daterange not null generated always as (daterange(effective_from, effective_to)) stored
        check (not isempty(valid)),
      place text not null generated always as (coalesce(account_id::text, '') || '/' || coalesce(territory_id::text, '')
        || '/' || coalesce(product_id::text, '') || '/' || coalesce(product_family, '')) stored,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, rule_id) references crediting_rule,
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, account_id) references account,
      foreign key (org_id, territory_id) references territory,
      foreign key (org_id, product_id) references product,
      constraint overlay_assignment_once unique (org_id, rule_id, seller_id, place, valid without overlaps),
      check (num_nonnulls(account_id, territory_id) < 2 and num_nonnulls(product_id, product_family) < 2
        and num_nonnulls(account_id, territory_id, product_id, product_family) > 0)
    )
    """,
    *[
        f"create index overlay_assignment_{name} on overlay_assignment (org_id, {column}, id)"
        for name, column in (
            ("rule", "rule_id"),
            ("seller", "seller_id"),
            ("account", "account_id"),
            ("territory", "territory_id"),
            ("product", "product_id"),
            ("from", "effective_from"),
        )
    ],
    """
    create table manual_credit (
      org_id uuid not null,
      id uuid not null,
      transaction_id uuid not null,
      mode text not null check (mode in ('instead', 'in_addition', 'overlay')),
      reason text not null check (reason <> ''),
      decided_by uuid not null,
      decided_at timestamptz not null,
      withdrawn_by uuid,
      withdrawn_at timestamptz,
      withdrawal_reason text check (withdrawal_reason <> ''),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, transaction_id) references transaction,
      check ((withdrawn_at is null) = (withdrawal_reason is null) and (withdrawn_at is null) = (withdrawn_by is null))
    )
    """,
    """
    create unique index manual_credit_instead on manual_credit (org_id, transaction_id)
      where mode = 'instead' and withdrawn_at is null
    """,
    "create index manual_credit_transaction on manual_credit (org_id, transaction_id, id)",
    "create index manual_credit_decided on manual_credit (org_id, decided_at, id)",
    """
    create table manual_credit_split (
      org_id uuid not null,
      credit_id uuid not null,
      ordinal int not null check (ordinal > 0),
      seller_id uuid not null,
      cum_lo numeric(9,6) not null check (cum_lo >= 0),
      cum_hi numeric(9,6) not null check (cum_hi > cum_lo and cum_hi <= 1),
      primary key (org_id, credit_id, ordinal),
      foreign key (org_id, credit_id) references manual_credit,
      foreign key (org_id, seller_id) references seller
    )
    """,
    "create index manual_credit_split_seller on manual_credit_split (org_id, seller_id, credit_id)",
    *[f"select tenant_table('{name}')" for name in TABLES],
    *[f"select versioned_table('{name}')" for name in TABLES[:-1]],
    # What the newest plan of an organisation said holds for the organisation.
    """
    insert into crediting_rule (org_id, id, code, name, kind, precedence, effective_from)
    select newest.org_id, uuidv7(), upper(replace(r.kind, '_', '-')), initcap(replace(r.kind, '_', ' ')), r.kind,
      10 * r.place, date '2000-01-01'
    from (select distinct on (org_id) org_id, crediting_rules from compensation_plan
          order by org_id, fiscal_year desc, created_at desc, id) newest
    cross join unnest(newest.crediting_rules) with ordinality r (kind, place)
    """,
    "alter table compensation_plan drop column crediting_rules",
]

UP: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table transaction add column margin numeric(18,4), add column quantity numeric(18,4)",
    *OWNERSHIP,
    *RULES,
    f"alter table credit drop constraint {CREDIT_KEY}",
    "alter table credit drop constraint credit_rule_check",
    f"""
    alter table credit add column role text not null default 'direct' check (role in ('direct', 'overlay')),
      add column rule_id uuid, add column margin numeric(18,4), add column quantity numeric(18,4),
      add column deals numeric(9,6),
      add constraint credit_rule_check check (rule in ('manual', {KINDS})),
      add constraint credit_once unique nulls not distinct
        (org_id, run_id, transaction_id, source_id, rule_id, split_ordinal, seller_id, currency),
      add foreign key (org_id, rule_id) references crediting_rule
    """,
    "alter table credit alter role drop default",
    "create index credit_rule on credit (org_id, rule_id)",
    "alter table run_finding add column rule_id uuid, add foreign key (org_id, rule_id) references crediting_rule",
    "create index run_finding_rule on run_finding (org_id, rule_id)",
]
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table run_finding drop column rule_id",
    "alter table credit disable trigger append_only",
    "delete from credit where rule not in ('explicit_split', 'territory_coverage', 'account_owner')",
    "alter table credit enable trigger append_only",
    "alter table credit drop constraint credit_once, drop constraint credit_rule_check",
    f"""
    alter table credit drop column role, drop column rule_id, drop column margin, drop column quantity,
      drop column deals, add constraint credit_rule_check check (rule in ({DIRECT})),
      add constraint {CREDIT_KEY} unique (org_id, run_id, transaction_id, split_ordinal, seller_id, currency)
    """,
    f"""
    alter table compensation_plan add column crediting_rules text[] not null default array[{DIRECT}]
      constraint compensation_plan_crediting_rules_check check (cardinality(crediting_rules) > 0
        and crediting_rules <@ array[{DIRECT}])
    """,
    """
    update compensation_plan plan set crediting_rules = kept.kinds
    from (select org_id, array_agg(kind order by precedence) as kinds from crediting_rule
          where kind not in ('named_overlay', 'product_specialist') group by org_id) kept
    where kept.org_id = plan.org_id
    """,
    "alter table compensation_plan alter crediting_rules drop default",
    *[f"drop table {name}" for name in reversed(TABLES)],
    "drop trigger note_owner on account",
    "drop trigger note_first_owner on account",
    "drop function note_owner, note_first_owner",
    "drop table account_ownership",
    "alter table transaction drop column margin, drop column quantity",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
