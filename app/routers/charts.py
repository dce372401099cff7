"""Territory models to look at: GeoJSON and drawings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from app.charts.balance import Measure, balance
from app.charts.language import Language
from app.charts.maps import Area, Sheet, comparison, territory_map
from app.charts.plane import around_cells
from app.domain.kernel.errors import refuse
from app.domain.kernel.money import Rate, plain
from app.domain.kernel.scope import Tx
from app.domain.territories.maps import (
    Picture,
    PicturedTerritory,
    account_features,
    dots,
    moves_between,
    picture_of,
    touches,
)
from app.operations import Operations
from app.reading.field_types import field_type
from app.reading.values import parse
from app.routers.gateway import actor_of

_GEOJSON, SVG = "application/geo+json", "image/svg+xml"
_NEEDS = "territories:read"
_PAGE_HEADERS = {
    # Opened as a page of its own, a drawing may style itself and do nothing else.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
    "x-content-type-options": "nosniff",
}
_DEFAULT_TOLERANCE = Decimal("0.05")

Draw = Callable[[Tx, UUID, "_Asked"], Awaitable[bytes]]


@dataclass(frozen=True)
class _Asked:
    """The parameters of a picture, and the language of who asks."""

    language: Language
    as_of: date | None = None
    tolerance: Decimal = _DEFAULT_TOLERANCE
    other: UUID | None = None


def charts_router(operations: Operations) -> APIRouter:
    """`GET /v1/territory-models/{id}/map.geojson`, `map.svg`, `balance.svg` and `comparison.svg`."""
    router = APIRouter(tags=["territories"])

    def add(name: str, operation_id: str, media_type: str, draw: Draw, *parameters: str) -> None:
        async def picture(request: Request, id: UUID) -> Response:
            actor = actor_of(request)
            actor.require(_NEEDS)
            asked = asked_for(request, ("as_of", *parameters))
            async with operations.transaction(actor, snapshot=True) as tx:
                body = await draw(tx, id, asked)
            return answer(request, body, media_type, asked.language)

        picture.__doc__ = draw.__doc__
        router.add_api_route(
            f"/v1/territory-models/{{id}}/{name}",
            picture,
            operation_id=operation_id,
            response_class=Response,
            responses=described(media_type),
            openapi_extra={
                "x-permission": _NEEDS,
                "parameters": [_PARAMETERS[name] for name in ("as_of", *parameters)] + [IF_NONE_MATCH],
            },
        )

    add("map.geojson", "getTerritoryModelMap", _GEOJSON, _geojson)
    add("map.svg", "drawTerritoryModelMap", SVG, _map)
    add("balance.svg", "drawTerritoryModelBalance", SVG, _balance, "tolerance")
    add("comparison.svg", "drawTerritoryModelComparison", SVG, _comparison, "with")
    return router


async def _geojson(tx: Tx, id: UUID, asked: _Asked) -> bytes:
    """Territories as polygons with their figures, and the accounts the caller sees as points.

    An outline encloses a territory's accounts; without a place it is null. Who does not see every account gets outlines
    that follow a coarse grid, and points of the accounts it sees only.
    """
    picture = await picture_of(tx, id, asked.as_of)
    accounts = await account_features(tx, picture)
    head = to_json({"type": "FeatureCollection", "model_id": picture.id, "model": picture.code, "as_of": picture.day})
    territories = b",".join(to_json(_feature(one, picture)) for one in picture.territories)
    features = b",".join(part for part in (territories, accounts.encode()) if part)
    return head[:-1] + b',"features":[' + features + b"]}"


async def _map(tx: Tx, id: UUID, asked: _Asked) -> bytes:
    """A map of the model's territories: outlines, the accounts the caller sees as dots, a legend, a scale.

    Accounts that would be one dot are drawn once. Words are in English or, by `Accept-Language`, in French.
    """
    sheet = await _sheet(tx, await picture_of(tx, id, asked.as_of), asked.language)
    return await to_thread.run_sync(territory_map, sheet, asked.language)


async def _balance(tx: Tx, id: UUID, asked: _Asked) -> bytes:
    """Each territory's potential, accounts and workload against an equal share, with the band of the tolerance.

    Territories that hold no account but have others below them are left out; of more than 60 the furthest are shown.
    """
    picture = await picture_of(tx, id, asked.as_of)
    drawn = _holding(picture)
    say = asked.language.say
    names = [one.code if one.code == one.name else f"{one.code} {one.name}" for one in drawn]
    band = asked.language.percent(asked.tolerance).replace("+", "±")
    subtitle = f"{say('as on {day}', day=picture.day)}, {say('within {band} of an equal share', band=band)}"
    return balance(
        _title(picture), subtitle, names, await _measures(tx, picture, asked.language), asked.tolerance, asked.language
    )


async def _comparison(tx: Tx, id: UUID, asked: _Asked) -> bytes:
    """Two models side by side on the same ground, a territory of the same code in the same colour, with their balance.

    `as_of` is the day at which both are looked at, each at its nearest one.
    """
    if asked.other is None:
        raise refuse("invalid_parameter", "`with` is the model to compare with.", pointer="/with")
    language = asked.language
    one, other = await picture_of(tx, id, asked.as_of), await picture_of(tx, asked.other, asked.as_of, pointer="/with")
    accounts, potential = await moves_between(tx, one, other)
    sheets = [await _sheet(tx, picture, language) for picture in (one, other)]
    figures = [
        (
            f"{language.say('Largest distance from an equal share')}: {first.name.lower()}",
            language.percent(first.worst).removeprefix("+"),
            language.percent(second.worst).removeprefix("+"),
        )
        for first, second in zip(await _measures(tx, one, language), await _measures(tx, other, language), strict=True)
    ]
    note = language.say(
        "{n} accounts change territory, {potential} of potential",
        n=accounts,
        potential=language.short(potential, one.currency),
    )
    return await to_thread.run_sync(comparison, sheets[0], sheets[1], figures, note, language)


async def _sheet(tx: Tx, picture: Picture, language: Language) -> Sheet:
    corners = {one.id: around_cells(one.cells, picture.grid) for one in picture.territories}
    places = [place for outline in corners.values() for place in outline]
    # As fine as the sheet: accounts that differ by less than a dot's width are one dot.
    extent = max((max(of) - min(of) for of in zip(*places, strict=True)), default=1.0)
    found = await dots(tx, picture, Decimal(str(round(max(extent / 400, 0.000001), 6))))
    areas = [
        Area(one.code, one.name, corners[one.id], found.get(one.id, ()), one.accounts, one.located, one.potential)
        for one in _holding(picture)
    ]
    hidden = sum(one.accounts - one.located for one in picture.territories)
    said = [language.say("as on {day}", day=picture.day), language.say("{n} territories", n=len(areas))]
    if hidden:
        said.append(language.say("{n} accounts without coordinates are not shown", n=hidden))
    return Sheet(_title(picture), ", ".join(said), picture.currency, areas)


def _title(picture: Picture) -> str:
    name = picture.code if picture.code == picture.name else f"{picture.code} {picture.name}"
    return f"{name} ({picture.model_version})"


def _holding(picture: Picture) -> list[PicturedTerritory]:
    """Territories that are to hold accounts: those that do, and those with none below them."""
    parents = {one.parent_id for one in picture.territories}
    return [one for one in picture.territories if one.accounts or one.id not in parents]


async def _measures(tx: Tx, picture: Picture, language: Language) -> list[Measure]:
    drawn, asked_for = _holding(picture), await touches(tx, picture)

    def measure(name: str, unit: str, values: list[Decimal]) -> Measure:
        share = sum(values, Decimal(0)) / len(values) if values else Decimal(0)
        return Measure(language.say(name), unit, values, [share] * len(values))

    return [
        measure("Potential", picture.currency, [one.potential for one in drawn]),
        measure("Accounts", "", [Decimal(one.accounts) for one in drawn]),
        measure("Touches a year", "", [asked_for.get(one.id, Decimal(0)) for one in drawn]),
    ]


def _feature(one: PicturedTerritory, picture: Picture) -> dict[str, Any]:
    corners = around_cells(one.cells, picture.grid)
    return {
        "type": "Feature",
        "id": one.id,
        "geometry": {"type": "Polygon", "coordinates": [[*corners, corners[0]]]} if corners else None,
        "properties": {
            "kind": "territory",
            "territory": one.code,
            "name": one.name,
            "parent_id": one.parent_id,
            "accounts": one.accounts,
            "located_accounts": one.located,
            "potential": {"amount": plain(one.potential), "currency": picture.currency},
            "sellers": one.sellers,
            "outline_grid_degrees": picture.grid,
        },
    }


def answer(request: Request, body: bytes, media_type: str, language: Language) -> Response:
    """The picture, or 304 while the reader has it."""
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"etag": etag, "vary": "authorization, accept-language"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    if media_type == SVG:
        headers |= {"content-language": language.code, **_PAGE_HEADERS}
    return Response(body, 200, headers, media_type)


def asked_for(request: Request, known: tuple[str, ...]) -> _Asked:
    """The parameters of a picture; others than those known are refused."""
    given = request.query_params
    for name, value in given.multi_items():
        if name not in known:
            raise refuse("unknown_parameter", f"{name[:80]!r} is not a parameter here.", pointer=f"/{name[:80]}")
        if given.getlist(name) != [value]:
            raise refuse("invalid_parameter", f"{name} may be given once.", pointer=f"/{name}")
    values = {name: parse(field_type(_TYPES[name]), given[name], f"/{name}") for name in known if name in given}
    tolerance = values.get("tolerance", _DEFAULT_TOLERANCE)
    if not 0 <= tolerance <= 1:
        raise refuse("invalid_parameter", "It is a share from 0 to 1 such as 0.05.", pointer="/tolerance")
    language = Language(request.headers.get("accept-language", ""))
    return _Asked(language, values.get("as_of"), tolerance, values.get("with"))


_TYPES: dict[str, Any] = {"as_of": date, "tolerance": Rate, "with": UUID}


def described(media_type: str) -> dict[int | str, dict[str, Any]]:
    """What a picture answers, for the description of the API."""
    schema = {"type": "string", "description": "An SVG document."} if media_type == SVG else _COLLECTION
    etag = {"ETag": {"description": "Of what is shown.", "schema": {"type": "string"}}}
    return {
        200: {"description": "The picture.", "headers": etag, "content": {media_type: {"schema": schema}}},
        304: {"description": "It is still what `If-None-Match` names."},
    }


_COLLECTION = {
    "type": "object",
    "description": "A FeatureCollection of RFC 7946.",
    "required": ["type", "features", "model_id", "model", "as_of"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "model_id": {"type": "string", "format": "uuid", "description": "The territory model."},
        "model": {"type": "string", "description": "Its code."},
        "as_of": {"type": "string", "format": "date", "description": "The day shown."},
        "features": {
            "type": "array",
            "description": "Territories first, then accounts; `properties.kind` tells them apart.",
            "items": {"type": "object"},
        },
    },
}
IF_NONE_MATCH: dict[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that is known already; the answer is 304 while it is the current one.",
    "schema": {"type": "string"},
}
_PARAMETERS: dict[str, dict[str, Any]] = {
    "as_of": {
        "name": "as_of",
        "in": "query",
        "required": False,
        "description": "The day to show, or the model's nearest one; today by default.",
        "schema": {"type": "string", "format": "date"},
    },
    "tolerance": {
        "name": "tolerance",
        "in": "query",
        "required": False,
        "description": "How far from its target a territory may be, as a share of it.",
        "schema": {"type": "string", "pattern": r"^\d(\.\d+)?$", "default": "0.05"},
    },
    "with": {
        "name": "with",
        "in": "query",
        "required": True,
        "description": "The territory model to compare with.",
        "schema": {"type": "string", "format": "uuid"},
    },
}
