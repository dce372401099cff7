"""The ledger: journals and their entries, the movements of balances, and what the accounts add up to."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Command, Comment
from app.domain.kernel.money import Amount, Currency, Money
from app.domain.kernel.resource import View


class JournalKind(StrEnum):
    """What a journal records."""

    POSTING = "posting"
    """What a run owes becomes payable, and balances move."""
    PAYMENT = "payment"
    """What is payable goes to payroll."""
    WRITE_OFF = "write_off"
    """What a seller owes is given up."""
    CAPITALISATION = "capitalisation"
    """What a run paid to win contracts becomes an asset (ASC 606, IFRS 15)."""
    AMORTISATION = "amortisation"
    """The part of that asset that a period uses up."""
    IMPAIRMENT = "impairment"
    """The part of that asset that is lost."""


class LedgerAccount(StrEnum):
    """Where money stands."""

    COMMISSION_EXPENSE = "commission_expense"
    COMMISSIONS_PAYABLE = "commissions_payable"
    PAYROLL_CLEARING = "payroll_clearing"
    DRAW_RECEIVABLE = "draw_receivable"
    """Advances that earnings have not covered yet."""
    HOLDBACK_PAYABLE = "holdback_payable"
    """Earned, and kept back until it is released."""
    CLAWBACK_RECEIVABLE = "clawback_receivable"
    """What sellers owe: clawbacks, and pay below zero that was carried forward."""
    CONTRACT_COST_ASSET = "contract_cost_asset"
    AMORTISATION_EXPENSE = "amortisation_expense"
    IMPAIRMENT_EXPENSE = "impairment_expense"


class MovementKind(StrEnum):
    """What moves a balance of a seller."""

    HOLDBACK = "holdback"
    """Part of an earning is kept back; the pay is lower by it."""
    RELEASE = "release"
    """What was kept back is paid."""
    GUARANTEE = "guarantee"
    """The pay is raised to a draw that is not recoverable."""
    DRAW_ADVANCE = "draw_advance"
    """The pay is raised to a recoverable draw; the seller owes the difference."""
    DRAW_RECOVERY = "draw_recovery"
    """Earnings beyond the draw pay back advances."""
    DRAW_FORGIVENESS = "draw_forgiveness"
    """Advances still owed after the last month of the draw are given up."""
    CLAWBACK = "clawback"
    """A returned deal: the seller owes what was paid for it. What is deducted from pay is a `recovery`."""
    CARRIED = "carried"
    """Pay below zero is not deducted but owed, and recovered from later pay."""
    RECOVERY = "recovery"
    """Pay is lowered by what the seller owes."""
    DRAW_WRITE_OFF = "draw_write_off"
    """Somebody of finance gave up advances."""
    DEBT_WRITE_OFF = "debt_write_off"
    """Somebody of finance gave up what was clawed back or carried."""


class Owed(StrEnum):
    """What a seller may owe."""

    DRAW = "draw"
    DEBT = "debt"
    """Clawbacks, and pay below zero that was carried forward."""


class JournalView(View):
    """Entries that belong together: per currency, debit equals credit."""

    id: UUID
    kind: JournalKind
    run_id: UUID | None = None
    """The run that is posted, paid or capitalised; null for what belongs to none."""
    period_id: UUID
    posted_at: datetime


class LedgerEntryView(View):
    """One side of a posting; it is never changed."""

    id: UUID
    journal_id: UUID
    seller_id: UUID
    account: LedgerAccount
    debit: Money
    credit: Money
    earning_id: UUID | None = None
    """The earning that is posted."""
    adjustment_id: UUID | None = None
    """The adjustment that is posted."""
    movement_id: UUID | None = None
    """The movement of a balance that is posted."""
    payment_id: UUID | None = None
    """The payment that is posted."""
    contract_cost_id: UUID | None = None
    """The capitalised cost that is posted, amortised or impaired."""


class BalanceMovementView(View):
    """What a posted run, or a write-off, moved on a seller's balances."""

    id: UUID
    run_id: UUID | None = None
    """The run it was posted with; null for a write-off."""
    period_id: UUID
    seller_id: UUID
    kind: MovementKind
    amount: Money
    """Above zero where it raises pay or what is owed, below where it lowers it."""
    component_id: UUID | None = None
    """The component that holds back or takes back."""
    origin_period_id: UUID | None = None
    """The period whose earning is held back or released."""
    transaction_id: UUID | None = None
    """The transaction that is taken back."""
    reason: str | None = None
    recorded_at: datetime


class WriteOff(Command):
    """Give up what a seller owes; the organisation bears it."""

    seller_id: UUID
    period_id: UUID
    """The open period that bears it."""
    owed: Owed
    amount: Annotated[Amount, Field(gt=Decimal(0))]
    """At most the balance."""
    currency: Currency
    reason: Comment


class HoldbackReleaseView(View):
    """The decision to release what was held back; the next run pays it."""

    id: UUID
    seller_id: UUID
    component_id: UUID
    period_id: UUID
    """The period that earned it."""
    reason: str
    decided_at: datetime


class ReleaseHoldback(Command):
    """Release what was held back of a seller's earning, such as when the customer went live."""

    seller_id: UUID
    component_id: UUID
    period_id: UUID
    """The period that earned it."""
    reason: Comment


class AccountBalanceView(View):
    """What an account of a seller adds up to."""

    id: UUID
    seller_id: UUID
    account: LedgerAccount
    currency: Currency
    debit: Money
    credit: Money
    balance: Money
    """Debit less credit: above zero is a receivable or an expense, below zero is owed to the seller or to payroll."""


class TrialBalanceView(View):
    """What an account moved in a period and stands at when it ends; over all accounts the balances are zero."""

    id: UUID
    period_id: UUID
    account: LedgerAccount
    currency: Currency
    opening: Money
    """Debit less credit of all periods that end before this one begins."""
    debit: Money
    credit: Money
    closing: Money
