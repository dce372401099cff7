"""What the database refuses points at the field the caller gave."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World, make_world


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        yield made


async def test_a_key_used_twice_is_about_its_code_not_about_what_is_counted_or_chosen(world: World) -> None:
    outline = {"code": "NEXT", "name": "Next year", "starts_on": "2028-01-01"}
    model = await world.post("sales_ops", "/v1/territory-models", outline)
    again = await world.post("sales_ops", "/v1/territory-models", outline, expect=409)
    territory = {"model_id": model["id"], "code": "FR", "name": "France"}
    await world.post("sales_ops", "/v1/territories", territory)
    twice = await world.post("sales_ops", "/v1/territories", territory, expect=409)
    for problem in (again, twice):
        assert problem["code"] == "already_exists"
        assert [error["pointer"] for error in problem["errors"]] == ["/code"]
