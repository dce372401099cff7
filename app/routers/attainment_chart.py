"""Attainment to look at."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.charts.attainment import Progress, attainment
from app.charts.language import Language
from app.domain.kernel.errors import refuse
from app.operations import Operations
from app.routers.charts import IF_NONE_MATCH, SVG, answer, described
from app.routers.gateway import actor_of

_MOST_ROWS = 60
_REPORTS = {
    "seller": ("attainment", "seller_name"),
    "team": ("team_attainment", "team"),
    "territory": ("territory_attainment", "territory_code"),
}
"""Per grouping the report that is drawn, and the field that names a row."""


def attainment_chart_router(operations: Operations) -> APIRouter:
    """`GET /v1/reports/attainment.svg`."""
    router = APIRouter(tags=["performance"])

    @router.get(
        "/v1/reports/attainment.svg",
        operation_id="drawAttainment",
        response_class=Response,
        responses=described(SVG),
        openapi_extra={"x-permission": "reports:read", "parameters": [*_PARAMETERS, IF_NONE_MATCH]},
    )
    async def draw(request: Request) -> Response:
        """Credited and forecast revenue against quota, of the 60 furthest sellers, teams or territories.

        It draws the report of the same name, with its permission and parameters. Words are in English or, by
        `Accept-Language`, in French.
        """
        actor = actor_of(request)
        actor.require("reports:read")
        given = list(request.query_params.multi_items())
        by = [value for name, value in given if name == "by"] or ["team"]
        if len(by) > 1 or by[0] not in _REPORTS:
            raise refuse("invalid_parameter", f"by is one of {', '.join(_REPORTS)}, once.", pointer="/by")
        resource, name_field = _REPORTS[by[0]]
        actor.require(operations.catalogue.resources[resource].needs)
        asked = [pair for pair in given if pair[0] != "by"]
        if unknown := [name for name, _ in asked if name not in _PASSED]:
            raise refuse("unknown_parameter", f"{unknown[0][:80]!r} is not a parameter here.", pointer="/query")
        pairs = [*asked, ("limit", str(_MOST_ROWS)), ("sort", "-attainment,id")]
        page = json.loads(await operations.reader.page(actor, resource, pairs))
        language = Language(request.headers.get("accept-language", ""))
        return answer(request, _drawn(page, by[0], name_field, language), SVG, language)

    return router


def _drawn(page: Any, by: str, name_field: str, language: Language) -> bytes:
    rows = page["items"]
    title = language.say(f"Attainment by {by}")
    said = ""
    if rows:
        said = f"{rows[0]['period_code']}, {language.say('credits before {day}', day=rows[0]['counted_until'])}"
    progress = [
        Progress(
            row[name_field] or language.say("None"),
            row["currency"],
            _amount(row["quota"]),
            _amount(row["quota_to_date"]),
            _amount(row["credited_to_date"]),
            _amount(row["forecast"]) or Decimal(0),
        )
        for row in rows
    ]
    return attainment(title, said, progress, page["page"]["has_next_page"], language)


def _amount(money: Any) -> Decimal | None:
    return None if money is None else Decimal(money["amount"])


_PASSED = ("period", "as_of", "include_unposted")


def _parameter(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


_PARAMETERS = [
    _parameter("by", "What a row is.", type="string", enum=list(_REPORTS), default="team"),
    _parameter("period", "Code of the fiscal period; by default the year that holds `as_of`.", type="string"),
    _parameter("as_of", "Last day that counts; today by default.", type="string", format="date"),
    _parameter("include_unposted", "Whether a run counts before it is posted.", type="boolean", default=False),
]
