"""What was tried out of plans, and pay against performance, as drawings."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from xml.etree import ElementTree

import httpx
import pytest

from tests.domain.compensation.desk import Desk
from tests.domain.compensation.test_budget_risks import risk
from tests.domain.compensation.test_pay_curves import BONUS, curve
from tests.domain.compensation.test_simulations import draft, simulate, with_tiers
from tests.world import fiscal_year, make_world


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with make_world(database, tmp_path) as world:
        desk = Desk(world, await fiscal_year(world))
        await desk.publish()
        for name in ("sam", "sue"):
            await desk.quota(name, "120000")
        yield desk


async def drawing(desk: Desk, who: str, path: str, language: str = "en") -> httpx.Response:
    answer = await desk.world.client(who).get(f"/v1/{path}", headers={"accept-language": language})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/svg+xml"
    return answer


def texts(answer: httpx.Response) -> list[str]:
    root = ElementTree.fromstring(answer.content)  # noqa: S314 (our own answer)
    return ["".join(node.itertext()) for node in root.iter() if node.tag.endswith("}text")]


async def test_a_simulation_shows_cost_and_who_wins_and_loses(desk: Desk) -> None:
    await desk.sell("2026-02-10", "150000.00", "sam")
    await desk.sell("2026-03-10", "60000.00", "sue")
    found = await simulate(desk, plans=[{"plan_id": await draft(desk, with_tiers("0.04", "0.20"))}])
    said = texts(await drawing(desk, "finance", f"plan-simulations/{found['id']}/chart.svg"))
    assert {"Total", "12\u00a0k\u00a0EUR"} <= set(said)
    assert "1 earn more, 1 less, 0 the same; 5.7\u00a0% → 6.3\u00a0% of credited revenue" in said
    assert any(line.startswith("▲ +1.8") for line in said)
    assert any(line.startswith("▼ \u2212600") for line in said)
    french = await drawing(desk, "finance", f"plan-simulations/{found['id']}/chart.svg", "fr")
    assert "Gagnants et perdants" in texts(french)
    known = {"if-none-match": french.headers["etag"], "accept-language": "fr"}
    assert (await desk.world.client("finance").get(french.request.url.path, headers=known)).status_code == 304
    assert (await desk.world.client("sam").get(french.request.url.path)).status_code == 403


async def test_a_pay_curve_names_its_points(desk: Desk) -> None:
    plan = await desk.publish("BONUS", components=(BONUS,))
    found = await curve(desk, "sam", plan_id=plan, quota="1200000", target_incentive="30000")
    answer = await drawing(desk, "sam", f"pay-curves/{found['id']}/chart.svg")
    assert [line for line in texts(answer) if re.match(r"\d  ", line)] == [
        "1  threshold",
        "2  accelerator",
        "3  target",
        "4  cap",
    ]
    assert (await desk.world.client("sue").get(answer.request.url.path)).status_code == 404


async def test_a_budget_risk_shows_budget_and_percentiles(desk: Desk) -> None:
    found = await risk(desk, draws=200)
    said = texts(await drawing(desk, "finance", f"budget-risks/{found['id']}/chart.svg"))
    assert {"budget", "p5", "p50", "p90", "p95"} <= set(said)


async def test_pay_and_performance_are_drawn_of_the_report(desk: Desk) -> None:
    empty = texts(await drawing(desk, "finance", "reports/pay-performance.svg"))
    assert "Nothing to compare" in empty
    await desk.sell("2026-01-10", "36000.00", "sam")
    await desk.posted("2026-Q1")
    said = texts(await drawing(desk, "finance", "reports/pay-performance.svg", "fr"))
    assert {"Rémunération et performance 2026", "2 commerciaux", "AE-2026"} <= set(said)
    refused = await desk.world.client("finance").get("/v1/reports/pay-performance.svg?nonsense=1")
    assert refused.json()["code"] == "unknown_parameter"
    assert (await desk.world.client("sam").get("/v1/reports/pay-performance.svg")).status_code == 403
