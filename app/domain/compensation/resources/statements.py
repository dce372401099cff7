"""Statements, as they can be read."""

from __future__ import annotations

from app.domain.compensation.contract.statements import DAYS_TO_ASK, StatementView
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
        "ask_by": f"(cast({{row}}.issued_at at time zone 'UTC' as date) + {DAYS_TO_ASK})",
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
            "{other}.seller_id = {row}.seller_id and {other}.currency = {row}.currency and {other}.id in (select"
            " taken.adjustment_id from run_adjustment taken where taken.org_id = {org}"
            " and taken.run_id = {row}.run_id)",
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
