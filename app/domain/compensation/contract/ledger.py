"""The ledger: journals and their entries."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.kernel.money import Money
from app.domain.kernel.resource import View


class JournalKind(StrEnum):
    """What a journal records."""

    POSTING = "posting"
    """What a run owes becomes payable."""
    PAYMENT = "payment"
    """What is payable goes to payroll."""


class LedgerAccount(StrEnum):
    """Where money stands."""

    COMMISSION_EXPENSE = "commission_expense"
    COMMISSIONS_PAYABLE = "commissions_payable"
    PAYROLL_CLEARING = "payroll_clearing"


class JournalView(View):
    """Entries that belong together: per currency, debit equals credit."""

    id: UUID
    kind: JournalKind
    run_id: UUID
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
