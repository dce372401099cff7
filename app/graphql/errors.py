"""Refusals as GraphQL errors: the code and facts of the REST problem in `extensions`, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

import orjson
from graphql import GraphQLError

from app.database.errors import translate
from app.domain.kernel.errors import (
    PROBLEMS,
    Busy,
    Conflict,
    DomainError,
    Forbidden,
    Internal,
    Invalid,
    LimitExceeded,
    Malformed,
    NotFound,
    Stale,
    Unauthenticated,
    VersionRequired,
    define,
    refuse,
)
from app.graphql.naming import camel

log = logging.getLogger(__name__)

define(
    "unknown_document",
    Malformed,
    "This document is not known here",
    "Ce document n'est pas connu ici",
    "Send the text of the document, or register it among the trusted documents.",
)
define(
    "introspection_off",
    Malformed,
    "Introspection is switched off",
    "L'introspection est désactivée",
    "Use the published schema file.",
)

_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (Malformed, 400),
    (Invalid, 422),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Stale, 412),
    (VersionRequired, 428),
    (LimitExceeded, 422),
    (Busy, 503),
    (Internal, 500),
)
_STATUS_OF_CODE = {"body_too_large": 413, "rate_limited": 429, "busy": 409, "method_not_allowed": 405}

TRACE: ContextVar[str] = ContextVar("trace", default="")
"""The trace id of the request, as it stands in its headers and in the logs."""

Path = Sequence[str | int]


def status_of(refusal: DomainError) -> int:
    """The status REST answers with (`app.routers.problems`; a test compares both), so that clients need one table."""
    if refusal.code in _STATUS_OF_CODE:
        return _STATUS_OF_CODE[refusal.code]
    return next(status for kind, status in _STATUS if isinstance(refusal, kind))


def error_of(problem: Exception, path: Path = ()) -> dict[str, Any]:
    """One entry of `errors`. An unexpected exception is logged under a trace id and shown as `internal_error`."""
    cause = problem.original_error if isinstance(problem, GraphQLError) else problem
    if cause is None or isinstance(cause, GraphQLError):
        refusal = refuse("malformed_request", str(getattr(problem, "message", "")))
    else:
        refusal = cause if isinstance(cause, DomainError) else translate(cause) or _unexpected(cause)
    entry: dict[str, Any] = {"message": refusal.detail, "extensions": extensions_of(refusal)}
    if isinstance(problem, GraphQLError):
        if problem.locations:
            entry["locations"] = [{"line": place.line, "column": place.column} for place in problem.locations]
        path = path or problem.path or ()
    return {**entry, "path": list(path)} if path else entry


def _unexpected(cause: BaseException) -> DomainError:
    trace_id = TRACE.get() or uuid4().hex
    log.error("unexpected error %s", trace_id, exc_info=cause)
    return refuse("internal_error", trace_id=trace_id)


def extensions_of(refusal: DomainError) -> dict[str, Any]:
    """The problem's members, with pointers in the names of the GraphQL input."""
    found: dict[str, Any] = {
        "code": refusal.code,
        "status": status_of(refusal),
        "title": PROBLEMS[refusal.code].title,
        "detail": refusal.detail,
    }
    if refusal.errors:
        found["errors"] = [
            {"pointer": _camel_pointer(error.pointer), "code": error.code, "detail": error.detail}
            for error in refusal.errors
        ]
    facts: Mapping[str, Any] = refusal.facts
    return {**facts, **found}


def refused(*problems: Exception) -> tuple[int, bytes]:
    """Status and body of a request that was not executed."""
    errors = [error_of(problem) for problem in problems]
    return errors[0]["extensions"]["status"], orjson.dumps({"errors": errors})


def _camel_pointer(pointer: str) -> str:
    return "/".join(camel(part) if part else part for part in pointer.split("/"))
