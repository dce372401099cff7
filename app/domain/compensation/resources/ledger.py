"""The ledger, the balances of sellers and what the accounts add up to, as they can be read."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.contract.ledger import (
    AccountBalanceView,
    BalanceMovementView,
    HoldbackReleaseView,
    JournalView,
    LedgerEntryView,
    TrialBalanceView,
)
from app.domain.compensation.resources.statements import by_pay_of_period
from app.domain.kernel.resource import LinkFrom, Many, One, Param, Resource, Visible, by_pay

_PAY = by_pay_of_period("{row}.period_id")
_POSTED = (
    "({row}.run_id is null or exists (select from compensation_run posted where posted.org_id = {org}"
    " and posted.id = {row}.run_id and posted.state in ('posted', 'paid')))"
)

JOURNAL = Resource(
    "journal",
    "journals",
    JournalView,
    "pay:read",
    "Postings and payments of runs, write-offs, and the accounting of contract costs.",
    links={
        "run": One("compensation_run", "{row}.run_id"),
        "period": One("fiscal_period", "{row}.period_id"),
        "entries": Many("ledger_entry", "{other}.journal_id = {row}.id", "id", "Its entries."),
    },
    filters=("kind", "run_id", "period_id", "posted_at"),
    sorts=("posted_at",),
    versioned=False,
)

LEDGER_ENTRY = Resource(
    "ledger_entry",
    "ledger_entries",
    LedgerEntryView,
    "pay:read",
    "The ledger: every amount stands once as debit and once as credit.",
    links={
        "journal": One("journal", "{row}.journal_id"),
        "seller": One("seller", "{row}.seller_id"),
        "earning": One("earning", "{row}.earning_id"),
        "adjustment": One("earning_adjustment", "{row}.adjustment_id"),
        "movement": One("balance_movement", "{row}.movement_id"),
        "payment": One("payment", "{row}.payment_id"),
        "contract_cost": One("contract_cost", "{row}.contract_cost_id"),
    },
    filters=("journal_id", "seller_id", "account", "earning_id", "movement_id", "payment_id", "contract_cost_id"),
    sort="id",
    versioned=False,
)

BALANCE_MOVEMENT = Resource(
    "balance_movement",
    "balance_movements",
    BalanceMovementView,
    "pay:read_visible",
    "What moved the balances of sellers: holdbacks, draws, clawbacks, carried pay.",
    links={
        "run": One("compensation_run", "{row}.run_id"),
        "seller": One("seller", "{row}.seller_id"),
        "period": One("fiscal_period", "{row}.period_id"),
        "origin_period": One("fiscal_period", "{row}.origin_period_id"),
        "transaction": One("transaction", "{row}.transaction_id"),
    },
    filters=("run_id", "seller_id", "kind", "component_id", "transaction_id"),
    sort="id",
    visible=Visible(f"({_POSTED} and {_PAY.rule})", pay=True),
    versioned=False,
)

HOLDBACK_RELEASE = Resource(
    "holdback_release",
    "holdback_releases",
    HoldbackReleaseView,
    "pay:read_visible",
    "Decisions to release what was held back.",
    links={"seller": One("seller", "{row}.seller_id"), "period": One("fiscal_period", "{row}.period_id")},
    filters=("seller_id", "component_id", "period_id"),
    sort="id",
    visible=_PAY,
    versioned=False,
)

ACCOUNT_BALANCE = Resource(
    "account_balance",
    "account_balances",
    AccountBalanceView,
    "pay:read_visible",
    "What every account of every seller adds up to; balances are sums of the ledger and nothing else.",
    source="""(
      select cast(md5(entry.seller_id || entry.account || entry.currency) as uuid) as id, entry.seller_id,
             entry.account, entry.currency, sum(entry.debit) as debit, sum(entry.credit) as credit,
             sum(entry.debit - entry.credit) as balance
      from ledger_entry entry
      where entry.org_id = {org} and entry.account not in ('contract_cost_asset', 'amortisation_expense',
        'impairment_expense')
      group by entry.seller_id, entry.account, entry.currency
    )""",
    links={"seller": One("seller", "{row}.seller_id")},
    filters=("seller_id", "account", "currency", "balance"),
    sorts=("balance",),
    sort="id",
    visible=by_pay("{row}.seller_id"),
    versioned=False,
)

TRIAL_BALANCE = Resource(
    "trial_balance",
    "trial_balances",
    TrialBalanceView,
    "pay:read",
    "What every account moved in a period and stands at when it ends.",
    path="trial-balance",
    source="""(
      select cast(md5(asked.id || entry.account || entry.currency) as uuid) as id, asked.id as period_id,
             entry.account, entry.currency,
             coalesce(sum(entry.debit - entry.credit) filter (where theirs.end_date <= asked.start_date), 0) as opening,
             coalesce(sum(entry.debit) filter (where theirs.end_date > asked.start_date), 0) as debit,
             coalesce(sum(entry.credit) filter (where theirs.end_date > asked.start_date), 0) as credit,
             sum(entry.debit - entry.credit) as closing
      from fiscal_period asked
      join fiscal_period theirs on theirs.org_id = asked.org_id and theirs.end_date <= asked.end_date
      join journal on journal.org_id = asked.org_id and journal.period_id = theirs.id
      join ledger_entry entry on entry.org_id = journal.org_id and entry.journal_id = journal.id
      where asked.org_id = {org} and asked.id = coalesce({period_id}, (select year.id from fiscal_period year
        where year.org_id = {org} and year.kind = 'year' and year.start_date <= {today} and year.end_date > {today}))
      group by asked.id, entry.account, entry.currency
    )""",
    params={"period_id": Param(UUID, "The fiscal period; the fiscal year of today unless said.")},
    links={"period": One("fiscal_period", "{row}.period_id")},
    filters=("account", "currency"),
    sort="id",
    versioned=False,
)

SELLER_BALANCES = LinkFrom(
    "seller",
    "account_balances",
    Many("account_balance", "{other}.seller_id = {row}.id", "id", "What its accounts add up to."),
)
RUN_MOVEMENTS = LinkFrom(
    "compensation_run",
    "balance_movements",
    Many("balance_movement", "{other}.run_id = {row}.id", "id", "What it moved on balances."),
)
STATEMENT_MOVEMENTS = LinkFrom(
    "statement",
    "balance_movements",
    Many(
        "balance_movement",
        "{other}.run_id = {row}.run_id and {other}.seller_id = {row}.seller_id and {other}.currency = {row}.currency",
        "id",
        "What moved the seller's balances.",
    ),
)
