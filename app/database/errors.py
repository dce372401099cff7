"""What the database refused, in the words of the product. The code checks first; the database has the last word."""

from __future__ import annotations

import re
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import SQLModel

from app.domain.kernel.errors import DomainError, refuse

RETRIED = ("40001", "40P01")
"""Serialization failure and deadlock: the transaction is run again."""

UNKNOWN = "PL422"
"""Our own: a function of ours was given the name of something that does not exist, in the column it names."""

_CODES = {
    "23505": "already_exists",
    "23503": "unknown_reference",
    "23514": "constraint_violated",
    "23502": "constraint_violated",
    "23P01": "period_overlap",
    "22003": "constraint_violated",
    "22021": "invalid_input",
    "22P05": "invalid_input",
    "42501": "not_found",
    "40001": "unavailable",
    "40P01": "unavailable",
    "55P03": "busy",
    "57014": "unavailable",
    "57P01": "unavailable",
    "57P03": "unavailable",
    "53300": "unavailable",
}

_GONE = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    # What asyncpg says of a connection whose end it has been told of but not seen yet.
    asyncpg.InternalClientError,
)

_KEY = re.compile(r"Key \((?P<columns>[^)]*)\)=\((?P<values>.*?)\)")
# Row-level security hides the key's values and columns; the name PostgreSQL gives a constraint still tells them.
_NAMED = re.compile(r"_org_id_(?P<columns>\w+?)_f?key\d*$")

_NOT_GIVEN = ("org_id", "daterange", "period", "valid")


def sqlstate(error: BaseException) -> str:
    """The SQLSTATE of a database error, through SQLAlchemy's wrapping; empty if it is none."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(original, "sqlstate", "") or "")


def lost(error: BaseException) -> bool:
    """Whether the connection, or the way to it, is gone."""
    original = getattr(error, "orig", None) or error
    source = getattr(original, "__cause__", None) or original
    return isinstance(source, _GONE) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def translate(error: BaseException) -> DomainError | None:
    """The refusal a database error means, or None when it is a defect of ours."""
    if isinstance(error, PoolTimeout | TimeoutError) or lost(error):
        return refuse("unavailable")
    state = sqlstate(error)
    if state == UNKNOWN:
        return _unknown(error)
    code = _CODES.get(state)
    if code is None:
        return None
    original = getattr(error, "orig", error)
    source = getattr(original, "__cause__", None) or original
    constraint = str(getattr(source, "constraint_name", "") or "")
    detail = str(getattr(source, "detail", "") or "")
    if state == "23503" and "still referenced" in detail:
        return refuse("still_referenced", constraint=constraint)
    if code == "constraint_violated":
        text = f"The rule {constraint} does not hold." if constraint else str(getattr(source, "message", "") or "")
        return refuse(code, text, constraint=constraint)
    if code in ("already_exists", "unknown_reference", "period_overlap"):
        return refuse(
            code,
            pointer=_pointer(detail) or _named(constraint, str(getattr(source, "table_name", "") or "")),
            constraint=constraint,
        )
    return refuse(code)


def _unknown(error: BaseException) -> DomainError:
    original = getattr(error, "orig", error)
    source: Any = getattr(original, "__cause__", None) or original
    return refuse("unknown_reference", str(source.message), pointer=f"/{source.column_name}")


def _pointer(detail: str) -> str | None:
    """The input field the violated key is about: its last column besides the organisation."""
    found = _KEY.search(detail)
    if found is None:
        return None
    return _about([column.strip() for column in found["columns"].split(",")])


def _named(constraint: str, table: str) -> str | None:
    found = _NAMED.search(constraint)
    stored = SQLModel.metadata.tables.get(table)
    if found is None or stored is None:
        return None
    return _about(_split(found["columns"], sorted(stored.columns.keys(), key=len, reverse=True)))


def _split(text: str, columns: list[str]) -> list[str]:
    """The columns whose names, joined by underscores, give the text; empty if there are none."""
    for column in columns:
        if text == column:
            return [column]
        if text.startswith(f"{column}_") and (rest := _split(text[len(column) + 1 :], columns)):
            return [column, *rest]
    return []


def _about(columns: list[str]) -> str | None:
    """The field a key is about: its last column that a caller gives, which `model_version` and the like are not."""
    named = [column for column in columns if column not in _NOT_GIVEN and not column.endswith("_version")]
    return f"/{named[-1]}" if named else None
