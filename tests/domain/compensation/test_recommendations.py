"""What could be better in a plan, with what it would have cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import app.domain.compensation.simulation.advice_job  # noqa: F401 - declares the job
from app.worker import run_job
from tests.domain.compensation.desk import COMMISSION, Desk
from tests.domain.compensation.test_pay_curves import BONUS
from tests.domain.compensation.test_simulations import simulate


async def recommendations(desk: Desk, plan: str) -> dict[str, Any]:
    path = f"/v1/compensation-plans/{plan}/recommend"
    job = await desk.world.post("comp_admin", path, {"period_id": desk.periods["2026"]})
    await run_job(desk.world.service, desk.world.org_id, UUID(job["id"]))
    done = await desk.world.get("comp_admin", f"/v1/jobs/{job['id']}")
    assert done["state"] == "succeeded", done["problem"]
    rows = await desk.items("finance", "/v1/plan-recommendations", plan_id=plan)
    assert done["result"]["recommendations"] == len(rows)
    return {row["rule"]: row for row in rows}


async def test_a_cap_and_a_threshold_come_with_what_changing_them_costs(desk: Desk) -> None:
    plan = await desk.publish("BONUS", components=(BONUS,), target="12000")
    await desk.sell("2026-02-10", "240000.00", "sam")
    await desk.sell("2026-02-10", "36000.00", "sue")
    found = await recommendations(desk, plan)
    assert set(found) == {"cap_bites", "threshold_excludes"}
    cap, gate = found["cap_bites"], found["threshold_excludes"]
    # Sam is at 200 %: three times the target of 12,000 instead of two.
    assert (cap["cost_difference"]["amount"], cap["sellers_affected"], cap["winners"]) == ("12000.00", 1, 1)
    assert cap["components"][0]["limits"] == []
    # Sue is at 30 %, which would pay 30 % of 12,000.
    assert (gate["cost_difference"]["amount"], gate["sellers_affected"]) == ("3600.00", 1)
    assert Decimal(gate["components"][0]["gates"][0]["at_least"]) == Decimal("0.3")
    assert "1 of 2 sellers miss the gate of 50 %" in gate["reason"] == gate["in_words"]["en"]
    assert "1 des 2 vendeurs manquent le seuil de 50 %" in gate["in_words"]["fr"]
    assert {one["name"]: Decimal(one["value"]) for one in gate["figures"]}["below"] == 1


async def test_the_recommended_document_becomes_a_draft_that_costs_what_was_said(desk: Desk) -> None:
    plan = await desk.publish("BONUS", components=(BONUS,), target="12000")
    await desk.sell("2026-02-10", "240000.00", "sam")
    cap = (await recommendations(desk, plan))["cap_bites"]
    made = await desk.world.post("comp_admin", f"/v1/plan-recommendations/{cap['id']}/draft", {"name": "No cap"})
    assert (made["state"], made["name"], made["based_on_id"]) == ("draft", "No cap", plan)
    assert made["components"][0]["limits"] == []
    (total,) = (await simulate(desk, plans=[{"plan_id": made["id"]}]))["totals"]
    assert (total["before"], total["after"]) == (cap["cost_before"]["amount"], cap["cost_after"]["amount"])


async def test_a_component_that_pays_nobody_and_a_tier_nobody_reaches_are_found(desk: Desk) -> None:
    never = {
        **COMMISSION,
        "code": "NEVER",
        "name": "Never",
        "gates": [{"input": {"figure": "attainment"}, "at_least": "3", "below": "0"}],
    }
    plan = await desk.publish("TWO", components=(COMMISSION, never))
    await desk.sell("2026-02-10", "96000.00", "sam")
    await desk.sell("2026-02-10", "60000.00", "sue")
    found = await recommendations(desk, plan)
    assert set(found) == {"pays_few", "top_unreached"}
    assert [component["code"] for component in found["pays_few"]["components"]] == ["REVENUE"]
    assert found["pays_few"]["cost_difference"]["amount"] == "0.00"
    top = found["top_unreached"]
    tiers = [(tier["lower"], tier["upper"]) for tier in top["components"][0]["rate"]["tiers"]["tiers"]]
    assert [(Decimal(low), high and Decimal(high)) for low, high in tiers] == [
        (0, Decimal("0.8")),
        (Decimal("0.8"), None),
    ]
    # Sam is at 80 %, where the higher rate would only begin.
    assert top["cost_difference"]["amount"] == "0.00"


async def test_a_light_component_hands_its_weight_to_the_heaviest(desk: Desk) -> None:
    heavy = {**BONUS, "target": {"share": "0.9"}, "limits": []}
    light = {**BONUS, "code": "LIGHT", "name": "Light", "target": {"share": "0.1"}, "limits": []}
    plan = await desk.publish("WEIGHTS", components=(heavy, light), target="10000")
    await desk.sell("2026-02-10", "120000.00", "sam")
    await desk.sell("2026-02-10", "120000.00", "sue")
    found = await recommendations(desk, plan)
    assert set(found) == {"light_weight"}
    (component,) = found["light_weight"]["components"]
    assert [component["code"], Decimal(component["target"]["share"])] == ["BONUS", 1]
    assert found["light_weight"]["cost_difference"]["amount"] == "0.00"


async def test_recommendations_are_for_who_sees_everybodys_pay(desk: Desk) -> None:
    body = {"period_id": desk.periods["2026"]}
    for who in ("sam", "admin"):
        await desk.world.post(who, f"/v1/compensation-plans/{desk.plan}/recommend", body, expect=403)
        assert (await desk.world.client(who).get("/v1/plan-recommendations")).status_code == 403
