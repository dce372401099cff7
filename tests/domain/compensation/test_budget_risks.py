"""What plans may cost by chance."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import app.domain.compensation.simulation.risk_job  # noqa: F401 - declares the job
from app.worker import run_job
from tests.domain.compensation.desk import COMMISSION, Desk

NORMAL = {"source": "normal", "mean": "1", "spread": "0.2"}
FIGURES = ("mean", "deviation", "p5", "p50", "p90", "p95")


async def risk(desk: Desk, expect: str = "succeeded", **more: Any) -> Any:
    body = {
        "name": "Budget",
        "period_id": desk.periods["2026"],
        "attainment": NORMAL,
        "correlation": "0",
        "budget": {"amount": "13000", "currency": "EUR"},
        **more,
    }
    made = await desk.world.post("finance", "/v1/budget-risks", body)
    await run_job(desk.world.service, desk.world.org_id, UUID(made["job_id"]))
    job = await desk.world.get("finance", f"/v1/jobs/{made['job_id']}")
    assert job["state"] == expect, job["problem"]
    return await desk.world.get("finance", f"/v1/budget-risks/{made['id']}") if expect == "succeeded" else job


def euros(found: Any, name: str) -> Decimal:
    return Decimal(found[name]["amount"])


async def test_the_same_seed_gives_the_same_figures(desk: Desk) -> None:
    first, again, other = [await risk(desk, seed=seed, draws=200) for seed in (5, 5, 6)]
    answers = [{**one, **dict.fromkeys(("id", "job_id", "version"))} for one in (first, again, other)]
    for answer in answers:
        for name in ("created_at", "updated_at", "finished_at", "watermark"):
            del answer[name]
    assert answers[0] == answers[1] != answers[2]
    assert first["inputs_hash"] != other["inputs_hash"]


async def test_without_spread_every_draw_costs_what_the_plan_pays(desk: Desk) -> None:
    found = await risk(desk, attainment={"source": "normal", "mean": "1.1", "spread": "0"}, draws=100)
    # Sam and Sue at 110 % of 120,000: 6,000 and 10 % of 12,000 each.
    assert {name: euros(found, name) for name in FIGURES if name != "deviation"} == dict.fromkeys(
        ("mean", "p5", "p50", "p90", "p95"), Decimal(14400)
    )
    assert [euros(found, name) for name in ("deviation", "at_target")] == [0, 12000]
    assert Decimal(found["above_budget"]) == 1
    assert (found["sellers"], found["left_out"], found["needs_attention"]) == (2, 0, 0)
    assert sum(bar["draws"] for bar in found["histogram"]) == 100


async def test_a_guarantee_costs_what_each_month_lacks_of_it(desk: Desk) -> None:
    await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/retire")
    draw = {"kind": "non_recoverable", "code": "FLOOR", "name": "Floor", "amount": "700", "proration": "days"}
    await desk.publish("AE-FLOOR", draws=[draw])
    found = await risk(desk, attainment={"source": "normal", "mean": "1.1", "spread": "0"}, draws=100)
    # 11,000 a month: 550 until October, 500 and 100 in November, when quota is reached, 1,100 in December.
    assert euros(found, "mean") == 2 * (11 * 700 + 1100)


async def test_correlated_sellers_cost_the_same_on_average_and_vary_more(desk: Desk) -> None:
    independent, alike = await risk(desk), await risk(desk, correlation="1")
    # Pay is convex above quota: 6,000 at 100 %, and 0.2 · 0.3989 · 6,000 more by spread, twice.
    expected = 2 * (6000 + Decimal("0.2") * Decimal("0.398942") * 6000)
    for found in (independent, alike):
        assert abs(euros(found, "mean") - expected) < 250
        assert euros(found, "p5") < euros(found, "p50") < euros(found, "p90") < euros(found, "p95")
    assert euros(alike, "deviation") > Decimal("1.2") * euros(independent, "deviation")


async def test_a_shared_budget_bounds_the_cost_of_its_component(desk: Desk) -> None:
    spif = {
        **COMMISSION,
        "kind": "spif",
        "code": "SPIF",
        "rate": {"flat": {"pays": "rate", "value": "0.01"}},
        "window": {"over": "year", "paid": "each_period"},
        "limits": [],
        "budget": {"amount": "1000", "when_exhausted": "pro_rata"},
    }
    await desk.publish("SPIF", components=(spif,))
    found = await risk(desk, attainment={"source": "normal", "mean": "1", "spread": "0"}, draws=100)
    # 1 % of 240,000 would be 2,400.
    assert euros(found, "mean") == 12000 + 1000


async def test_history_is_drawn_from_and_nobody_is_left_without_notice(desk: Desk) -> None:
    await desk.sell("2026-02-10", "60000.00", "sam")
    await desk.sell("2026-02-10", "180000.00", "sue")
    await desk.publish("OLGA", takes_part=("olga",))
    found = await risk(desk, attainment={"source": "history"}, draws=400)
    # Two sellers at 50 % or 150 %: 3,000 or 12,000 each.
    assert [euros(found, name) for name in ("p5", "p50", "p95")] == [6000, 15000, 24000]
    assert (found["sellers"], found["left_out"]) == (2, 1)


async def test_what_cannot_be_drawn_says_why(desk: Desk) -> None:
    job = await risk(desk, "failed", budget={"amount": "13000", "currency": "USD"})
    assert job["problem"]["code"] == "nobody_to_draw"
    assert (await desk.world.client("sam").get("/v1/budget-risks")).status_code == 403
