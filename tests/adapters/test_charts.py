"""Territory models to look at: what the pictures hold, who sees what in them, and that names cannot do harm."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import sqlalchemy as sa

from tests.world import World, make_world

HOSTILE = """</title><script>alert("1")</script>&'\x08"""
SVG = "{http://www.w3.org/2000/svg}"
PLACES = {
    "north": [("50.10", "3.00"), ("50.60", "3.20"), ("50.30", "2.50")],
    "south": [("43.30", "5.40"), ("43.60", "3.90")],
    "point": [("48.85", "2.35"), ("48.85", "2.35")],
    "nowhere": [],
}
OWNERS = {"north": "sam", "south": "olga", "point": "sue", "nowhere": "sue"}


class Atlas:
    """A model of four territories: a triangle, a line, two accounts at one place, and an account without a place."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.models: dict[str, str] = {}

    async def draw(self, code: str, name: str = "Model") -> None:
        post = self.world.post
        body = {"code": code, "name": name, "starts_on": "2026-01-01", "ends_on": "2027-01-01"}
        model = self.models[code] = (await post("sales_ops", "/v1/territory-models", body))["id"]
        for territory, places in PLACES.items():
            made = {"model_id": model, "code": territory, "name": f"{territory} {HOSTILE}"}
            id = (await post("sales_ops", "/v1/territories", made))["id"]
            for n, (latitude, longitude) in enumerate(places or [(None, None)]):
                account = await post(
                    "sales_ops",
                    "/v1/accounts",
                    {
                        "name": f"{territory} {n} {HOSTILE}",
                        "latitude": latitude,
                        "longitude": longitude,
                        "potential": str(1000 * (n + 1)),
                        "owner_id": self.world.sellers[OWNERS[territory]],
                    },
                )
                await post("sales_ops", f"/v1/territories/{id}/pin", {"account_id": account["id"]})

    async def get(self, who: str, name: str, code: str = "A", **headers: str) -> httpx.Response:
        path = f"/v1/territory-models/{self.models[code]}/{name}"
        return await self.world.client(who).get(path, headers={key.replace("_", "-"): v for key, v in headers.items()})

    async def features(self, who: str, kind: str) -> list[dict[str, Any]]:
        answer = await self.get(who, "map.geojson")
        assert answer.status_code == 200, answer.text
        return [one for one in answer.json()["features"] if one["properties"]["kind"] == kind]


@pytest.fixture
async def atlas(database: str, tmp_path: Path) -> AsyncIterator[Atlas]:
    async with make_world(database, tmp_path) as world:
        atlas = Atlas(world)
        await atlas.draw("A", HOSTILE)
        yield atlas


def drawing(answer: httpx.Response) -> ElementTree.Element:
    assert answer.status_code == 200, answer.text
    return ElementTree.fromstring(answer.content)  # noqa: S314 (our own answer)


def shapes(answer: httpx.Response, class_: str) -> list[Any]:
    return [one for one in drawing(answer).iter() if one.get("class") == class_]


def inside(point: list[float], ring: list[list[float]]) -> bool:
    """Whether a point lies in a convex ring that runs against the clock."""
    return all((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) >= 0 for a, b in pairwise(ring))


async def test_the_map_is_a_feature_collection_of_territories_and_accounts(atlas: Atlas) -> None:
    answer = await atlas.get("sales_ops", "map.geojson")
    found = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert (found["type"], found["model"], found["as_of"][:4]) == ("FeatureCollection", "A", "2026")
    for feature in found["features"]:
        assert set(feature) == {"type", "id", "geometry", "properties"}
        assert feature["type"] == "Feature"
        geometry = feature["geometry"]
        if geometry is None:
            assert feature["properties"]["located_accounts"] == 0
        elif geometry["type"] == "Polygon":
            (ring,) = geometry["coordinates"]
            assert len(ring) >= 4
            assert ring[0] == ring[-1]
            area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
            assert area > 0, "RFC 7946 wants outer rings against the clock"
        else:
            assert geometry["type"] == "Point"
            east, north = geometry["coordinates"]
            assert -180 <= east <= 180
            assert -90 <= north <= 90


async def test_an_outline_encloses_the_accounts_of_its_territory_even_a_single_place(atlas: Atlas) -> None:
    territories = {one["properties"]["territory"]: one for one in await atlas.features("sales_ops", "territory")}
    assert set(territories) == set(PLACES)
    assert territories["nowhere"]["geometry"] is None
    accounts = await atlas.features("sales_ops", "account")
    assert len(accounts) == sum(map(len, PLACES.values()))
    for account in accounts:
        (ring,) = territories[account["properties"]["territory"]]["geometry"]["coordinates"]
        assert inside(account["geometry"]["coordinates"], ring)


async def test_figures_in_the_map_are_exact_and_name_their_currency(atlas: Atlas) -> None:
    (north,) = [
        one for one in await atlas.features("finance", "territory") if one["properties"]["territory"] == "north"
    ]
    assert north["properties"]["potential"] == {"amount": "6000.00", "currency": "EUR"}
    assert (north["properties"]["accounts"], north["properties"]["located_accounts"]) == (3, 3)
    account = next(one for one in await atlas.features("finance", "account") if one["properties"]["owner"] == "Olga")
    assert Decimal(account["properties"]["potential"]["amount"]) in (1000, 2000)


async def test_points_are_those_of_visible_accounts_and_none_without_the_permission(atlas: Atlas) -> None:
    async def owners(who: str) -> list[str]:
        return sorted(one["properties"]["owner"] for one in await atlas.features(who, "account"))

    assert await owners("viewer") == []
    assert await owners("sam") == ["Sam"] * 3
    assert await owners("mona") == ["Sam"] * 3 + ["Sue"] * 2
    assert await owners("otto") == ["Olga"] * 2
    viewer, ops = await atlas.get("viewer", "map.svg"), await atlas.get("sales_ops", "map.svg")
    assert (len(shapes(viewer, "dots")), len(shapes(ops, "dots"))) == (0, 3)


async def test_outlines_for_those_who_do_not_see_every_account_follow_a_coarse_grid(atlas: Atlas) -> None:
    for who in ("viewer", "sam"):
        for one in await atlas.features(who, "territory"):
            if one["geometry"]:
                (ring,) = one["geometry"]["coordinates"]
                # Corners of cells of a tenth of a degree lie at odd twentieths: they give no account's place away.
                assert all(abs((value * 20) % 2 - 1) < 1e-6 for corner in ring for value in corner), (who, ring)


@pytest.mark.parametrize("name", ["map.svg", "balance.svg", "comparison.svg"])
async def test_a_drawing_is_an_accessible_document_and_names_do_no_harm(atlas: Atlas, name: str) -> None:
    await atlas.draw("B")
    query = f"?with={atlas.models['B']}" if name == "comparison.svg" else ""
    answer = await atlas.get("sales_ops", name + query)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    root = drawing(answer)
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title") is not None
    assert root.find(f"{SVG}desc") is not None
    kinds = {one.tag.removeprefix(SVG) for one in root.iter()}
    assert kinds <= {
        "svg",
        "title",
        "desc",
        "style",
        "defs",
        "pattern",
        "rect",
        "circle",
        "path",
        "polygon",
        "g",
        "text",
    }
    assert "<script>" in "".join(root.itertext()), "the name is shown as it is"
    assert b"\x08" not in answer.content


async def test_a_map_has_a_shape_for_each_territory_that_is_somewhere(atlas: Atlas) -> None:
    found = shapes(await atlas.get("sales_ops", "map.svg"), "territory")
    assert sorted("".join(one.itertext()).split()[0] for one in found) == ["north", "point", "south"]


async def test_a_balance_has_a_bar_per_territory_and_measure_and_marks_those_beyond_their_band(atlas: Atlas) -> None:
    answer = await atlas.get("sales_ops", "balance.svg?tolerance=0.5")
    assert len(shapes(answer, "bar")) == len(PLACES) * 3
    # Potential 6000, 3000, 3000, 1000 against 3250 each; accounts 3, 2, 2, 1 against 2.
    text = "".join(drawing(answer).itertext())
    assert "+84.6\u00a0%) ▲" in text
    assert "−69.2\u00a0%) ▼" in text
    assert text.count("▲") == 2, "one bar and the key"


async def test_a_comparison_counts_the_accounts_that_change_territory(atlas: Atlas) -> None:
    await atlas.draw("B")
    body = {"starts_on": "2026-01-01", "ends_on": "2027-01-01", "code": "C"}
    clone = await atlas.world.post("sales_ops", f"/v1/territory-models/{atlas.models['A']}/clone", body)
    same = await atlas.get("sales_ops", f"comparison.svg?with={clone['id']}")
    assert ">0 accounts change territory" in same.text
    other = await atlas.get("sales_ops", f"comparison.svg?with={atlas.models['B']}", accept_language="fr-FR")
    assert ">16 comptes changent de territoire" in other.text
    assert len(shapes(other, "territory")) == 6


async def test_a_picture_is_sent_again_only_when_it_changed(atlas: Atlas) -> None:
    for name in ("map.geojson", "map.svg", "balance.svg"):
        first = await atlas.get("sales_ops", name)
        again = await atlas.get("sales_ops", name, if_none_match=first.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        assert "authorization" in first.headers["vary"]
    assert (await atlas.get("viewer", "map.svg")).headers["etag"] != (await atlas.get("admin", "map.svg")).headers[
        "etag"
    ]


@pytest.mark.parametrize(
    ("query", "status", "code", "pointer"),
    [
        ("map.svg?as_of=yesterday", 400, "invalid_parameter", "/as_of"),
        ("map.svg?as_of=2026-01-01&as_of=2026-01-02", 400, "invalid_parameter", "/as_of"),
        ("map.svg?colour=red", 400, "unknown_parameter", "/colour"),
        ("balance.svg?tolerance=2", 400, "invalid_parameter", "/tolerance"),
        ("balance.svg?tolerance=NaN", 400, "invalid_parameter", "/tolerance"),
        ("comparison.svg", 400, "invalid_parameter", "/with"),
        ("comparison.svg?with=00000000-0000-7000-8000-000000000000", 422, "unknown_reference", "/with"),
    ],
)
async def test_bad_parameters_are_named(atlas: Atlas, query: str, status: int, code: str, pointer: str) -> None:
    answer = await atlas.get("sales_ops", query)
    found = answer.json()
    assert (answer.status_code, found["code"], found["errors"][0]["pointer"]) == (status, code, pointer)


async def test_an_empty_model_is_drawn_and_one_of_others_is_not_found(atlas: Atlas) -> None:
    body = {"code": "E", "name": "Empty", "starts_on": "2026-01-01"}
    atlas.models["E"] = (await atlas.world.post("sales_ops", "/v1/territory-models", body))["id"]
    for name in ("map.svg", "balance.svg", f"comparison.svg?with={atlas.models['E']}"):
        answer = await atlas.get("sales_ops", name, code="E")
        drawing(answer)
    assert json.loads((await atlas.get("sales_ops", "map.geojson", code="E")).content)["features"] == []
    atlas.models["X"] = str(atlas.world.org_id)
    assert (await atlas.get("sales_ops", "map.svg", code="X")).status_code == 404


async def test_a_picture_takes_as_many_statements_whatever_it_shows(atlas: Atlas) -> None:
    body = {"code": "E", "name": "Empty", "starts_on": "2026-01-01"}
    atlas.models["E"] = (await atlas.world.post("sales_ops", "/v1/territory-models", body))["id"]
    engine, counts = atlas.world.service.engine.sync_engine, []
    await atlas.get("sales_ops", "map.geojson")
    for code in ("A", "E"):
        for name in ("map.geojson", "map.svg", "balance.svg", f"comparison.svg?with={atlas.models[code]}"):
            found: list[str] = []

            def ran(connection: Any, cursor: Any, statement: str, *rest: Any, found: list[str] = found) -> None:
                found.append(statement)

            sa.event.listen(engine, "before_cursor_execute", ran)
            await atlas.get("sales_ops", name, code=code)
            sa.event.remove(engine, "before_cursor_execute", ran)
            counts.append(len(found))
    assert counts[:4] == counts[4:]
    assert max(counts) <= 14
