"""Quarters are calculated, checked, posted and paid; what is corrected later is trued up; sellers ask about it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from app.demo.people import Demo
from app.service import job_modules
from app.worker import run_job

_LATE = 12
"""Transactions corrected after their quarter was paid."""


async def pay(demo: Demo) -> None:
    """Three quarters: two are paid, the third is posted; the month after it waits to be. January was a rehearsal."""
    job_modules()
    calendar = demo.company.calendar
    first, second, third = (calendar.code(f"Q{n}") for n in (1, 2, 3))
    await _calculate(demo, calendar.code("M01"), kind="preview")
    await _false_starts(demo, first)
    await _settle(demo, await _calculate(demo, calendar.code("M01")), "reviewed")
    await _settle(demo, await _calculate(demo, first), "paid")
    await _close(demo, first, ("M01", "M02", "M03"))
    await _correct(demo, first)
    await _settle(demo, await _calculate(demo, second), "paid")
    await _ask(demo, second)
    await _settle(demo, await _calculate(demo, third), "posted")
    await _settle(demo, await _calculate(demo, calendar.code("M10")), "approved")


async def _calculate(demo: Demo, period: str, kind: str = "official") -> UUID:
    """A run that the worker, which is this process for now, has calculated."""
    run = await _start(demo, period, kind)
    job = (await demo.rows("select job_id from compensation_run where org_id = :org_id and id = :id", id=run))[0]["job_id"]
    await run_job(demo.service, demo.founder.org_id, job)
    return run


async def _start(demo: Demo, period: str, kind: str = "official") -> UUID:
    body = {"period_id": demo.ids[period], "kind": kind}
    return await demo.do(demo.desk["comp_admin"], "create_compensation_run", **body)


async def _false_starts(demo: Demo, period: str) -> None:
    """One run is cancelled; of another the job is, and it counts as failed when the next one begins."""
    pay = demo.desk["comp_admin"]
    await demo.do(pay, "cancel_compensation_run", await _start(demo, period), comment="The December invoices are missing.")
    run = await _start(demo, period)
    job = (await demo.rows("select job_id from compensation_run where org_id = :org_id and id = :id", id=run))[0]["job_id"]
    await demo.do(pay, "cancel_job", job)


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


async def _close(demo: Demo, quarter: str, months: tuple[str, ...]) -> None:
    codes = [*(demo.company.calendar.code(month) for month in months), quarter]
    await demo.all(demo.desk["finance"], "close_fiscal_period", [(demo.ids[code], {}) for code in codes])


async def _correct(demo: Demo, quarter: str) -> None:
    """Some invoices of a paid quarter were wrong: the difference is paid with the next one."""
    start, end = (await demo.rows("select start_date, end_date from fiscal_period where org_id = :org_id and id = :id",
                                  id=demo.ids[quarter]))[0].values()
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


_FATES = ("open", "in_review", "adjusted", "upheld", "closed", "reopened", "adjusted", "closed")


async def _ask(demo: Demo, quarter: str) -> None:
    """Some sellers question their statement of a quarter, each with another outcome."""
    statements = await demo.rows(
        "select own.id, own.total, seller.employee_number as number from statement own"
        " join seller on seller.org_id = :org_id and seller.id = own.seller_id"
        " where own.org_id = :org_id and own.period_id = :period order by number limit :most",
        period=demo.ids[quarter],
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
    if fate == "adjusted":
        await demo.do(desk, "adjust_inquiry", inquiry, amount="480.00", comment="It was booked a day late.")
        return
    await demo.do(desk, "uphold_inquiry", inquiry, comment="The invoice is dated in the next quarter.")
    if fate in ("closed", "reopened"):
        await demo.do(seller, "close_inquiry", inquiry)
    if fate == "reopened":
        await demo.do(seller, "reopen_inquiry", inquiry, comment="The order is older than the invoice.")
