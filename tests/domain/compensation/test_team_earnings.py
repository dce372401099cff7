"""A manager is paid a share of what the team earns."""

from __future__ import annotations

from typing import Any

from tests.domain.compensation.desk import COMMISSION, Desk

SHARE: dict[str, Any] = {
    "kind": "override",
    "code": "SHARE",
    "name": "Share of the team's commissions",
    "trigger": "booking",
    "measure": {"of": "earnings", "whose": "team", "earned_by": "commission"},
    "window": {"over": "year", "paid": "each_period"},
    "rate": {"flat": {"pays": "rate", "value": "0.1"}},
    "proration": {"quota": "none", "target": "none"},
}


async def line(desk: Desk, period: str, kind: str = "base") -> Any:
    """What Mona's line of a period says."""
    run = await desk.posted(period)
    rows = await desk.items("finance", "/v1/earnings", run_id=run["id"], seller_id=desk.world.sellers["mona"])
    return next((row for row in rows if row["kind"] == kind), None)


async def test_a_manager_is_paid_ten_per_cent_of_what_reports_on_another_plan_earn(desk: Desk) -> None:
    await desk.publish("MGR", components=(SHARE,), takes_part=("mona",))
    await desk.sell("2026-01-10", "30000.30", "sam")
    await desk.sell("2026-01-12", "10000", "sue")
    january = await line(desk, "2026-M01")
    # 1,500.02 and 500 at 5 %.
    assert (january["credited_to_date"], january["amount"]["amount"]) == ("2000.02", "200.00")
    told = await desk.world.get("finance", f"/v1/earning-explanations/{january['id']}")
    # The line is laid on the deals of the team by what they were.
    assert [part["amount"] for part in told["parts"]["deals"]] == ["150.00", "50.00"]
    assert told["slices"] == []
    await desk.sell("2026-01-20", "20000", "sam")
    await desk.sell("2026-02-10", "100000", "sam")
    run = await desk.posted("2026-M02")
    rows = await desk.items("finance", "/v1/earnings", run_id=run["id"], seller_id=desk.world.sellers["mona"])
    # The late deal trues January up by 1,000; 69,999.70 at 5 % and 30,000.30 at 10 % are February's.
    found = {row["kind"]: row["amount"]["amount"] for row in rows}
    assert found == {"true_up": "100.00", "base": "650.00"}


async def test_it_is_said_in_words(desk: Desk) -> None:
    plan = await desk.publish("MGR", components=(SHARE,), takes_part=("mona",))
    (component,) = (await desk.world.get("comp_admin", f"/v1/compensation-plans/{plan}"))["components"]
    said = component["in_words"][0]
    assert said["en"].startswith("Pays on earnings of the team, by commissions, ")
    assert said["fr"].startswith("Porte sur : gains de l'équipe, par commissions, ")


async def test_what_a_share_of_earnings_cannot_say_is_refused(desk: Desk) -> None:
    wrong: dict[str, Any] = {
        **SHARE,
        "measure": {"of": "earnings", "whose": "own"},
        "window": {"over": "quarter", "paid": "at_end"},
        "rate": {"flat": {"pays": "amount", "value": "100"}},
        "gates": [{"input": {"figure": "measured"}, "at_least": "1", "below": "0"}],
        "limits": [{"kind": "cap", "per": "window", "amount": "100"}],
        "clawback": {"method": "full", "days": 90},
    }
    looks = {"input": {"figure": "measured", "component": "SHARE"}, "at_least": "1", "below": "0"}
    body = {"code": "BAD", "name": "Bad", "fiscal_year": 2026, "currency": "EUR"}
    components = [wrong, {**COMMISSION, "gates": [looks]}]
    refused = await desk.world.post(
        "comp_admin", "/v1/compensation-plans", body | {"components": components}, expect=422
    )
    assert {(error["code"], error["pointer"]) for error in refused["errors"]} == {
        ("measure_restriction", "/components/0/measure/whose"),
        ("kind_measure", "/components/0/measure/whose"),
        ("earnings_window", "/components/0/window"),
        ("earnings_rate", "/components/0/rate"),
        ("earnings_figure", "/components/0/gates/0/input/component"),
        ("earnings_limit", "/components/0/limits/0/per"),
        ("earnings_terms", "/components/0/clawback"),
        ("earnings_figure", "/components/1/gates/0/input/component"),
    }
