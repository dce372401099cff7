"""Payments, and the files that take them to a payroll provider."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Fields, Name, ShortText
from app.domain.kernel.money import Amount, Currency, Money
from app.domain.kernel.resource import Stored, View


class PaymentView(View):
    """What a run paid a seller in one currency; it is never changed."""

    id: UUID
    run_id: UUID
    period_id: UUID
    seller_id: UUID
    amount: Money
    paid_at: datetime
    export_id: UUID | None = None
    """The file that took it to payroll; null while it waits."""


class Delimiter(StrEnum):
    """What stands between two cells."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"
    PIPE = "pipe"


class DecimalMark(StrEnum):
    """What stands before the decimals of an amount."""

    POINT = "point"
    COMMA = "comma"


class DateFormat(StrEnum):
    """How a date is written."""

    ISO = "iso"
    """2026-03-31"""
    DAY_FIRST = "day_first"
    """31/03/2026"""
    MONTH_FIRST = "month_first"
    """03/31/2026"""
    COMPACT = "compact"
    """20260331"""


class PayrollField(StrEnum):
    """What a cell can be filled with."""

    PAYMENT_ID = "payment_id"
    EMPLOYEE_NUMBER = "employee_number"
    """A payment of a seller without one is not exported: the file would lose it."""
    SELLER_NAME = "seller_name"
    EMAIL = "email"
    AMOUNT = "amount"
    CURRENCY = "currency"
    PERIOD_CODE = "period_code"
    PERIOD_START = "period_start"
    PERIOD_END = "period_end"
    """The last day of the period."""
    PAID_ON = "paid_on"


class PayrollColumnFields(Fields):
    """One column: filled from the payment, or with the same text in every line; never both."""

    header: Annotated[ShortText, Field(min_length=1)]
    field: PayrollField | None = None
    text: ShortText | None = None
    """Such as the provider's pay code for commissions."""


class PayrollMappingFields(Fields):
    """How a provider wants its file."""

    code: Code
    name: Name
    delimiter: Delimiter
    decimal_mark: DecimalMark
    date_format: DateFormat
    header: bool
    """Whether the first line names the columns."""
    columns: list[PayrollColumnFields] = Field(min_length=1, max_length=50)


class PayrollMappingView(PayrollMappingFields, Stored):
    """A file format of a payroll provider."""


class CreatePayrollMapping(PayrollMappingFields, Command):
    """Describe the file of a payroll provider."""


class UpdatePayrollMapping(Command):
    """Change the description; an absent field stays as it is. Files that were made stay as they are."""

    name: Name | None = Field(default_factory=lambda: None)
    delimiter: Delimiter | None = Field(default_factory=lambda: None)
    decimal_mark: DecimalMark | None = Field(default_factory=lambda: None)
    date_format: DateFormat | None = Field(default_factory=lambda: None)
    header: bool | None = Field(default_factory=lambda: None)
    columns: list[PayrollColumnFields] | None = Field(default_factory=lambda: None, min_length=1, max_length=50)


class PayrollTotal(View):
    """What a file pays in one currency."""

    currency: Currency
    amount: Amount
    payments: int


class PayrollExportView(View):
    """A file of payments; each payment is in one file only. Its content is at `…/file.csv`."""

    id: UUID
    mapping_id: UUID
    payment_count: int
    totals: list[PayrollTotal]
    sha256: str
    """Of the file."""
    exported_at: datetime


class CreatePayrollExport(Command):
    """Write the payments that are in no file yet into one."""

    mapping_id: UUID
    run_id: UUID | None = None
    """Only those of this run."""
    currency: Currency | None = None
    """Only those in this currency."""
