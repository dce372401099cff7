"""Allocations to look at: that the steps of the waterfall close, who is named, and who may look."""

from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts.language import Language
from app.charts.scatter import Point, scatter, step_for
from app.charts.waterfall import Step, waterfall
from tests.world import fiscal_year, make_world

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = """</title><script>alert("1")</script>&'\x08"""


def elements(drawing: bytes, name: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(drawing).iter(f"{SVG}{name}"))  # noqa: S314


def texts(drawing: bytes) -> list[str]:
    return [found.text or "" for found in elements(drawing, "text")]


async def test_an_allocation_is_drawn_for_who_may_see_it(database: str, tmp_path: Path) -> None:
    async with make_world(database, tmp_path) as world:
        year = (await fiscal_year(world))["2026"]
        asked = {
            "period_id": year, "total": "1000.00", "cascade": True,
            "over_assignment": "0.05", "level_over_assignment": ["0.04"],
        }  # fmt: skip
        made = await world.post("sales_ops", "/v1/quotas/allocate", asked)
        path = f"/v1/allocations/{made['id']}"
        answer = await world.client("sales_ops").get(f"{path}/waterfall.svg", headers={"accept-language": "fr"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
        shown = texts(answer.content)
        assert "Surallocation, niveau 1" in shown
        assert "1\u00a0k\u00a0EUR" in shown
        again = {"if-none-match": answer.headers["etag"], "accept-language": "fr"}
        assert (await world.client("sales_ops").get(f"{path}/waterfall.svg", headers=again)).status_code == 304
        fair = await world.client("sales_ops").get(f"{path}/fairness.svg")
        assert "Nothing to compare" in texts(fair.content)
        assert (await world.client("sam").get(f"{path}/waterfall.svg")).status_code == 404
        refused = await world.client("sales_ops").get(f"{path}/fairness.svg?colour=red")
        assert (refused.status_code, refused.json()["code"]) == (400, "unknown_parameter")


def test_a_hostile_name_is_only_text() -> None:
    language = Language()
    drawings = [
        waterfall(HOSTILE, HOSTILE, [Step(HOSTILE, Decimal(0), Decimal(9))], "EUR", language),
        scatter(HOSTILE, HOSTILE, [Point(HOSTILE, Decimal(1), Decimal(9), outlier=True)], Decimal(1), "EUR", language),
    ]
    for drawing in drawings:
        assert not elements(drawing, "script")
        assert any("<script>" in text for text in texts(drawing))


def test_of_many_outliers_the_heaviest_are_named() -> None:
    points = [Point(f"Seller {n:02d}", Decimal(10), Decimal(n), outlier=True) for n in range(1, 31)]
    shown = texts(scatter("2026", "", points, Decimal(1), "EUR", Language()))
    assert [text for text in shown if text.startswith("Seller")] == [f"Seller {n}" for n in range(30, 18, -1)]
    assert "and 18 more" in shown


@given(st.decimals(min_value="0.01", max_value=10**12, places=2))
def test_an_axis_holds_the_most_and_is_not_half_empty(most: Decimal) -> None:
    assert most <= 4 * step_for(most) <= 2 * most


@pytest.mark.parametrize("steps", [[], [Step("Total", Decimal(0), Decimal(0), whole=True)]])
def test_nothing_is_drawn_as_nothing(steps: list[Step]) -> None:
    assert b"<svg" in waterfall("2026", "", steps, "EUR", Language())
