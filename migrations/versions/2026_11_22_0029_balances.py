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

TABLES = (
    "run_adjustment",
    "balance_movement",
    "holdback_release",
    "payment",
    "payroll_mapping",
    "payroll_export",
    "payroll_export_payment",
    "cost_policy",
    "contract_cost",
    "contract_cost_charge",
)
CHANGING = ("payroll_mapping",)
ACCOUNTS = (
    "'commission_expense', 'commissions_payable', 'payroll_clearing', 'draw_receivable', 'holdback_payable',"
    " 'clawback_receivable', 'contract_cost_asset', 'amortisation_expense', 'impairment_expense'"
)
JOURNALS = "'posting', 'payment', 'write_off', 'capitalisation', 'amortisation', 'impairment'"
LEDGER = [
    "alter table journal alter run_id drop not null, drop constraint journal_kind_check,"
    f" add constraint journal_kind_check check (kind in ({JOURNALS}))",
    # What a calculated run takes in; the ledger says which run paid it.
    """
    create table run_adjustment (
      org_id uuid not null,
      run_id uuid not null,
      adjustment_id uuid not null,
      primary key (org_id, run_id, adjustment_id),
      foreign key (org_id, run_id) references compensation_run,
      foreign key (org_id, adjustment_id) references earning_adjustment
    )
    """,
    "create index run_adjustment_adjustment on run_adjustment (org_id, adjustment_id)",
    """
    insert into run_adjustment (org_id, run_id, adjustment_id)
    select distinct entry.org_id, journal.run_id, entry.adjustment_id from ledger_entry entry
    join journal on journal.org_id = entry.org_id and journal.id = entry.journal_id
    where entry.adjustment_id is not null
    """,
    """
    create table balance_movement (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      run_id uuid,
      period_id uuid not null,
      seller_id uuid not null,
      kind text not null check (kind in ('holdback', 'release', 'guarantee', 'draw_advance', 'draw_recovery',
        'draw_forgiveness', 'clawback', 'carried', 'recovery', 'draw_write_off', 'debt_write_off')),
      component_id uuid,
      origin_period_id uuid,
      transaction_id uuid,
      amount numeric(18,4) not null check (amount <> 0),
      currency char(3) not null,
      reason text check (reason <> ''),
      decided_by uuid,
      recorded_at timestamptz not null,
      primary key (org_id, id),
      foreign key (org_id, run_id) references compensation_run,
      foreign key (org_id, period_id) references fiscal_period,
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, component_id) references compensation_component,
      foreign key (org_id, origin_period_id) references fiscal_period,
      foreign key (org_id, transaction_id) references transaction,
      check ((run_id is null) = (kind in ('draw_write_off', 'debt_write_off'))),
      check ((run_id is null) = (reason is not null and decided_by is not null))
    )
    """,
    "create index balance_movement_run on balance_movement (org_id, run_id, id)",
    "create index balance_movement_seller on balance_movement (org_id, seller_id, id)",
    "create index balance_movement_kind on balance_movement (org_id, kind, id)",
    "create index balance_movement_component on balance_movement (org_id, component_id)",
    "create index balance_movement_transaction on balance_movement (org_id, transaction_id)",
    """
    create table holdback_release (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      seller_id uuid not null,
      component_id uuid not null,
      period_id uuid not null,
      reason text not null check (reason <> ''),
      decided_by uuid not null,
      decided_at timestamptz not null,
      primary key (org_id, id),
      unique (org_id, seller_id, component_id, period_id),
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, component_id) references compensation_component,
      foreign key (org_id, period_id) references fiscal_period
    )
    """,
    "create index holdback_release_component on holdback_release (org_id, component_id)",
    "create index holdback_release_period on holdback_release (org_id, period_id)",
    """
    create table payment (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      run_id uuid not null,
      journal_id uuid not null,
      period_id uuid not null,
      seller_id uuid not null,
      amount numeric(18,4) not null check (amount > 0),
      currency char(3) not null,
      paid_at timestamptz not null,
      primary key (org_id, id),
      unique (org_id, run_id, seller_id, currency),
      foreign key (org_id, run_id) references compensation_run,
      foreign key (org_id, journal_id) references journal,
      foreign key (org_id, period_id) references fiscal_period,
      foreign key (org_id, seller_id) references seller
    )
    """,
    "create index payment_seller on payment (org_id, seller_id, id)",
    "create index payment_paid on payment (org_id, paid_at, id)",
    "create index payment_amount on payment (org_id, amount, id)",
    "create index payment_period on payment (org_id, period_id)",
    "alter table ledger_entry drop constraint ledger_entry_account_check,"
    f" add constraint ledger_entry_account_check check (account in ({ACCOUNTS})),"
    " add column movement_id uuid, add column payment_id uuid, add column contract_cost_id uuid,"
    " add foreign key (org_id, movement_id) references balance_movement,"
    " add foreign key (org_id, payment_id) references payment",
    "create unique index ledger_entry_movement on ledger_entry (org_id, movement_id, account)",
    "create unique index ledger_entry_payment on ledger_entry (org_id, payment_id, account)",
    """
    alter table statement drop constraint statement_check,
      add column held_back numeric(18,4) not null default 0,
      add column released numeric(18,4) not null default 0,
      add column drawn numeric(18,4) not null default 0 check (drawn >= 0),
      add column recovered numeric(18,4) not null default 0,
      add column carried_forward numeric(18,4) not null default 0 check (carried_forward >= 0),
      add constraint statement_total check (total = base + true_up + adjustments + held_back + released + drawn
        + recovered + carried_forward)
    """,
]
PAYROLL = [
    """
    create table payroll_mapping (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      code text not null,
      name text not null check (name <> ''),
      delimiter text not null check (delimiter in ('comma', 'semicolon', 'tab', 'pipe')),
      decimal_mark text not null check (decimal_mark in ('point', 'comma')),
      date_format text not null check (date_format in ('iso', 'day_first', 'month_first', 'compact')),
      header bool not null,
      columns jsonb not null check (jsonb_typeof(columns) = 'array' and jsonb_array_length(columns) > 0),
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      unique (org_id, code)
    )
    """,
    "create index payroll_mapping_name on payroll_mapping (org_id, name, id)",
    """
    create table payroll_export (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      mapping_id uuid not null,
      payment_count int not null check (payment_count > 0),
      totals jsonb not null check (jsonb_typeof(totals) = 'array'),
      content text not null,
      sha256 text not null,
      exported_by uuid not null,
      exported_at timestamptz not null,
      primary key (org_id, id),
      foreign key (org_id, mapping_id) references payroll_mapping
    )
    """,
    "create index payroll_export_mapping on payroll_export (org_id, mapping_id, id)",
    "create index payroll_export_exported on payroll_export (org_id, exported_at, id)",
    # A payment goes to payroll once, whoever asks at the same time.
    """
    create table payroll_export_payment (
      org_id uuid not null,
      payment_id uuid not null,
      export_id uuid not null,
      primary key (org_id, payment_id),
      foreign key (org_id, payment_id) references payment,
      foreign key (org_id, export_id) references payroll_export
    )
    """,
    "create index payroll_export_payment_export on payroll_export_payment (org_id, export_id)",
]
COSTS = [
    """
    alter table transaction add column term_months int check (term_months between 1 and 240),
      add column renewal bool not null default false, add column returns_id uuid,
      add foreign key (org_id, returns_id) references transaction,
      add check (returns_id is null or kind = 'return')
    """,
    "create index transaction_returns on transaction (org_id, returns_id)",
    """
    create table cost_policy (
      org_id uuid not null references organisation,
      id uuid not null default uuidv7(),
      effective_from date not null,
      kinds text[] not null check (cardinality(kinds) > 0),
      default_term_months int not null check (default_term_months between 1 and 240),
      customer_life_months int not null check (customer_life_months between 1 and 240),
      renewals_commensurate bool not null,
      expense_within_a_year bool not null,
      recorded_by uuid not null,
      recorded_at timestamptz not null,
      primary key (org_id, id),
      unique (org_id, effective_from)
    )
    """,
    """
    create table contract_cost (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      run_id uuid not null,
      journal_id uuid not null,
      policy_id uuid not null,
      seller_id uuid not null,
      transaction_id uuid not null,
      amount numeric(18,4) not null check (amount <> 0),
      currency char(3) not null,
      starts_on date not null,
      months int not null check (months > 0),
      primary key (org_id, id),
      unique (org_id, run_id, seller_id, transaction_id, currency),
      foreign key (org_id, run_id) references compensation_run,
      foreign key (org_id, journal_id) references journal,
      foreign key (org_id, policy_id) references cost_policy,
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, transaction_id) references transaction
    )
    """,
    "create index contract_cost_seller on contract_cost (org_id, seller_id, id)",
    "create index contract_cost_transaction on contract_cost (org_id, transaction_id, id)",
    "create index contract_cost_starts on contract_cost (org_id, starts_on, id)",
    """
    create table contract_cost_charge (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      contract_cost_id uuid not null,
      journal_id uuid not null,
      period_id uuid not null,
      kind text not null check (kind in ('amortisation', 'impairment')),
      amount numeric(18,4) not null check (amount <> 0),
      currency char(3) not null,
      months int not null check (months >= 0),
      reason text check (reason <> ''),
      primary key (org_id, id),
      foreign key (org_id, contract_cost_id) references contract_cost,
      foreign key (org_id, journal_id) references journal,
      foreign key (org_id, period_id) references fiscal_period
    )
    """,
    "create index contract_cost_charge_cost on contract_cost_charge (org_id, contract_cost_id, id)",
    "create index contract_cost_charge_period on contract_cost_charge (org_id, period_id, id)",
    "create unique index contract_cost_charge_journal on contract_cost_charge (org_id, journal_id, contract_cost_id)",
    "alter table ledger_entry add foreign key (org_id, contract_cost_id) references contract_cost",
    "create index ledger_entry_cost on ledger_entry (org_id, contract_cost_id)",
]

UP: list[str] = [
    "set local lock_timeout = '5s'",
    *ORIGIN,
    *LEDGER,
    *PAYROLL,
    *COSTS,
    *[f"select tenant_table('{name}')" for name in CHANGING],
    *[f"select tenant_table('{name}', 'select, insert')" for name in TABLES if name not in CHANGING],
    *[f"select versioned_table('{name}')" for name in CHANGING],
    *[f"select append_only_table('{name}')" for name in TABLES if name not in CHANGING],
]
# What the old ledger could not say goes with its tables.
DOWN: list[str] = [
    "set local lock_timeout = '5s'",
    "alter table statement disable trigger append_only",
    "alter table statement drop constraint statement_total",
    "update statement set adjustments = total - base - true_up",
    "alter table statement enable trigger append_only",
    """
    alter table statement drop column held_back, drop column released,
      drop column drawn, drop column recovered, drop column carried_forward
    """,
    "alter table statement add constraint statement_check check (total = base + true_up + adjustments)",
    "alter table ledger_entry disable trigger append_only",
    "alter table journal disable trigger append_only",
    """
    delete from ledger_entry where movement_id is not null or contract_cost_id is not null
    """,
    """
    alter table ledger_entry drop column movement_id, drop column payment_id, drop column contract_cost_id,
      drop constraint ledger_entry_account_check, add constraint ledger_entry_account_check
      check (account in ('commission_expense', 'commissions_payable', 'payroll_clearing'))
    """,
    "alter table transaction drop column term_months, drop column renewal, drop column returns_id",
    *[f"drop table {name}" for name in reversed(TABLES)],
    "delete from journal where kind not in ('posting', 'payment')",
    """
    alter table journal alter run_id set not null, drop constraint journal_kind_check,
      add constraint journal_kind_check check (kind in ('posting', 'payment'))
    """,
    "alter table journal enable trigger append_only",
    "alter table ledger_entry enable trigger append_only",
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
