"""Pay as a function of attainment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import app.domain.compensation.simulation.curve_job  # noqa: F401 - declares the job
from app.worker import run_job
from tests.domain.compensation.desk import COMMISSION, Desk

BONUS: dict[str, Any] = {
    **COMMISSION,
    "kind": "bonus",
    "code": "BONUS",
    "name": "Bonus on attainment",
    "rate": {
        "curve": {
            "input": {"figure": "attainment"},
            "outside": "extrapolate",
            "pays": "target_share",
            "points": [{"at": "0", "value": "0"}, {"at": "1", "value": "1"}, {"at": "2", "value": "3"}],
        }
    },
    "target": {"share": "1"},
    "gates": [{"input": {"figure": "attainment"}, "at_least": "0.5", "below": "0"}],
    "limits": [{"kind": "cap", "per": "window", "target_multiple": "2"}],
}
"""Nothing below 50 %, the target at 100 %, twice as much for each point above, at most twice the target."""


async def curve(desk: Desk, who: str = "comp_admin", **asked: Any) -> Any:
    made = await desk.world.post(who, "/v1/pay-curves", asked)
    await run_job(desk.world.service, desk.world.org_id, UUID(made["job_id"]))
    job = await desk.world.get(who, f"/v1/jobs/{made['job_id']}")
    assert job["state"] == "succeeded", job
    return await desk.world.get(who, f"/v1/pay-curves/{made['id']}")


def at(found: Any, attainment: str) -> str | None:
    (pay,) = [p["pay"] for p in found["points"] if Decimal(p["attainment"]) == Decimal(attainment)]
    return None if pay is None else str(pay)


async def test_the_curve_shows_threshold_target_accelerator_and_cap(desk: Desk) -> None:
    plan = await desk.publish("BONUS", components=(BONUS,))
    found = await curve(desk, plan_id=plan, quota="1200000", target_incentive="30000")
    assert (at(found, "0"), at(found, "0.48"), at(found, "0.4999")) == ("0.00", "0.00", "0.00")
    assert (at(found, "0.5"), at(found, "1"), at(found, "1.2")) == ("15000.00", "30000.00", "42000.00")
    assert (at(found, "1.5"), at(found, "2")) == ("60000.00", "60000.00")
    said = [(mark["kind"], Decimal(mark["attainment"]), mark["pay"]) for mark in found["marks"]]
    assert said == [
        ("threshold", Decimal("0.5"), "15000.00"),
        ("accelerator", Decimal(1), "30000.00"),
        ("target", Decimal(1), "30000.00"),
        ("cap", Decimal("1.5"), "60000.00"),
    ]
    assert (found["codes"], [c["code"] for c in found["components"]]) == ([], ["BONUS"])


async def test_a_component_with_a_quota_of_its_own_is_attained_by_that(desk: Desk) -> None:
    amount = await desk.publish("AMOUNT", components=(BONUS | {"quota": {"amount": "1000000.01"}},))
    share = await desk.publish("SHARE", components=(BONUS | {"quota": {"share": "0.3"}},))
    for plan, quota in ((amount, "5"), (share, "1200000")):
        found = await curve(desk, plan_id=plan, quota=quota, target_incentive="30000")
        assert (at(found, "0.4999"), at(found, "0.5"), at(found, "1"), at(found, "1.2")) == (
            "0.00",
            "15000.00",
            "30000.00",
            "42000.00",
        )


async def test_a_seller_sees_its_own_curve_and_nobody_elses(desk: Desk) -> None:
    own = await curve(desk, "sam", plan_id=desk.plan, seller_id=desk.world.sellers["sam"])
    assert (at(own, "1"), at(own, "1.5"), own["quota"]) == ("6000.00", "12000.00", None)
    other = {"plan_id": desk.plan, "seller_id": desk.world.sellers["sue"]}
    refused = await desk.world.post("sam", "/v1/pay-curves", other, expect=422)
    assert refused["code"] == "unknown_reference"
    assert (await desk.world.client("sue").get(f"/v1/pay-curves/{own['id']}")).status_code == 404
    assert (await desk.world.client("finance").get(f"/v1/pay-curves/{own['id']}")).status_code == 200


async def test_a_draft_has_a_curve_and_a_missing_target_is_said(desk: Desk) -> None:
    body = {"name": "Next", "fiscal_year": 2026, "currency": "EUR", "components": [BONUS]}
    plan = (await desk.world.post("comp_admin", "/v1/compensation-plans", {"code": "NEXT", **body}))["id"]
    found = await curve(desk, plan_id=plan, quota="1000")
    assert (found["codes"], at(found, "1"), found["marks"]) == (["no_target"], None, [])
    picture = await desk.world.client("comp_admin").get(f"/v1/pay-curves/{found['id']}/chart.svg")
    assert "no_target" in picture.text
    refused = await desk.world.post("comp_admin", "/v1/pay-curves", {"plan_id": plan}, expect=422)
    assert refused["code"] == "curve_of_whom"
    body["fiscal_year"] = 2044
    later = (await desk.world.post("comp_admin", "/v1/compensation-plans", {"code": "LATER", **body}))["id"]
    asked = {"plan_id": later, "quota": "1000"}
    refused = await desk.world.post("comp_admin", "/v1/pay-curves", asked, expect=422)
    assert refused["errors"][0]["pointer"] == "/plan_id"


async def test_nobody_fills_the_queue_with_curves(desk: Desk) -> None:
    body = {"plan_id": desk.plan, "quota": "1000"}
    for _ in range(2):
        await desk.world.post("sam", "/v1/pay-curves", body)
    refused = await desk.world.post("sam", "/v1/pay-curves", body, expect=409)
    assert refused["code"] == "jobs_under_way"
    await desk.world.post("sue", "/v1/pay-curves", body)
