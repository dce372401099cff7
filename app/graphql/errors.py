"""Refusals as GraphQL errors: the code and facts of the REST problem in `extensions`, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import orjson
from graphql import GraphQLError

from app.domain.kernel.errors import (
    PROBLEMS,
    Busy,
    Conflict,
    DomainError,
    Forbidden,
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
    (LimitExceeded, 429),
    (Busy, 503),
)
"""The status REST answers with, so that a client can treat both surfaces alike. First match wins."""

Path = Sequence[str | int]


def status_of(refusal: DomainError) -> int:
    return next(status for kind, status in _STATUS if isinstance(refusal, kind))


def error_of(problem: Exception, path: Path = ()) -> dict[str, Any]:
    """One entry of `errors`. An unexpected exception is logged under a trace id and shown as `internal_error`."""
    cause = problem.original_error if isinstance(problem, GraphQLError) else problem
    if isinstance(cause, DomainError):
        entry = {"message": cause.detail, "extensions": extensions_of(cause)}
    elif isinstance(problem, GraphQLError) and (cause is None or isinstance(cause, GraphQLError)):
        entry = {"message": problem.message, "extensions": extensions_of(refuse("malformed_request", problem.message))}
    else:
        trace_id = uuid4().hex
        log.error("unexpected error %s", trace_id, exc_info=cause)
        entry = {
            "message": "Something went wrong on our side.",
            "extensions": {"code": "internal_error", "status": 500, "trace_id": trace_id},
        }
    if isinstance(problem, GraphQLError):
        if problem.locations:
            entry["locations"] = [{"line": place.line, "column": place.column} for place in problem.locations]
        path = path or problem.path or ()
    return {**entry, "path": list(path)} if path else entry


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
    first = problems[0]
    status = status_of(first) if isinstance(first, DomainError) else 400 if isinstance(first, GraphQLError) else 500
    return status, orjson.dumps({"errors": [error_of(problem) for problem in problems]})


def _camel_pointer(pointer: str) -> str:
    return "/".join(camel(part) if part else part for part in pointer.split("/"))
