"""Allocations to look at: from the total to the quotas, and how evenly these lie."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.charts.language import Language
from app.charts.scatter import Point, scatter
from app.charts.waterfall import Step, waterfall
from app.domain.kernel.scope import Tx
from app.domain.quotas.contract.allocations import FairnessBasis
from app.domain.quotas.contract.measures import NO_CURRENCY
from app.domain.quotas.pictures import AllocationPicture, added_by_level, parts, picture_of_allocation
from app.operations import Operations
from app.routers.charts import IF_NONE_MATCH, SVG, answer, asked_for, described
from app.routers.gateway import actor_of

_NEEDS = "quotas:read"
_MOST_PARTS = 20

Draw = Callable[[Tx, UUID, Language], Awaitable[bytes]]


def quota_charts_router(operations: Operations) -> APIRouter:
    """`GET /v1/allocations/{id}/waterfall.svg` and `fairness.svg`."""
    router = APIRouter(tags=["quotas"])

    def add(name: str, operation_id: str, draw: Draw) -> None:
        async def picture(request: Request, id: UUID) -> Response:
            actor = actor_of(request)
            actor.require(_NEEDS)
            language = asked_for(request, ()).language
            async with operations.transaction(actor, snapshot=True) as tx:
                body = await draw(tx, id, language)
            return answer(request, body, SVG, language)

        picture.__doc__ = draw.__doc__
        router.add_api_route(
            f"/v1/allocations/{{id}}/{name}",
            picture,
            operation_id=operation_id,
            response_class=Response,
            responses=described(SVG),
            openapi_extra={"x-permission": _NEEDS, "parameters": [IF_NONE_MATCH]},
        )

    add("waterfall.svg", "drawAllocationWaterfall", _waterfall)
    add("fairness.svg", "drawAllocationFairness", _fairness)
    return router


async def _waterfall(tx: Tx, id: UUID, language: Language) -> bytes:
    """From the total over what each level adds to all quotas, and these by team or seller directly below the total.

    Of more than 20 parts the largest are shown. Words are in English or, by `Accept-Language`, in French.
    """
    picture = await picture_of_allocation(tx, id)
    currency = "" if picture.currency == NO_CURRENCY else picture.currency
    steps = _steps(picture, language)
    return await to_thread.run_sync(waterfall, *_heading(picture, language), steps, currency, language)


async def _fairness(tx: Tx, id: UUID, language: Language) -> bytes:
    """Each seller's quota against the potential of its accounts, with the median load and who is out of line by name.

    Sellers without a known potential are not shown and are counted instead.
    """
    picture = await picture_of_allocation(tx, id)
    over_potential = next(one for one in picture.proof.fairness if one.basis is FairnessBasis.POTENTIAL)
    outside = {outlier.seller_id for outlier in over_potential.outliers}
    points = [
        Point(picture.name(share.seller_id), share.potential, share.amount, share.seller_id in outside)
        for share in picture.proof.shares
        if share.potential
    ]
    title, subtitle = _heading(picture, language)
    if hidden := len(picture.proof.shares) - len(points):
        subtitle += f", {language.say('{n} sellers without potential are not shown', n=hidden)}"
    currency = "" if picture.currency == NO_CURRENCY else picture.currency
    return await to_thread.run_sync(scatter, title, subtitle, points, over_potential.median, currency, language)


def _heading(picture: AllocationPicture, language: Language) -> tuple[str, str]:
    said = [language.say("{n} sellers", n=len(picture.proof.shares))]
    over_potential = picture.proof.fairness[0]
    if over_potential.gini is not None:
        said.append(f"Gini {language.number(over_potential.gini)}")
    return f"{picture.period} {language.say(picture.measure)}", ", ".join(said)


def _steps(picture: AllocationPicture, language: Language) -> list[Step]:
    at = picture.total
    steps = [Step(language.say("Total"), Decimal(0), at, whole=True)]
    for level, added in enumerate(added_by_level(picture), 1):
        if added:
            steps.append(Step(language.say("Over-assignment, level {n}", n=level), at, at + added))
            at += added
    steps.append(Step(language.say("All quotas"), Decimal(0), at, whole=True))
    found = parts(picture)
    for part in found[:_MOST_PARTS]:
        note = language.say("{n} sellers", n=part.sellers) if part.sellers > 1 else ""
        steps.append(Step(part.name, at, at - part.amount, note=note))
        at -= part.amount
    if rest := found[_MOST_PARTS:]:
        steps.append(Step(language.say("and {n} more", n=len(rest)), at, Decimal(0)))
    return steps
