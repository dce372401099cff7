"""Compensation runs and what they found, as they can be read."""

from __future__ import annotations

from app.domain.compensation.contract.remedies import REMEDIES
from app.domain.compensation.contract.runs import CompensationRunView, CreditView, EarningView, RunFindingView
from app.domain.compensation.queries import FURTHEST, NEAREST
from app.domain.compensation.resources.statements import by_pay_of_period
from app.domain.compensation.terms.words import quoted
from app.domain.kernel.resource import LinkFrom, Many, One, Resource, Visible

# Before it is posted a result is the pay desk's business only.
_POSTED = (
    "exists (select from compensation_run posted where posted.org_id = {org} and posted.id = {row}.run_id"
    " and posted.state in ('posted', 'paid'))"
)
_PAY = by_pay_of_period(
    "(select own.period_id from compensation_run own where own.org_id = {org} and own.id = {row}.run_id)"
)
_OF_POSTED = Visible(f"({_POSTED} and {_PAY.rule})", pay=True)

CREDITS_OF_EARNING = (
    "{other}.run_id = {row}.run_id and {other}.currency = {row}.currency"
    " and {other}.exchange_rates = (select plan.exchange_rates from compensation_component c"
    " join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id"
    " where c.org_id = {org} and c.id = {row}.component_id)"
    " and {other}.credit_date < {row}.as_of and {other}.credit_date >= (select year.start_date"
    " from fiscal_period origin join fiscal_period year on year.org_id = origin.org_id and year.kind = 'year'"
    " and year.fiscal_year = origin.fiscal_year"
    " where origin.org_id = {org} and origin.id = {row}.origin_period_id)"
    " and {other}.role = (select case c.terms -> 'measure' ->> 'whose'"
    " when 'overlay' then 'overlay' else 'direct' end from compensation_component c where c.org_id = {org}"
    " and c.id = {row}.component_id) and ({other}.seller_id = {row}.seller_id and 0 = (select"
    f" {NEAREST} from compensation_component c where c.org_id = {{org}} and c.id = {{row}}.component_id)"
    " or exists (select from compensation_component c join reporting_closure line on line.org_id = c.org_id"
    " where c.org_id = {org} and c.id = {row}.component_id and c.terms -> 'measure' ->> 'whose' = 'team'"
    f" and line.depth between {NEAREST} and {FURTHEST} and line.ancestor_id = {{row}}.seller_id"
    " and line.descendant_id = {other}.seller_id and line.valid_from <= {other}.credit_date"
    " and line.valid_to > {other}.credit_date))"
)
"""SQL: whether the credit `{other}` is one of those that the earning `{row}` adds up."""

COMPENSATION_RUN = Resource(
    "compensation_run",
    "compensation_runs",
    CompensationRunView,
    "runs:read",
    "Calculations of what a period owes every participant.",
    links={
        "period": One("fiscal_period", "{row}.period_id"),
        "job": One("job", "{row}.job_id", "The job that calculates it."),
        "parent_run": One("compensation_run", "{row}.parent_run_id", "The run of the same period before this one."),
        "earnings": Many("earning", "{other}.run_id = {row}.id", "id", "What it says everybody earned."),
        "findings": Many("run_finding", "{other}.run_id = {row}.id", "id", "What it could not credit or pay."),
        "statements": Many("statement", "{other}.run_id = {row}.id", "id", "The statements it issued."),
        "journals": Many("journal", "{other}.run_id = {row}.id", "id", "Its postings."),
    },
    filters=("period_id", "kind", "state", "created_at"),
    sorts=("created_at",),
    machine="compensation_run",
)

EARNING = Resource(
    "earning",
    "earnings",
    EarningView,
    "pay:read_visible",
    "What sellers earned, line by line, with the figures behind it.",
    columns={
        "component_code": "(select c.code from compensation_component c where c.org_id = {org}"
        " and c.id = {row}.component_id)",
        "component_name": "(select c.name from compensation_component c where c.org_id = {org}"
        " and c.id = {row}.component_id)",
        "in_words": "(select c.in_words from compensation_component c where c.org_id = {org}"
        " and c.id = {row}.component_id)",
        "origin_period_code": "(select p.code from fiscal_period p where p.org_id = {org}"
        " and p.id = {row}.origin_period_id)",
    },
    links={
        "run": One("compensation_run", "{row}.run_id"),
        "origin_period": One("fiscal_period", "{row}.origin_period_id"),
        "seller": One("seller", "{row}.seller_id"),
        "plan": One("compensation_plan", "{row}.plan_id"),
        "credits": Many(
            "credit",
            CREDITS_OF_EARNING,
            "credit_date",
            "The credits it adds up.",
        ),
    },
    filters=(
        "run_id",
        "seller_id",
        "plan_id",
        "component_id",
        "kind",
        "origin_period_id",
        "status",
        "amount",
        "attainment",
    ),
    sorts=("amount", "attainment"),
    visible=_OF_POSTED,
    versioned=False,
)

CREDIT = Resource(
    "credit",
    "credits",
    CreditView,
    "pay:read_visible",
    "Who was credited for which transaction by an official run, and why.",
    links={
        "run": One("compensation_run", "{row}.run_id"),
        "seller": One("seller", "{row}.seller_id"),
        "transaction": One("transaction", "{row}.transaction_id"),
        "crediting_rule": One("crediting_rule", "{row}.rule_id"),
    },
    filters=("run_id", "seller_id", "transaction_id", "role", "rule", "rule_id", "source_id", "credit_date", "amount"),
    sorts=("credit_date", "amount"),
    visible=_OF_POSTED,
    versioned=False,
)

_REMEDY = " ".join(
    f"when {quoted(reason)} then jsonb_build_object('en', {quoted(words.en)}, 'fr', {quoted(words.fr)})"
    for reason, words in REMEDIES.items()
)

RUN_FINDING = Resource(
    "run_finding",
    "run_findings",
    RunFindingView,
    "runs:read",
    "Transactions that credit nobody, claims that lost, earnings that need attention.",
    columns={"remedy": f"(case {{row}}.reason {_REMEDY} end)"},
    links={
        "run": One("compensation_run", "{row}.run_id"),
        "seller": One("seller", "{row}.seller_id"),
        "transaction": One("transaction", "{row}.transaction_id"),
        "crediting_rule": One("crediting_rule", "{row}.rule_id", "The crediting rule that named the seller."),
    },
    filters=("run_id", "kind", "reason", "transaction_id", "seller_id", "rule_id"),
    sort="id",
    versioned=False,
)

SELLER_EARNINGS = LinkFrom(
    "seller", "earnings", Many("earning", "{other}.seller_id = {row}.id", "-id", "What it earned.")
)
TRANSACTION_CREDITS = LinkFrom(
    "transaction",
    "credits",
    Many("credit", "{other}.transaction_id = {row}.id", "-id", "Who was credited for it, run by run."),
)
