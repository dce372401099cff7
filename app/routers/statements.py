"""Statements to read, to print and to keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.domain.compensation.contract.documents import StatementDocument
from app.domain.compensation.documents import statement_document
from app.domain.kernel.errors import refuse
from app.operations import Operations
from app.papers.page import as_html, as_pdf
from app.routers.gateway import actor_of
from app.routers.statement_pages import statement_page

_NEEDS = "pay:read_visible"
_LANGUAGES = ("en", "fr")
_HEADERS = {
    # Opened as a page of its own, it may style itself and do nothing else.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-store",
    "vary": "authorization, accept-language",
}

Write = Callable[[StatementDocument, str], bytes]


def statements_router(operations: Operations) -> APIRouter:
    """`GET /v1/statements/{id}/document.json`, `document.html` and `document.pdf`."""
    router = APIRouter(tags=["compensation"])

    def add(kind: str, operation_id: str, media_type: str, write: Write, answer: dict[str, Any], said: str) -> None:
        async def document(request: Request, id: UUID) -> Response:
            actor = actor_of(request)
            actor.require(_NEEDS)
            language = _language(request)
            async with operations.transaction(actor, snapshot=True) as tx:
                found = await statement_document(tx, id)
            body = await to_thread.run_sync(write, found, language)
            name = f"statement-{found.period_code}-{id}.{kind}"
            headers = _HEADERS | {"content-language": language, "content-disposition": f'inline; filename="{name}"'}
            return Response(body, headers=headers, media_type=media_type)

        document.__doc__ = said
        router.add_api_route(
            f"/v1/statements/{{id}}/document.{kind}",
            document,
            operation_id=operation_id,
            response_class=Response,
            responses={200: {"description": "The document."} | answer},
            openapi_extra={"x-permission": _NEEDS, "parameters": [_PARAMETER]},
        )

    binary = {"schema": {"type": "string", "format": "binary", "description": "The file."}}
    html, pdf = {"content": {"text/html": binary}}, {"content": {"application/pdf": binary}}
    data = {"model": StatementDocument}
    add("json", "getStatementDocument", "application/json", _json, data, f"{_WHOLE}\n\nAs data, in both languages.")
    add("html", "getStatementPage", "text/html", _html, html, f"{_WHOLE} {_IN} As one HTML file.")
    add("pdf", "getStatementFile", "application/pdf", _pdf, pdf, f"{_WHOLE} {_IN} As PDF, tagged for screen readers.")
    return router


_WHOLE = "The statement as a whole: sums, lines in words with their deals, adjustments, balances, year to date."
_IN = "\n\nWords are in English or French, by `language` or else by `Accept-Language`."
_PARAMETER: dict[str, Any] = {
    "name": "language",
    "in": "query",
    "required": False,
    "description": "The language of the words; by `Accept-Language` unless said.",
    "schema": {"type": "string", "enum": list(_LANGUAGES)},
}


def _language(request: Request) -> str:
    given = request.query_params.multi_items()
    if unknown := [name for name, _ in given if name != "language"]:
        raise refuse("unknown_parameter", f"{unknown[0][:80]!r} is not a parameter here.", pointer="/query")
    if len(given) > 1 or (given and given[0][1] not in _LANGUAGES):
        raise refuse("invalid_parameter", "It is en or fr, once.", pointer="/language")
    if given:
        return given[0][1]
    return "fr" if request.headers.get("accept-language", "").lower().startswith("fr") else "en"


def _json(document: StatementDocument, language: str) -> bytes:
    return document.model_dump_json().encode()


def _html(document: StatementDocument, language: str) -> bytes:
    return as_html(statement_page(document, language))


def _pdf(document: StatementDocument, language: str) -> bytes:
    return as_pdf(statement_page(document, language), document.issued_at)
