"""Statements: what a seller is told of its pay."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.domain.kernel.money import Money
from app.domain.kernel.resource import View


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
    """Earned by earlier periods of the year beyond what was posted for them."""
    adjustments: Money
    """Decided on inquiries since the statement before."""
    total: Money
    """The sum of the three."""
    year_to_date: Money
    """Totals of the fiscal year's statements up to this one."""
    needs_attention: int
    """Lines that could not be said; they are in none of the sums."""
    issued_at: datetime
    paid_at: datetime | None = None
    """When it went to payroll."""
