"""Statements and the ledger, as they can be read."""

from __future__ import annotations

from app.domain.compensation.contract.ledger import JournalView, LedgerEntryView
from app.domain.compensation.contract.statements import StatementView
from app.domain.kernel.resource import LinkFrom, Many, One, Resource, Visible, by_pay


def by_pay_of_period(period: str) -> Visible:
    """Pay of `{row}`'s seller, for whoever led it on the last day of the period whose id is the SQL `period`."""
    return by_pay(
        "{row}.seller_id",
        f"(select paid.end_date - 1 from fiscal_period paid where paid.org_id = {{org}} and paid.id = {period})",
    )


STATEMENT = Resource(
    "statement",
    "statements",
    StatementView,
    "pay:read_visible",
    "What posted runs owe sellers, one statement per seller, period and currency.",
    columns={
        "period_code": "(select p.code from fiscal_period p where p.org_id = {org} and p.id = {row}.period_id)",
        "paid_at": "(select run.paid_at from compensation_run run where run.org_id = {org} and run.id = {row}.run_id)",
    },
    links={
        "seller": One("seller", "{row}.seller_id"),
        "period": One("fiscal_period", "{row}.period_id"),
        "run": One("compensation_run", "{row}.run_id"),
        "lines": Many(
            "earning",
            "{other}.run_id = {row}.run_id and {other}.seller_id = {row}.seller_id"
            " and {other}.currency = {row}.currency",
            "id",
            "The earnings it adds up.",
        ),
        "adjustment_lines": Many(
            "earning_adjustment",
            "{other}.seller_id = {row}.seller_id and {other}.id in (select entry.adjustment_id from ledger_entry entry"
            " join journal on journal.org_id = entry.org_id and journal.id = entry.journal_id"
            " where entry.org_id = {org} and journal.run_id = {row}.run_id and entry.currency = {row}.currency)",
            "id",
            "The adjustments it adds up.",
        ),
        "inquiries": Many("inquiry", "{other}.statement_id = {row}.id", "id", "What its seller asked about it."),
    },
    filters=("seller_id", "period_id", "run_id", "total", "issued_at"),
    sorts=("issued_at", "total"),
    visible=by_pay_of_period("{row}.period_id"),
    versioned=False,
)

SELLER_STATEMENTS = LinkFrom(
    "seller", "statements", Many("statement", "{other}.seller_id = {row}.id", "-issued_at", "Its statements.")
)

JOURNAL = Resource(
    "journal",
    "journals",
    JournalView,
    "pay:read",
    "Postings and payments of runs.",
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
    },
    filters=("journal_id", "seller_id", "account", "earning_id"),
    sort="id",
    versioned=False,
)
