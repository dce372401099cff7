"""Quarters are calculated, checked, posted and paid, each a step behind the one before; sellers ask about them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from app.demo.people import Demo
from app.domain.kernel.scope import Actor
from app.service import job_modules
from app.worker import run_job

_LATE = 12
"""Transactions corrected after their quarter was paid."""


async def first_quarter(demo: Demo) -> None:
    """January is tried out first; then the quarter is paid and closed, and sellers have questions."""
    job_modules()
    january, quarter = demo.company.calendar.code("M01"), demo.company.calendar.code("Q1")
    await _calculate(demo, january, kind="preview")
    await _false_starts(demo, quarter)
    await _settle(demo, await _calculate(demo, quarter), "paid")
    await _close(demo, ("M01", "M02", "M03", "Q1"))
    await _ask(demo, "Q1")


async def second_quarter(demo: Demo) -> None:
    """Posted with what was corrected and decided meanwhile; payroll takes it with the next salaries."""
    await _correct(demo, "Q1")
    await _settle(demo, await _calculate(demo, demo.company.calendar.code("Q2")), "posted")


async def third_quarter(demo: Demo) -> None:
    """Approved, and waiting to be posted; of July alone there is a run that nobody approves any more."""
    await _settle(demo, await _calculate(demo, demo.company.calendar.code("M07")), "reviewed")
    await _settle(demo, await _calculate(demo, demo.company.calendar.code("Q3")), "approved")


async def _calculate(demo: Demo, period: str, kind: str = "official") -> UUID:
    """A run that the worker, which is this process for now, has calculated."""
    run = await _start(demo, period, kind)
    await run_job(demo.service, demo.founder.org_id, await _job(demo, run))
    return run


async def _job(demo: Demo, run: UUID) -> UUID:
    (found,) = await demo.rows("select job_id from compensation_run where org_id = :org_id and id = :id", id=run)
    job: UUID = found["job_id"]
    return job


async def _start(demo: Demo, period: str, kind: str = "official") -> UUID:
    body = {"period_id": demo.ids[period], "kind": kind}
    return await demo.do(demo.desk["comp_admin"], "create_compensation_run", **body)


async def _false_starts(demo: Demo, period: str) -> None:
    """One run is cancelled; of another the job is, and it counts as failed when the next one begins."""
    pay = demo.desk["comp_admin"]
    run = await _start(demo, period)
    await demo.do(pay, "cancel_compensation_run", run, comment="The last invoices of the quarter are missing.")
    await demo.do(pay, "cancel_job", await _job(demo, await _start(demo, period)))


async def _settle(demo: Demo, run: UUID, state: str) -> None:
    """Take a calculated run as far as a state; who checks it is not who asked for it."""
    steps = (
        ("reviewed", demo.desk["comp_admin_2"], "review"),
        ("approved", demo.desk["finance"], "approve"),
        ("posted", demo.desk["finance"], "post"),
        ("paid", demo.desk["finance_2"], "pay"),
    )
    for reached, who, action in steps:
        await demo.do(who, f"{action}_compensation_run", run)
        if reached == state:
            return


async def _close(demo: Demo, periods: tuple[str, ...]) -> None:
    ids = [demo.ids[demo.company.calendar.code(period)] for period in periods]
    await demo.all(demo.desk["finance"], "close_fiscal_period", [(id, {}) for id in ids])


async def _correct(demo: Demo, quarter: str) -> None:
    """Some invoices of a paid quarter were wrong: the difference is paid with the next one."""
    (bounds,) = await demo.rows(
        "select start_date, end_date from fiscal_period where org_id = :org_id and id = :id",
        id=demo.ids[demo.company.calendar.code(quarter)],
    )
    start, end = bounds["start_date"], bounds["end_date"]
    wrong = [sold for sold in demo.company.transactions if start <= sold.day < end and sold.kind == "invoice"][:_LATE]
    calls = [
        (
            demo.ids[sold.key],
            {
                "reason": "Invoiced twice the seats that were ordered.",
                "amount": {"amount": (sold.amount / 2).quantize(Decimal("0.01")), "currency": sold.currency},
            },
        )
        for sold in wrong
    ]
    await demo.all(demo.desk["comp_admin"], "correct_transaction", calls)


_FATES = ("open", "in_review", "adjusted", "upheld", "closed", "reopened", "adjusted", "closed", "corrected")


async def _ask(demo: Demo, quarter: str) -> None:
    """Some sellers question their statement of a quarter, each with another outcome."""
    statements = await demo.rows(
        "select own.id, own.total, seller.employee_number as number from statement own"
        " join seller on seller.org_id = :org_id and seller.id = own.seller_id"
        " where own.org_id = :org_id and own.period_id = :period order by number limit :most",
        period=demo.ids[demo.company.calendar.code(quarter)],
        most=len(_FATES),
    )
    for fate, statement in zip(_FATES, statements, strict=False):
        await _question(demo, statement, fate)


async def _question(demo: Demo, statement: dict[str, Any], fate: str) -> None:
    seller, desk = demo.sellers[statement["number"]], demo.desk["comp_admin"]
    inquiry = await demo.do(
        seller,
        "create_inquiry",
        statement_id=statement["id"],
        subject="A deal that I closed in the last week is missing.",
        claimed_amount=statement["total"] + 480,
    )
    if fate == "open":
        return
    await demo.do(desk, "take_inquiry", inquiry)
    if fate == "in_review":
        return
    if fate == "corrected":
        await demo.do(desk, "correct_inquiry", inquiry, **await _larger(demo, seller))
        return
    if fate == "adjusted":
        await demo.do(desk, "adjust_inquiry", inquiry, amount="480.00", comment="It was booked a day late.")
        return
    await demo.do(desk, "uphold_inquiry", inquiry, comment="The invoice is dated in the next quarter.")
    if fate in ("closed", "reopened"):
        await demo.do(seller, "close_inquiry", inquiry)
    if fate == "reopened":
        await demo.do(seller, "reopen_inquiry", inquiry, comment="The order is older than the invoice.")


async def _larger(demo: Demo, seller: Actor) -> dict[str, Any]:
    """The correction of a deal of a seller."""
    (deal,) = await demo.rows(
        "select t.id, t.amount, t.currency from credit join transaction t on t.org_id = credit.org_id"
        " and t.id = credit.transaction_id where credit.org_id = :org_id and credit.seller_id = :seller"
        " and t.kind = 'invoice' and not exists (select from transaction later where later.org_id = t.org_id"
        " and later.supersedes_id = t.id) order by t.transaction_date desc, t.id limit 1",
        seller=seller.seller_id,
    )
    amount = {"amount": deal["amount"] + Decimal("480.00"), "currency": deal["currency"]}
    return {"transaction_id": deal["id"], "amount": amount, "comment": "The transport was left out of the invoice."}
