"""Inquiries and the adjustments decided on them, as they can be read."""

from __future__ import annotations

from app.domain.compensation.contract.inquiries import AdjustmentView, InquiryView
from app.domain.compensation.resources.statements import by_pay_of_period
from app.domain.kernel.resource import Many, One, Resource

INQUIRY = Resource(
    "inquiry",
    "inquiries",
    InquiryView,
    "pay:read_visible",
    "Questions of sellers about their statements.",
    links={
        "statement": One("statement", "{row}.statement_id"),
        "seller": One("seller", "{row}.seller_id"),
        "earning": One("earning", "{row}.earning_id"),
        "transaction": One("transaction", "{row}.transaction_id"),
        "adjustments": Many("earning_adjustment", "{other}.inquiry_id = {row}.id", "id", "What was decided."),
    },
    filters=("statement_id", "seller_id", "state", "transaction_id", "created_at"),
    sorts=("created_at",),
    visible=by_pay_of_period(
        "(select asked.period_id from statement asked where asked.org_id = {org} and asked.id = {row}.statement_id)"
    ),
    machine="inquiry",
)

EARNING_ADJUSTMENT = Resource(
    "earning_adjustment",
    "earning_adjustments",
    AdjustmentView,
    "pay:read_visible",
    "Differences decided on inquiries, paid with the next run that is posted.",
    columns={
        "posted_run_id": "(select run.id from run_adjustment taken join compensation_run run"
        " on run.org_id = taken.org_id and run.id = taken.run_id and run.state in ('posted', 'paid')"
        " where taken.org_id = {org} and taken.adjustment_id = {row}.id)",
    },
    links={"inquiry": One("inquiry", "{row}.inquiry_id"), "seller": One("seller", "{row}.seller_id")},
    filters=("inquiry_id", "seller_id", "posted_run_id"),
    sort="id",
    visible=by_pay_of_period(
        "(select asked.period_id from inquiry i join statement asked on asked.org_id = i.org_id"
        " and asked.id = i.statement_id where i.org_id = {org} and i.id = {row}.inquiry_id)"
    ),
    versioned=False,
)
