"""How a record of a file becomes values of ours: pure, value by value, every change noted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.imports.contract import Severity
from app.domain.imports.mapping import Blank, Case, FieldMapping, Key, Reading, Step, Unknown
from app.domain.imports.reading import Fault, Record

CLEANED, CONVERTED = Severity.CLEANED, Severity.CONVERTED


@dataclass(frozen=True)
class Change:
    """A value that a rule wrote differently."""

    severity: Severity
    column: str
    rule: str
    before: str
    after: str | None


@dataclass
class Row:
    """A record read by the rules: what it is called, its values and references by field, and what was changed."""

    row: int
    key: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    """Key in the source of what a field refers to."""
    changes: list[Change] = field(default_factory=list)
    excluded: str | None = None
    """Why the mapping leaves it out."""
    fault: Fault | None = None


class _Unusable(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.detail)
        self.fault = fault


def read_row(step: Step, key: Key, fields: Mapping[str, FieldMapping], record: Record) -> Row:
    """Apply a step to a record. What is wrong with it is its `fault`; nothing is raised."""
    row = Row(record.row, fault=record.fault)
    if row.fault:
        return row
    for condition in step.where:
        if str(record.values.get(condition.column) or "").strip() not in condition.one_of:
            row.excluded = condition.reason
            return row
    try:
        row.key = _key(key, record, row.changes)
        for path, given in fields.items():
            _field(path, given, record, row)
    except _Unusable as error:
        row.fault = error.fault
    return row


def _key(key: Key, record: Record, changes: list[Change]) -> str:
    text = _read(key, record, changes)
    if isinstance(text, int):
        text = str(text)
    if not isinstance(text, str) or not text:
        raise _Unusable(Fault("key_missing", "The row has no key.", key.column[0]))
    if len(text) > 200:
        raise _Unusable(Fault("key_too_long", "A key has at most 200 characters.", key.column[0], text[:200]))
    return text


def _field(path: str, given: FieldMapping, record: Record, row: Row) -> None:
    if given.reading is None:
        row.values[path] = given.constant
        return
    value = _read(given.reading, record, row.changes)
    column = given.reading.column[0]
    if value is None or value == "":
        if given.blank is Blank.REJECT:
            raise _Unusable(Fault("blank", "The value is missing.", column))
        if given.blank is Blank.DEFAULT:
            row.changes.append(Change(CLEANED, column, "default", "", given.default))
        row.values[path] = given.default
    elif given.reference:
        row.references[path] = str(value)
    else:
        row.values[path] = value


def _read(reading: Reading, record: Record, changes: list[Change]) -> Any:
    """The value of a reading; blanks are None. What is no text (NDJSON) is taken as it is."""
    found = [record.values.get(column) for column in reading.column]
    if len(found) == 1 and not isinstance(found[0], str):
        return found[0]
    text = reading.join.join(str(part) for part in found if part not in (None, ""))
    for rule, severity, apply in _rules(reading):
        if not text:
            return None
        after = apply(text)
        if after != text:
            changes.append(Change(severity if after else CLEANED, reading.column[0], rule, text, after))
        if after is None:
            return None
        text = after
    return text


_Rule = tuple[str, Severity, Callable[[str], str | None]]


def _rules(reading: Reading) -> Iterator[_Rule]:
    """The rules that a reading asks for, in their order."""
    if reading.trim:
        yield "trim", CLEANED, str.strip
    if reading.correct:
        yield "correct", CLEANED, lambda text: reading.correct.get(text, text)
    if reading.replace:
        yield "replace", CONVERTED, lambda text: _replaced(reading.replace, text)
    if reading.case:
        yield "case", CONVERTED, _CASES[reading.case]
    if reading.translate is not None:
        yield "translate", CONVERTED, lambda text: _translated(reading, text)
    if reading.date_format:
        yield "date_format", CONVERTED, lambda text: _date(reading, text)
    if reading.thousands or reading.decimal_point:
        yield "decimal_point", CONVERTED, lambda text: _decimal(reading, text)
    if reading.scale:
        yield "scale", CONVERTED, lambda text: _scaled(reading, text)


_CASES: Mapping[Case, Callable[[str], str]] = {Case.UPPER: str.upper, Case.LOWER: str.lower, Case.TITLE: str.title}


def _replaced(words: Mapping[str, str], text: str) -> str:
    for part, instead in words.items():
        text = text.replace(part, instead)
    return text


def _translated(reading: Reading, text: str) -> str | None:
    words = reading.translate or {}
    if text in words:
        return words[text]
    if reading.untranslated is Unknown.REJECT:
        raise _Unusable(Fault("untranslated", "The mapping has no translation.", reading.column[0], text[:200]))
    return text if reading.untranslated is Unknown.KEEP else None


def _date(reading: Reading, text: str) -> str:
    try:
        return datetime.strptime(text, reading.date_format or "").date().isoformat()  # noqa: DTZ007 (a day, no instant)
    except ValueError:
        detail = f"The day is not written as {reading.date_format}."
        raise _Unusable(Fault("date_format", detail, reading.column[0], text[:200])) from None


def _decimal(reading: Reading, text: str) -> str:
    plain = text.replace(reading.thousands, "") if reading.thousands else text
    return plain.replace(reading.decimal_point, ".") if reading.decimal_point else plain


def _scaled(reading: Reading, text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _no_number(reading, text) from None
    # A huge exponent would be written out in as many digits.
    if not number.is_finite() or abs(number.adjusted()) > 40:
        raise _no_number(reading, text)
    plain = f"{number * Decimal(reading.scale or 1):f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _no_number(reading: Reading, text: str) -> _Unusable:
    return _Unusable(Fault("not_a_number", "It is not a number.", reading.column[0], text[:200]))
