"""Values of filters and arguments: texts of a caller become Python values the database takes, or are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.errors import refuse
from app.reading.field_types import FieldType, Kind, enum_values

_MAX_TEXT = 1_000
_BIGINT = range(-(2**63), 2**63)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# The digits a numeric column of ours can have.
_DECIMAL = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse(type_: FieldType, value: Any, pointer: str) -> Any:
    """The value as its type; what is of the type already is only checked for what a database cannot hold.

    Raises:
        DomainError: `invalid_parameter` at `pointer`.
    """
    try:
        if type_.kind is Kind.LIST and type_.item is not None:
            return [parse(type_.item, one, pointer) for one in (value if isinstance(value, list) else [value])]
        if type_.kind is Kind.ENUM:
            return _enum(type_, str(value))
        return _PARSERS[type_.kind](value)
    except (ValueError, OverflowError) as error:
        raise refuse("invalid_parameter", f"It must be {_expected(type_)}.", pointer=pointer) from error


def _enum(type_: FieldType, value: str) -> str:
    if value not in enum_values(type_):
        raise ValueError(value)
    return value


def _text(value: Any) -> str:
    text = str(value)
    if "\0" in text or len(text) > _MAX_TEXT:
        raise ValueError(text)
    # A lone surrogate cannot be sent to the database.
    text.encode()
    return text


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(_matching(_UUID, value))


def _decimal(value: Any) -> Decimal:
    if not isinstance(value, Decimal | str):
        raise ValueError(value)
    return Decimal(_matching(_DECIMAL, f"{value:f}" if isinstance(value, Decimal) else value))


def _integer(value: Any) -> int:
    number = value if isinstance(value, int) else int(_matching(_INTEGER, value))
    if number not in _BIGINT:
        raise ValueError(value)
    return number


def _number(value: Any) -> float:
    return float(_decimal(str(value)))


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}[value] if value in ("true", "false") else _fail(value)


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(_matching(_DATE, value))


def _instant(value: Any) -> datetime:
    if not isinstance(value, datetime):
        text = str(value)
        value = datetime.fromisoformat(f"{text}T00:00:00Z" if _DATE.fullmatch(text) else text)
    if value.tzinfo is None:
        _fail(value)
    return value.astimezone(UTC)  # type: ignore[no-any-return]


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else _fail(value)


def _fail(value: Any) -> Any:
    raise ValueError(value)


_PARSERS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.UUID: _uuid,
    Kind.TEXT: _text,
    Kind.DECIMAL: _decimal,
    Kind.MONEY: _decimal,
    Kind.DATE: _date,
    Kind.INSTANT: _instant,
    Kind.BOOLEAN: _boolean,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
}

_EXPECTED = {
    Kind.UUID: "a UUID",
    Kind.TEXT: f"a text of at most {_MAX_TEXT} characters without NUL",
    Kind.DECIMAL: 'a decimal number such as "1234.50"',
    Kind.MONEY: 'a decimal number such as "1234.50"',
    Kind.DATE: "a date such as 2026-01-31",
    Kind.INSTANT: "an instant with its offset such as 2026-01-31T08:00:00Z, or a date",
    Kind.BOOLEAN: "true or false",
    Kind.INTEGER: "a whole number",
    Kind.NUMBER: "a number",
}


def _expected(type_: FieldType) -> str:
    if type_.kind is Kind.ENUM:
        return f"one of {', '.join(enum_values(type_))}"
    if type_.kind is Kind.LIST and type_.item is not None:
        return _expected(type_.item)
    return _EXPECTED[type_.kind]
