"""What the database refused, in the words of the product. The code checks first; the database has the last word."""

from __future__ import annotations

import re

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.kernel.errors import DomainError, refuse

RETRIED = ("40001", "40P01")
"""Serialization failure and deadlock: the transaction is run again."""

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

_KEY = re.compile(r"Key \((?P<columns>[^)]*)\)=\((?P<values>.*?)\)")
# Row-level security hides the key's values and columns; the name PostgreSQL gives a constraint still tells them.
_NAMED = re.compile(r"_org_id_(?P<column>\w+?)_f?key\d*$")


def sqlstate(error: BaseException) -> str:
    """The SQLSTATE of a database error, through SQLAlchemy's wrapping; empty if it is none."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return str(getattr(original, "sqlstate", "") or "")


def translate(error: BaseException) -> DomainError | None:
    """The refusal a database error means, or None when it is a defect of ours."""
    if isinstance(error, PoolTimeout | TimeoutError | ConnectionError | asyncpg.PostgresConnectionError):
        return refuse("unavailable")
    state = sqlstate(error)
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
        return refuse(code, pointer=_pointer(detail) or _named(constraint), constraint=constraint)
    return refuse(code)


def _pointer(detail: str) -> str | None:
    """The input field the violated key is about: its last column besides the organisation."""
    found = _KEY.search(detail)
    if found is None:
        return None
    columns = [column.strip() for column in found["columns"].split(",")]
    named = [column for column in columns if column not in ("org_id", "daterange", "period", "valid")]
    return f"/{named[-1]}" if named else None


def _named(constraint: str) -> str | None:
    found = _NAMED.search(constraint)
    return f"/{found['column']}" if found else None
