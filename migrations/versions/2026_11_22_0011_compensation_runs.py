"""Compensation runs: earnings, credits, findings, the ledger, statements, inquiries and their adjustments.

Revision ID: 2026_11_22_0011
"""

from __future__ import annotations

from alembic import op

revision = "2026_11_22_0011"
down_revision = "2026_11_22_0010"
branch_labels = None
depends_on = None

TABLES = (
    "compensation_run",
    "earning",
    "credit",
    "run_finding",
    "statement",
    "inquiry",
    "earning_adjustment",
    "journal",
    "ledger_entry",
)
CHANGING = ("compensation_run", "inquiry")

UP = [
    "set local lock_timeout = '5s'",
    """
    create table compensation_run (
      org_id uuid not null references organisation,
      id uuid not null,
      period_id uuid not null,
      kind text not null check (kind in ('official', 'preview')),
      parent_run_id uuid,
      job_id uuid not null,
      requested_by uuid not null,
      state text not null check (state in ('queued', 'calculating', 'calculated', 'reviewed', 'approved', 'posted',
        'paid', 'failed', 'cancelled')),
      watermark timestamptz,
      postings_seen int,
      inputs_hash text,
      engine text,
      digest text,
      artefact text,
      counts jsonb not null default '{}' check (jsonb_typeof(counts) = 'object'),
      totals jsonb not null default '[]' check (jsonb_typeof(totals) = 'array'),
      started_by uuid, started_at timestamptz,
      calculated_by uuid, calculated_at timestamptz,
      reviewed_by uuid, reviewed_at timestamptz,
      approved_by uuid, approved_at timestamptz,
      posted_by uuid, posted_at timestamptz,
      paid_by uuid, paid_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, period_id) references fiscal_period,
      foreign key (org_id, parent_run_id) references compensation_run,
      foreign key (org_id, job_id) references job
    )
    """,
    # One run of an organisation at a time, and one posting of a period.
    """
    create unique index compensation_run_one_at_a_time on compensation_run (org_id)
      where state in ('queued', 'calculating')
    """,
    """
    create unique index compensation_run_posted_once on compensation_run (org_id, period_id)
      where state in ('posted', 'paid')
    """,
    "create index compensation_run_period on compensation_run (org_id, period_id, id)",
    "create index compensation_run_created on compensation_run (org_id, created_at, id)",
    # What is posted stays as it is; only paying it is left to do.
    """
    create function keep_posted_run() returns trigger language plpgsql as $$
    begin
      if old.state = 'paid' or (old.state = 'posted' and new.state <> 'paid')
         or (to_jsonb(new) - array['state', 'paid_by', 'paid_at', 'version', 'updated_at'])
          <> (to_jsonb(old) - array['state', 'paid_by', 'paid_at', 'version', 'updated_at']) then
        raise exception 'a posted compensation run is never changed'
          using errcode = 'check_violation', constraint = 'compensation_run_immutable';
      end if;
      return new;
    end $$
    """,
    """
    create trigger compensation_run_immutable before update on compensation_run
      for each row when (old.state in ('posted', 'paid')) execute function keep_posted_run()
    """,
    """
    create table earning (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      run_id uuid not null,
      seller_id uuid not null,
      plan_id uuid not null,
      component_id uuid not null,
      kind text not null check (kind in ('base', 'true_up')),
      as_of date not null,
      credited_to_date numeric(18,4),
      quota_to_date numeric(18,4),
      quota_annual numeric(18,4),
      attainment numeric(18,6),
      tier_reached int,
      earned_to_date numeric(18,4),
      earned_before numeric(18,4) not null,
      posted_before numeric(18,4) not null,
      amount numeric(18,4),
      currency char(3) not null,
      status text not null check (status in ('ok', 'needs_attention')),
      code text,
      slices jsonb not null check (jsonb_typeof(slices) = 'array'),
      primary key (org_id, id),
      unique (org_id, run_id, seller_id, component_id, kind),
      foreign key (org_id, run_id) references compensation_run,
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, plan_id) references compensation_plan,
      foreign key (org_id, component_id) references compensation_component,
      check ((status = 'ok') = (amount is not null) and (status = 'ok') = (code is null))
    )
    """,
    "create index earning_seller on earning (org_id, seller_id, id)",
    "create index earning_amount on earning (org_id, amount, id)",
    "create index earning_component on earning (org_id, component_id)",
    "create index earning_plan on earning (org_id, plan_id)",
    """
    create table credit (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      run_id uuid not null,
      seller_id uuid not null,
      transaction_id uuid not null,
      rule text not null check (rule in ('explicit_split', 'territory_coverage', 'account_owner')),
      source_id uuid not null,
      split_ordinal int not null,
      credit_date date not null,
      amount numeric(18,4),
      currency char(3) not null,
      primary key (org_id, id),
      unique (org_id, run_id, transaction_id, split_ordinal, seller_id, currency),
      foreign key (org_id, run_id) references compensation_run,
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, transaction_id) references transaction
    )
    """,
    "create index credit_seller on credit (org_id, run_id, seller_id, credit_date, id)",
    "create index credit_of_seller on credit (org_id, seller_id, id)",
    "create index credit_transaction on credit (org_id, transaction_id, id)",
    "create index credit_date on credit (org_id, credit_date, id)",
    """
    create table run_finding (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      run_id uuid not null,
      kind text not null check (kind in ('uncredited', 'lost', 'needs_attention')),
      reason text not null,
      transaction_id uuid,
      seller_id uuid,
      component_id uuid,
      rule text,
      winning_rule text,
      primary key (org_id, id),
      foreign key (org_id, run_id) references compensation_run,
      foreign key (org_id, transaction_id) references transaction,
      foreign key (org_id, seller_id) references seller
    )
    """,
    "create index run_finding_run on run_finding (org_id, run_id, kind, id)",
    "create index run_finding_transaction on run_finding (org_id, transaction_id)",
    "create index run_finding_seller on run_finding (org_id, seller_id)",
    """
    create table statement (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      seller_id uuid not null,
      period_id uuid not null,
      run_id uuid not null,
      currency char(3) not null,
      base numeric(18,4) not null,
      true_up numeric(18,4) not null,
      adjustments numeric(18,4) not null,
      total numeric(18,4) not null check (total = base + true_up + adjustments),
      year_to_date numeric(18,4) not null,
      needs_attention int not null,
      issued_at timestamptz not null,
      primary key (org_id, id),
      unique (org_id, run_id, seller_id, currency),
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, period_id) references fiscal_period,
      foreign key (org_id, run_id) references compensation_run
    )
    """,
    "create index statement_seller on statement (org_id, seller_id, id)",
    "create index statement_period on statement (org_id, period_id, id)",
    "create index statement_issued on statement (org_id, issued_at, id)",
    "create index statement_total on statement (org_id, total, id)",
    """
    create table inquiry (
      org_id uuid not null,
      id uuid not null,
      statement_id uuid not null,
      seller_id uuid not null,
      earning_id uuid,
      transaction_id uuid,
      subject text not null check (subject <> ''),
      claimed_amount numeric(18,4) not null,
      currency char(3) not null,
      state text not null check (state in ('open', 'in_review', 'adjusted', 'upheld', 'closed')),
      taken_by uuid, taken_at timestamptz,
      decided_by uuid, decided_at timestamptz,
      closed_by uuid, closed_at timestamptz,
      version int not null default 1,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      primary key (org_id, id),
      foreign key (org_id, statement_id) references statement,
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, earning_id) references earning,
      foreign key (org_id, transaction_id) references transaction
    )
    """,
    "create index inquiry_statement on inquiry (org_id, statement_id, id)",
    "create index inquiry_seller on inquiry (org_id, seller_id, id)",
    "create index inquiry_transaction on inquiry (org_id, transaction_id, id)",
    "create index inquiry_state on inquiry (org_id, state, id)",
    "create index inquiry_created on inquiry (org_id, created_at, id)",
    """
    create table earning_adjustment (
      org_id uuid not null,
      id uuid not null,
      inquiry_id uuid not null,
      seller_id uuid not null,
      amount numeric(18,4) not null check (amount <> 0),
      currency char(3) not null,
      reason text not null check (reason <> ''),
      decided_by uuid not null,
      decided_at timestamptz not null,
      primary key (org_id, id),
      foreign key (org_id, inquiry_id) references inquiry,
      foreign key (org_id, seller_id) references seller
    )
    """,
    "create index earning_adjustment_inquiry on earning_adjustment (org_id, inquiry_id, id)",
    "create index earning_adjustment_seller on earning_adjustment (org_id, seller_id, id)",
    """
    create table journal (
      org_id uuid not null,
      id uuid not null,
      kind text not null check (kind in ('posting', 'payment')),
      run_id uuid not null,
      period_id uuid not null,
      posted_by uuid not null,
      posted_at timestamptz not null,
      primary key (org_id, id),
      unique (org_id, run_id, kind),
      foreign key (org_id, run_id) references compensation_run,
      foreign key (org_id, period_id) references fiscal_period
    )
    """,
    "create index journal_posted on journal (org_id, posted_at, id)",
    "create index journal_period on journal (org_id, period_id)",
    """
    create table ledger_entry (
      org_id uuid not null,
      id uuid not null default uuidv7(),
      journal_id uuid not null,
      seller_id uuid not null,
      account text not null check (account in ('commission_expense', 'commissions_payable', 'payroll_clearing')),
      debit numeric(18,4) not null check (debit >= 0),
      credit numeric(18,4) not null check (credit >= 0),
      currency char(3) not null,
      earning_id uuid,
      adjustment_id uuid,
      primary key (org_id, id),
      foreign key (org_id, journal_id) references journal,
      foreign key (org_id, seller_id) references seller,
      foreign key (org_id, earning_id) references earning,
      foreign key (org_id, adjustment_id) references earning_adjustment,
      check ((debit = 0) <> (credit = 0))
    )
    """,
    "create index ledger_entry_journal on ledger_entry (org_id, journal_id, id)",
    "create index ledger_entry_seller on ledger_entry (org_id, seller_id, id)",
    "create index ledger_entry_account on ledger_entry (org_id, account, id)",
    # Each is posted once.
    "create unique index ledger_entry_earning on ledger_entry (org_id, earning_id, account)",
    "create unique index ledger_entry_adjustment on ledger_entry (org_id, adjustment_id, account)",
    # Checked once per statement, so that a journal of many thousand entries is added up once and not per entry.
    """
    create function journal_balances() returns trigger language plpgsql as $$
    declare
      broken uuid;
    begin
      select e.journal_id into broken from ledger_entry e
      where (e.org_id, e.journal_id) in (select distinct n.org_id, n.journal_id from added n)
      group by e.org_id, e.journal_id, e.currency having sum(e.debit) <> sum(e.credit) limit 1;
      if broken is not null then
        raise exception 'debit and credit of journal % differ', broken
          using errcode = 'check_violation', constraint = 'journal_balances';
      end if;
      return null;
    end $$
    """,
    """
    create trigger journal_balances after insert on ledger_entry referencing new table as added
      for each statement execute function journal_balances()
    """,
    *[f"select tenant_table('{name}')" for name in CHANGING],
    *[f"select tenant_table('{name}', 'select, insert')" for name in TABLES if name not in CHANGING],
    *[f"select versioned_table('{name}')" for name in CHANGING],
    *[f"select append_only_table('{name}')" for name in TABLES if name not in CHANGING],
]

DOWN = [
    "set local lock_timeout = '5s'",
    *[f"drop table {name}" for name in reversed(TABLES)],
    "drop function journal_balances, keep_posted_run",
]


def upgrade() -> None:
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
