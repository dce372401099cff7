"""What was tried out of plans, and how pay follows performance, to look at."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.charts.before_after import Change, Pair, before_after
from app.charts.histogram import Bar, Line, histogram
from app.charts.language import Language
from app.charts.pay_curve import Mark, pay_curve, share
from app.charts.pay_performance import Seller, pay_performance
from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Actor
from app.operations import Operations
from app.routers.charts import IF_NONE_MATCH, SVG, answer, asked_for, described
from app.routers.gateway import actor_of

_MOST_CHANGES = 10
_MOST_COMPONENTS = 15
_MOST_SELLERS = "200"

Draw = Callable[[Operations, Actor, Any, Language], Awaitable[bytes]]


def compensation_charts_router(operations: Operations) -> APIRouter:
    """`chart.svg` of a plan simulation, a pay curve and a budget risk, and `GET /v1/reports/pay-performance.svg`."""
    router = APIRouter(tags=["compensation"])

    def add(resource: str, operation_id: str, draw: Draw) -> None:
        declared = operations.catalogue.resources[resource]

        async def picture(request: Request, id: UUID) -> Response:
            actor = actor_of(request)
            actor.require(declared.needs)
            language = asked_for(request, ()).language
            found = await operations.reader.one(actor, resource, id)
            if found is None:
                raise refuse("not_found")
            return answer(request, await draw(operations, actor, json.loads(found.body), language), SVG, language)

        picture.__doc__ = draw.__doc__
        router.add_api_route(
            f"/v1/{declared.collection}/{{id}}/chart.svg",
            picture,
            operation_id=operation_id,
            response_class=Response,
            responses=described(SVG),
            openapi_extra={"x-permission": declared.needs, "parameters": [IF_NONE_MATCH]},
        )

    add("plan_simulation", "drawPlanSimulation", _simulation)
    add("pay_curve", "drawPayCurve", _curve)
    add("budget_risk", "drawBudgetRisk", _risk)

    report = operations.catalogue.resources["pay_performance"]

    @router.get(
        "/v1/reports/pay-performance.svg",
        operation_id="drawPayPerformance",
        response_class=Response,
        responses=described(SVG),
        openapi_extra={"x-permission": report.needs, "parameters": [*_PARAMETERS, IF_NONE_MATCH]},
    )
    async def scatter(request: Request) -> Response:
        """Pay against attainment, a point for each seller of the first 200, with the line that fits them.

        It draws the report of the same name, with its permission and parameters; of several currencies that of the
        most sellers. Words are in English or, by `Accept-Language`, in French.
        """
        actor = actor_of(request)
        actor.require(report.needs)
        given = list(request.query_params.multi_items())
        if unknown := [name for name, _ in given if name not in {known["name"] for known in _PARAMETERS}]:
            raise refuse("unknown_parameter", f"{unknown[0][:80]!r} is not a parameter here.", pointer="/query")
        page = json.loads(await operations.reader.page(actor, report.name, [*given, ("limit", _MOST_SELLERS)]))
        language = Language(request.headers.get("accept-language", ""))
        return answer(request, _scatter(page["items"], language), SVG, language)

    return router


async def _simulation(operations: Operations, actor: Actor, found: Any, language: Language) -> bytes:
    """Cost before and after, in total and by component, and the ten sellers who win most and who lose most.

    Of several currencies it shows the one of the largest cost. Words are in English or, by `Accept-Language`, in
    French.
    """
    if not found["totals"]:
        return before_after(found["name"], "", [], [], 0, "", language)
    total = max(found["totals"], key=lambda one: Decimal(one["after"]))
    currency = total["currency"]
    pairs = [Pair(language.say("Total"), *_both(total))]
    components = [one for one in found["components"] if one["currency"] == currency]
    components.sort(key=lambda one: -max(_both(one)))
    pairs += [Pair(f"{one['plan_code']} {one['component_name']}", *_both(one)) for one in components[:_MOST_COMPONENTS]]
    changes: list[Change] = []
    for sort, sign in (("-difference,id", 1), ("difference,id", -1)):
        asked = [("simulation_id", found["id"]), ("sort", sort), ("include", "seller"), ("limit", str(_MOST_CHANGES))]
        page = json.loads(await operations.reader.page(actor, "simulated_pay", asked))
        rows = [(one["seller"]["name"], one["difference"], one["currency"]) for one in page["items"]]
        some = [Change(name, Decimal(more["amount"])) for name, more, money in rows if more and money == currency]
        some = [one for one in some if one.difference * sign > 0]
        changes += some if sign > 0 else some[::-1]
    counts = {name: total[name] for name in ("winners", "losers", "unchanged")}
    subtitle = language.say("{winners} earn more, {losers} less, {unchanged} the same", **counts)
    subtitle = "; ".join(part for part in (subtitle, _cost_of_sales(total, language)) if part)
    return before_after(
        found["name"], subtitle, pairs, changes, sum(counts.values()) - len(changes), currency, language
    )


def _both(one: Any) -> tuple[Decimal, Decimal]:
    return Decimal(one["before"]), Decimal(one["after"])


def _cost_of_sales(total: Any, language: Language) -> str:
    shares = [total["cost_of_sales_before"], total["cost_of_sales_after"]]
    if None in shares:
        return ""
    before, after = (share(Decimal(one), language) for one in shares)
    return language.say("{share} of credited revenue", share=f"{before} → {after}")


async def _curve(operations: Operations, actor: Actor, found: Any, language: Language) -> bytes:
    """Pay of a year against attainment, with threshold, target, accelerators and cap.

    Words are in English or, by `Accept-Language`, in French.
    """
    plan = await operations.reader.one(actor, "compensation_plan", UUID(found["plan_id"]))
    assert plan is not None
    document = json.loads(plan.body)
    title = f"{document['code']} {document['name']} ({document['plan_version']})"
    known = [(Decimal(one["attainment"]), one["pay"]) for one in found["points"]]
    points = [(at, Decimal(pay)) for at, pay in known if pay is not None]
    marks = [Mark(one["kind"], Decimal(one["attainment"]), Decimal(one["pay"])) for one in found["marks"]]
    said = [
        f"{language.say(name)} {language.short(Decimal(found[field]), found['currency'])}"
        for name, field in (("quota", "quota"), ("target", "target_incentive"))
        if found[field] is not None
    ]
    subtitle = ", ".join([*said, *found["codes"]])
    return pay_curve(title, subtitle, points, marks, found["currency"], language)


async def _risk(operations: Operations, actor: Actor, found: Any, language: Language) -> bytes:
    """How often each cost was drawn, with the budget and the percentiles.

    Words are in English or, by `Accept-Language`, in French.
    """
    bars = [Bar(Decimal(one["lower"]), Decimal(one["upper"]), one["draws"]) for one in found["histogram"]]
    names = [name for name in ("p5", "p50", "p90", "p95") if found[name] is not None]
    lines = [Line(name, Decimal(found[name]["amount"])) for name in names]
    above = found["above_budget"] and Decimal(found["above_budget"])
    subtitle = language.say(
        "{n} draws, {m} sellers, correlation {correlation}",
        n=found["draws"],
        m=found["sellers"] or 0,
        correlation=language.number(Decimal(found["correlation"])),
    )
    budget = Decimal(found["budget"]["amount"])
    return histogram(found["name"], subtitle, bars, lines, budget, above, found["currency"], language)


def _scatter(rows: list[Any], language: Language) -> bytes:
    currencies = [row["currency"] for row in rows]
    currency = max(sorted(set(currencies)), key=currencies.count, default="")
    here = [row for row in rows if row["currency"] == currency]
    known = [row for row in here if row["attainment"] is not None]
    sellers = [
        Seller(row["seller_name"], row["plan_code"], Decimal(row["attainment"]), Decimal(row["pay"]["amount"]))
        for row in known
    ]
    correlation = _correlation(sellers)
    said = [language.say("{n} sellers", n=len(sellers))]
    if correlation is not None:
        said.append(language.say("correlation {n}", n=language.number(correlation)))
    if hidden := len(here) - len(known):
        said.append(language.say("{n} sellers without attainment are not shown", n=hidden))
    year = str(here[0]["fiscal_year"]) if here else ""
    title = f"{language.say('Pay and performance')} {year}".strip()
    return pay_performance(title, ", ".join(said), sellers, correlation, currency, language)


def _correlation(sellers: list[Seller]) -> Decimal | None:
    """Pearson's, of the points shown; None for fewer than three or where one side does not vary."""
    n = len(sellers)
    if n < 3:
        return None
    xs, ys = [one.attainment for one in sellers], [one.pay for one in sellers]
    mean_x, mean_y = sum(xs, Decimal(0)) / n, sum(ys, Decimal(0)) / n
    spread = sum(((x - mean_x) ** 2 for x in xs), Decimal(0)) * sum(((y - mean_y) ** 2 for y in ys), Decimal(0))
    both = sum(((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)), Decimal(0))
    return both / spread.sqrt() if spread else None


_PARAMETERS: list[dict[str, Any]] = [
    {
        "name": "fiscal_year",
        "in": "query",
        "required": False,
        "description": "The fiscal year; by default the newest in which a run was posted.",
        "schema": {"type": "integer"},
    },
    *(
        {"name": name, "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
        for name, text in (
            ("plan_code", "Sellers of this plan only."),
            ("job_role", "Sellers with this job role only."),
            ("team", "Sellers of this team only."),
        )
    ),
]
