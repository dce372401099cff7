"""Front ends ask who is calling, also from a page of another origin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.main import create_app
from app.service import Service
from tests.world import World, make_world

PAGE = "https://planning.example"


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as world:
        yield world


async def test_the_viewer_is_the_same_on_both_surfaces(world: World) -> None:
    for who in ("sam", "finance"):
        told = await world.get(who, "/v1/viewer")
        asked = "{ viewer { name roles permissions sellerId organisationId } }"
        same = (await world.graphql(who, asked))["data"]["viewer"]
        assert (told["name"], told["roles"], told["permissions"]) == (same["name"], same["roles"], same["permissions"])
        assert (told["seller_id"], told["organisation_id"]) == (same["sellerId"], same["organisationId"])
    assert (await world.get("finance", "/v1/viewer"))["seller_id"] is None
    assert (await world.get("sam", "/v1/viewer"))["seller_id"] == world.sellers["sam"]


async def test_nobody_is_refused(world: World) -> None:
    assert (await world.anonymous().get("/v1/viewer")).status_code == 401


async def test_pages_of_listed_origins_may_call(world: World) -> None:
    settings = world.service.settings.model_copy(update={"cors_origins": [PAGE]})
    app = create_app(Service(settings, world.service.dsn))
    ask = {"access-control-request-method": "PATCH", "access-control-request-headers": "authorization, if-match"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://palier.test") as client:
        allowed = await client.options("/v1/accounts", headers={"origin": PAGE, **ask})
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, PAGE)
        refused = await client.options("/v1/accounts", headers={"origin": "https://elsewhere.example", **ask})
        assert refused.status_code == 400
        # A refusal can be read by the page as well.
        answer = await client.get("/v1/viewer", headers={"origin": PAGE})
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, PAGE)
    assert "access-control-allow-origin" not in (await world.anonymous().get("/v1/viewer")).headers
