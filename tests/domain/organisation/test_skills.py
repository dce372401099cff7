"""Where sellers set out from, and what they master."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World, make_world


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        yield made


async def skill(world: World, seller: str, name: str, level: int, expect: int = 201) -> str:
    body = {"seller_id": world.sellers[seller], "skill": name, "level": level}
    return str((await world.post("sales_ops", "/v1/seller-skills", body, expect=expect)).get("id", ""))


async def test_a_home_base_is_kept_to_six_digits_and_can_be_removed(world: World) -> None:
    path, client = f"/v1/sellers/{world.sellers['sam']}", world.client("sales_ops")
    version = (await client.get(path)).headers["etag"]
    body = {"latitude": "48.856613", "longitude": "2.352222"}
    set_out = await client.patch(path, json=body, headers={"if-match": version})
    assert (set_out.json()["latitude"], set_out.json()["longitude"]) == ("48.856613", "2.352222")
    gone = await client.patch(path, json={"latitude": None}, headers={"if-match": set_out.headers["etag"]})
    assert gone.json()["latitude"] is None


@pytest.mark.parametrize(("field", "value"), [("latitude", "90.1"), ("longitude", "-180.5"), ("latitude", 48.8)])
async def test_a_place_off_the_globe_or_a_float_is_refused(world: World, field: str, value: object) -> None:
    position = {"job_role": "AE", "team": "Paris"}
    body = {"name": "Zoe", "hired_on": "2026-01-01", "position": position, field: value}
    refused = await world.post("sales_ops", "/v1/sellers", body, expect=422)
    assert [error["pointer"] for error in refused["errors"]] == [f"/{field}"]


async def test_skills_are_listed_with_their_seller_and_changed_and_removed_one_by_one(world: World) -> None:
    german = await skill(world, "sam", "german", 2)
    await skill(world, "sam", "roi-selling", 5)
    client = world.client("sales_ops")
    raised = await client.patch(f"/v1/seller-skills/{german}", json={"level": 3}, headers={"if-match": '"1"'})
    assert raised.json()["level"] == 3
    found = await world.get("mona", f"/v1/sellers/{world.sellers['sam']}", include="skills")
    assert [(one["skill"], one["level"]) for one in found["skills"]["items"]] == [("german", 3), ("roi-selling", 5)]
    assert (await client.delete(f"/v1/seller-skills/{german}", headers={"if-match": '"2"'})).status_code == 204
    left = await world.get("mona", "/v1/seller-skills", **{"level.gte": 3})
    assert [one["skill"] for one in left["items"]] == ["roi-selling"]


async def test_a_skill_is_recorded_once_per_seller_and_on_a_scale_of_five(world: World) -> None:
    await skill(world, "sam", "german", 2)
    await skill(world, "sue", "german", 2)
    await skill(world, "sam", "german", 4, expect=409)
    await skill(world, "sam", "french", 6, expect=422)
    nobody = {"seller_id": str(world.org_id), "skill": "german", "level": 1}
    refused = await world.post("sales_ops", "/v1/seller-skills", nobody, expect=422)
    assert refused["errors"][0]["pointer"] == "/seller_id"


async def test_only_those_who_hire_record_skills(world: World) -> None:
    body = {"seller_id": world.sellers["sam"], "skill": "german", "level": 2}
    await world.post("sam", "/v1/seller-skills", body, expect=403)
