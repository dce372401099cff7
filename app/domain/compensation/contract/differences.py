"""Why two runs of one period differ, line by line and by cause."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from app.domain.kernel.fields import Command
from app.domain.kernel.money import Amount, Currency, Money
from app.domain.kernel.resource import Pay, View


class Cause(StrEnum):
    """What brought a difference about, in the order in which differences are put down to causes."""

    CORRECTED_TRANSACTION = "corrected_transaction"
    """Transactions that took another's place."""
    LATE_TRANSACTION = "late_transaction"
    """Transactions recorded since, and dated before the period."""
    NEW_TRANSACTION = "new_transaction"
    """Other transactions recorded since, returns among them."""
    MANUAL_CREDIT = "manual_credit"
    """Decisions on the credits of transactions."""
    RESULT = "result"
    """Activities done and objectives assessed."""
    CREDITING_RULE = "crediting_rule"
    """Crediting rules, their dates and what they are for."""
    PLAN = "plan"
    """Another version of a plan."""
    QUOTA = "quota"
    """Quotas, their amounts and phasing."""
    ASSIGNMENT = "assignment"
    """Territories and who covers them, owners of accounts, overlays, reporting lines."""
    PARTICIPATION = "participation"
    """Who takes part in a plan, when, and with what target incentive."""
    EXCHANGE_RATE = "exchange_rate"
    """Exchange rates."""
    EARLIER_YEAR = "earlier_year"
    """Differences of earlier fiscal years, which the runs took over."""
    OTHER = "other"
    """Everything else: margins of products, the fiscal calendar, which periods were paid."""


class CompareRuns(Command):
    """Say why another run of the same period differs from this one."""

    other_run_id: UUID
    """The run that is compared with this one: differences are what it pays more."""


class CauseTotal(View):
    """What one cause changed, over all lines of a currency."""

    currency: Currency
    cause: Cause
    lines: int
    """How many lines it changed."""
    amount: Amount


class ComparisonTotal(View):
    """What both runs say was earned in a currency; the causes add up to the amount."""

    currency: Currency
    lines: int
    """How many lines differ."""
    amount: Amount


class RunComparisonView(View):
    """Why two runs of one period differ."""

    id: UUID
    run_id: UUID
    other_run_id: UUID
    requested_by: UUID
    created_at: datetime
    totals: Annotated[list[ComparisonTotal] | None, Pay] = None
    """The whole difference per currency; only for those who see everybody's pay, like the causes."""
    causes: Annotated[list[CauseTotal] | None, Pay] = None


class RunDifferenceView(View):
    """What one cause changed of what a period earned a seller with a component.

    The causes of a line are a chain: `before` of the first is what the first run says, `after` of the last is what the
    other run says, and the amounts add up to the difference.
    """

    id: UUID
    comparison_id: UUID
    seller_id: UUID
    component_id: UUID
    component_code: str
    period_id: UUID
    """The pay period that earned it."""
    period_code: str
    cause: Cause
    before: Money | None = None
    """What the period earned before this cause; null where there was no line or it could not be said."""
    after: Money | None = None
    amount: Money
    """After less before, where null pays nothing."""
