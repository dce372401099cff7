"""Inquiries and the adjustments decided on them, as they can be read."""

from __future__ import annotations

from app.domain.compensation.contract.inquiries import AdjustmentView, InquiryView
from app.domain.compensation.resources.statements import by_pay_of_period
from app.domain.kernel.resource import Many, One, Resource

_TOLD = """(select case when {row}.earning_id is null then asked.total else (
    select e.amount from earning e where e.org_id = {org} and e.id = {row}.earning_id) end
  from statement asked where asked.org_id = {org} and asked.id = {row}.statement_id)"""
# A preview of a posted period pays the difference to what was posted for it, line by line.
_CHANGED = """(select coalesce(sum(now.amount), 0) from compensation_run again
  left join (earning now
    join compensation_component c on c.org_id = now.org_id and c.id = now.component_id
    join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id)
   on now.org_id = again.org_id and now.run_id = again.id and now.seller_id = {row}.seller_id
   and now.currency = {row}.currency and now.status = 'ok'
   and ({row}.earning_id is null or exists (select from earning asked
     join compensation_component own on own.org_id = asked.org_id and own.id = asked.component_id
     join compensation_plan own_plan on own_plan.org_id = own.org_id and own_plan.id = own.plan_id
     where asked.org_id = {org} and asked.id = {row}.earning_id and own.code = c.code and own_plan.code = plan.code
       and asked.origin_period_id = now.origin_period_id))
  where again.org_id = {org} and again.id = {row}.check_run_id and again.calculated_at is not null
  having count(again.id) > 0)"""
_OVERDUE = "({row}.state in ('open', 'in_review') and {row}.answer_by < {today})"

INQUIRY = Resource(
    "inquiry",
    "inquiries",
    InquiryView,
    "pay:read_visible",
    "Questions of sellers about their statements.",
    columns={"told_amount": _TOLD, "recomputed_amount": f"({_TOLD} + {_CHANGED})", "overdue": _OVERDUE},
    links={
        "statement": One("statement", "{row}.statement_id"),
        "seller": One("seller", "{row}.seller_id"),
        "earning": One("earning", "{row}.earning_id"),
        "transaction": One("transaction", "{row}.transaction_id"),
        "check_run": One("compensation_run", "{row}.check_run_id", "The preview that recomputed it."),
        "correction": One("transaction", "{row}.correction_id", "What replaced the transaction in question."),
        "adjustments": Many("earning_adjustment", "{other}.inquiry_id = {row}.id", "id", "What was decided."),
    },
    filters=("statement_id", "seller_id", "state", "transaction_id", "created_at", "answer_by", "overdue"),
    sorts=("created_at", "answer_by"),
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
