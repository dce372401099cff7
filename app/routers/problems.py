"""Refusals as RFC 9457 problems: the one place where a class of refusal becomes an HTTP status."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

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
    refuse,
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
MEDIA_TYPE = "application/problem+json"

router = APIRouter(include_in_schema=False)


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal."""
    if error.code in _STATUS_OF_CODE:
        return _STATUS_OF_CODE[error.code]
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def problem(error: DomainError, *, instance: str, trace_id: str, language: str = "en") -> dict[str, Any]:
    """The problem document of a refusal; facts of the refusal stand beside the standard members."""
    registered = PROBLEMS[error.code]
    document: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": registered.title_fr if language == "fr" else registered.title,
        "status": status_of(error),
        "detail": error.detail if error.detail != registered.title or language == "en" else registered.title_fr,
        "instance": instance,
        "code": error.code,
        "trace_id": trace_id,
    }
    if registered.remedy:
        document["remedy"] = registered.remedy
    if error.errors:
        document["errors"] = [{"pointer": f.pointer, "code": f.code, "detail": f.detail} for f in error.errors]
    return document | {name: value for name, value in error.facts.items() if name not in document}


def respond(error: DomainError, request: Request) -> Response:
    """The response that refuses a request."""
    trace_id = getattr(request.state, "trace_id", "")
    language = "fr" if request.headers.get("accept-language", "").lower().startswith("fr") else "en"
    document = problem(error, instance=request.url.path, trace_id=trace_id, language=language)
    headers = {"content-language": language}
    if isinstance(error, Unauthenticated):
        headers["www-authenticate"] = "Bearer"
    if document["status"] in (429, 503):
        headers["retry-after"] = str(error.facts.get("retry_after", 1))
    if error.code in ("stale_version", "version_required") and error.facts.get("version"):
        headers["etag"] = f'"{error.facts["version"]}"'
    return Response(to_json(document), document["status"], headers, MEDIA_TYPE)


@router.get("/problems/{code}")
async def explain_problem(code: str) -> Response:
    """What a problem means and what to do; every problem's `type` points here."""
    found = PROBLEMS.get(code)
    if found is None:
        raise refuse("not_found")
    status = status_of(found.kind(code, found.title))
    return HTMLResponse(
        f"<!doctype html><html lang=en><title>{escape(code)}</title><h1>{escape(found.title)}</h1>"
        f"<p lang=fr>{escape(found.title_fr)}</p><p>Code <code>{escape(code)}</code>, status {status}.</p>"
        f"<p>{escape(found.remedy)}</p></html>"
    )
