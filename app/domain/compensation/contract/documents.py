"""The statement as a whole: everything a seller needs to follow each cent of its pay."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from app.domain.compensation.contract.ledger import LedgerAccount, MovementKind
from app.domain.compensation.contract.plans import InWordsView
from app.domain.compensation.contract.runs import EarningKind, EarningStatus
from app.domain.kernel.money import Currency, Total
from app.domain.kernel.resource import View


class PayPart(StrEnum):
    """What a statement's total is the sum of."""

    BASE = "base"
    TRUE_UP = "true_up"
    ADJUSTMENTS = "adjustments"
    HELD_BACK = "held_back"
    RELEASED = "released"
    DRAWN = "drawn"
    RECOVERED = "recovered"
    CARRIED_FORWARD = "carried_forward"


class StatementSum(View):
    """One part of the total."""

    part: PayPart
    amount: Total


class StatementSlice(View):
    """A band of the component's rate that a window of the line reached."""

    window_start: date
    ordinal: int
    """Of the band in the rate; 1 is the lowest."""
    amount: Total
    """What was measured in it."""
    earned: Total
    """Not rounded; the line is rounded once."""


class StatementDeal(View):
    """A transaction of a line, and what it brought."""

    transaction_id: UUID
    credit_date: date
    account: str | None = None
    """Who bought."""
    description: str | None = None
    credited: Total
    amount: Total


class StatementLine(View):
    """One earning with what it is made of."""

    earning_id: UUID
    component_code: str
    component_name: str
    kind: EarningKind
    origin_period_code: str
    """The period that earned it."""
    amount: Total | None = None
    """Null while it needs attention."""
    credited_to_date: Total | None = None
    quota_to_date: Total | None = None
    quota_window: Total | None = None
    """Quota of the whole window."""
    attainment: Total | None = None
    earned_to_date: Total | None = None
    earned_before: Total
    posted_before: Total
    status: EarningStatus
    code: str | None = None
    """Why it needs attention."""
    in_words: list[InWordsView]
    slices: list[StatementSlice]
    deals: list[StatementDeal]
    """The twenty that brought most; `earning-parts` has them all."""
    further_deals: int
    further_amount: Total
    """What the deals that are not listed brought."""
    without_deal: Total
    """The part of the line that no transaction brought."""


class StatementAdjustment(View):
    """What was agreed on an inquiry."""

    adjustment_id: UUID
    reason: str
    amount: Total


class StatementMovement(View):
    """What moved a balance with this statement."""

    kind: MovementKind
    component_name: str | None = None
    origin_period_code: str | None = None
    amount: Total


class StatementBalance(View):
    """How a balance stood when the statement was issued."""

    account: LedgerAccount
    amount: Total
    """Above zero in every case: what the seller owes, or what is still held back for it."""


class StatementPeriod(View):
    """A statement of the same fiscal year, up to this one."""

    statement_id: UUID
    period_code: str
    total: Total


class StatementDocument(View):
    """A statement with its lines, deals, adjustments, balances and year; amounts are in its currency."""

    statement_id: UUID
    organisation: str
    seller_id: UUID
    seller: str
    employee_number: str | None = None
    period_code: str
    start_date: date
    end_date: date
    """The day after the last of the period."""
    fiscal_year: int
    currency: Currency
    issued_at: datetime
    paid_at: datetime | None = None
    """When it went to payroll."""
    ask_by: date
    """Last day on which an inquiry about it is taken."""
    total: Total
    year_to_date: Total
    needs_attention: int
    sums: list[StatementSum]
    """They add up to the total."""
    lines: list[StatementLine]
    adjustments: list[StatementAdjustment]
    movements: list[StatementMovement]
    balances: list[StatementBalance]
    year: list[StatementPeriod]
    """They add up to the year to date."""
