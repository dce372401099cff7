"""The text of a payroll file; pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.compensation.contract.payroll import DateFormat, DecimalMark, Delimiter, PayrollMappingFields
from app.domain.kernel.money import minor_digits, round_half_away

_DELIMITERS = {Delimiter.COMMA: ",", Delimiter.SEMICOLON: ";", Delimiter.TAB: "\t", Delimiter.PIPE: "|"}
_DATES = {
    DateFormat.ISO: "%Y-%m-%d",
    DateFormat.DAY_FIRST: "%d/%m/%Y",
    DateFormat.MONTH_FIRST: "%m/%d/%Y",
    DateFormat.COMPACT: "%Y%m%d",
}


def payroll_file(mapping: PayrollMappingFields, payments: Iterable[Mapping[str, Any]]) -> str:
    """The file, one line per payment; `payments` have the fields of `PayrollField`."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=_DELIMITERS[mapping.delimiter], lineterminator="\r\n")
    if mapping.header:
        writer.writerow([_text(column.header) for column in mapping.columns])
    for payment in payments:
        writer.writerow(
            [
                _text(column.text or "") if column.field is None else _cell(mapping, payment, column.field.value)
                for column in mapping.columns
            ]
        )
    return out.getvalue()


def _cell(mapping: PayrollMappingFields, payment: Mapping[str, Any], field: str) -> str:
    value = payment[field]
    if isinstance(value, Decimal):
        written = f"{round_half_away(value, minor_digits(payment['currency'])):f}"
        return written.replace(".", ",") if mapping.decimal_mark is DecimalMark.COMMA else written
    if isinstance(value, date):
        return value.strftime(_DATES[mapping.date_format])
    return "" if value is None else _text(str(value))


def _text(value: str) -> str:
    """A spreadsheet takes text that begins like a formula for one."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
