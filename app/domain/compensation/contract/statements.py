"""Statements: what a seller is told of its pay."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from app.domain.kernel.money import Money
from app.domain.kernel.resource import View

DAYS_TO_ASK = 90
"""How long after its issue a statement can be questioned."""


def last_day_to_ask(issued_at: datetime) -> date:
    """Last day on which an inquiry about a statement is taken."""
    return issued_at.date() + timedelta(days=DAYS_TO_ASK)


class StatementView(View):
    """What a posted run owes a seller in one currency; it is never changed."""

    id: UUID
    seller_id: UUID
    period_id: UUID
    period_code: str
    run_id: UUID
    base: Money
    """Earned in the period itself."""
    true_up: Money
    """Earned by earlier periods beyond what was posted for them."""
    adjustments: Money
    """Decided on inquiries since the statement before."""
    held_back: Money
    """Kept back of earnings until it is released: below zero. Above where an earning was taken back."""
    released: Money
    """Kept back of earlier earnings, and paid now."""
    drawn: Money
    """By which the pay is raised to a draw or guarantee."""
    recovered: Money
    """Advances, clawbacks and carried amounts that it settles: below zero. Above where a clawback was too much."""
    carried_forward: Money
    """What would be below zero is not deducted, but owed from now on."""
    total: Money
    """What is paid: the sum of all above, never below zero."""
    year_to_date: Money
    """Totals of the fiscal year's statements up to this one."""
    needs_attention: int
    """Lines that could not be said; they are in none of the sums."""
    issued_at: datetime
    ask_by: date
    """Last day on which an inquiry about it is taken."""
    paid_at: datetime | None = None
    """When it went to payroll."""
