"""Scalars: exact numbers and dates are strings, read strictly and written as the engine wrote them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON
from strawberry.types.scalar import ScalarDefinition

from app.graphql.naming import split_id

_DECIMAL = re.compile(r"-?\d{1,40}(\.\d{1,40})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _text(value: object, name: str, example: str) -> str:
    if not isinstance(value, str):
        raise GraphQLError(f'{name} must be a string such as "{example}".')
    return value


def _decimal(value: object) -> Decimal:
    text = _text(value, "Decimal", "1234.50")
    if not _DECIMAL.fullmatch(text):
        raise GraphQLError('Decimal must be a plain decimal number in a string such as "1234.50".')
    return Decimal(text)


def _uuid(value: object) -> UUID:
    text = _text(value, "UUID", "0190b5c0-7d5e-7000-8000-000000000001")
    try:
        return split_id(text)[1]
    except ValueError:
        raise GraphQLError("UUID must be a UUID or the global id of an object.") from None


def _date(value: object) -> date:
    text = _text(value, "Date", "2026-01-31")
    try:
        if not _DATE.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise GraphQLError('Date must be a calendar day such as "2026-01-31".') from None


def _instant(value: object) -> datetime:
    text = _text(value, "DateTime", "2026-01-31T12:00:00Z")
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise GraphQLError('DateTime must be an instant with its offset such as "2026-01-31T12:00:00Z".') from None


def _same(value: Any) -> Any:
    return value


def _scalar(name: str, description: str, parse: Callable[[object], Any]) -> ScalarDefinition:
    return strawberry.scalar(name=name, description=description, serialize=_same, parse_value=parse)


SCALARS: Mapping[object, ScalarDefinition] = {
    UUID: _scalar("UUID", "A UUID; as input, the global id of an object is understood too.", _uuid),
    Decimal: _scalar("Decimal", 'An exact decimal number in a string such as "1234.50", no JSON number.', _decimal),
    date: _scalar("Date", 'A business day such as "2026-01-31".', _date),
    datetime: _scalar("DateTime", 'An instant in RFC 3339 such as "2026-01-31T12:00:00Z"; answered in UTC.', _instant),
    JSON: _scalar("JSON", "Any JSON value; keys as on the REST surface.", _same),
}
"""What Python types are in the schema, beside GraphQL's own."""

NAMES: Mapping[str, Any] = {
    "UUID": UUID,
    "Decimal": Decimal,
    "Date": date,
    "DateTime": datetime,
    "JSON": JSON,
    "ID": strawberry.ID,
    "String": str,
    "Int": int,
    "Float": float,
    "Boolean": bool,
}
"""The scalars by the names used in type expressions."""
