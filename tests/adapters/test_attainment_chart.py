"""The drawing of attainment says what the report says, to those who may read it."""

from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.domain.compensation.desk import Desk
from tests.world import fiscal_year, make_world

PATH = "/v1/reports/attainment.svg"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with make_world(database, tmp_path) as world:
        desk = Desk(world, await fiscal_year(world))
        await desk.publish()
        await desk.quota("sam", "120000")
        await desk.quota("sue", "120000")
        await desk.sell("2026-02-10", "45000", "sam")
        await desk.sell("2026-02-10", "12000", "sue")
        await desk.posted("2026-Q1")
        yield desk


async def test_a_row_says_its_attainment_and_what_is_behind_is_marked(desk: Desk) -> None:
    async def drawn(who: str, **params: str) -> str:
        answer = await desk.world.client(who).get(PATH, params=params)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml"), answer.text
        root = ElementTree.fromstring(answer.content)  # noqa: S314 (our own answer)
        return "\n".join(text.text or "" for text in root.iter(f"{SVG}text"))

    sellers = await drawn("finance", by="seller", period="2026", as_of="2026-12-31")
    assert "37.5\u00a0% of 120\u00a0k\u00a0EUR" in sellers
    assert "10\u00a0% ▼ of 120\u00a0k\u00a0EUR" in sellers
    assert sellers.index("Sam") < sellers.index("Sue")
    team = await drawn("viewer", period="2026", as_of="2026-12-31")
    assert "Paris" in team
    assert "23.8\u00a0% ▼ of 240\u00a0k\u00a0EUR" in team
    assert "Sam" not in team
    assert "None" in await drawn("finance", by="territory", period="2026")

    async def refusal(who: str, **params: str) -> tuple[int, str]:
        answer = await desk.world.client(who).get(PATH, params=params)
        return answer.status_code, answer.json()["code"]

    assert await refusal("viewer", by="seller") == (403, "permission_required")
    assert await refusal("finance", by="product") == (400, "invalid_parameter")
    assert await refusal("finance", colour="red") == (400, "unknown_parameter")
    assert await refusal("finance", period="2026-Q9") == (422, "unknown_reference")
