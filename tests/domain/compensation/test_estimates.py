"""What a deal would pay if it closed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import app.domain.compensation.estimate_job  # noqa: F401 - declares the job
from app.worker import run_job
from tests.domain.compensation.desk import Desk


async def estimate(desk: Desk, who: str, expect: int | None = None, **deal: Any) -> Any:
    body = {"kind": "booking", "transaction_date": "2026-03-15", **deal}
    job = await desk.world.post(who, "/v1/transactions/estimate", body, expect=expect)
    if expect:
        return job
    await run_job(desk.world.service, desk.world.org_id, UUID(job["id"]))
    done = await desk.world.get(who, f"/v1/jobs/{job['id']}")
    assert done["state"] == "succeeded", done
    return done["result"]


def euros(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def split(desk: Desk, **shares: str) -> list[dict[str, str]]:
    return [{"seller_id": desk.world.sellers[name], "share": share} for name, share in shares.items()]


async def test_a_deal_that_would_cross_the_quota_pays_both_rates(desk: Desk) -> None:
    await desk.sell("2026-01-10", "100000.00", "sam")
    found = await estimate(desk, "comp_admin", amount=euros("60000.00"), splits=split(desk, sam="0.5", sue="0.5"))
    sam, sue = desk.world.sellers["sam"], desk.world.sellers["sue"]
    assert {c["seller_id"]: c["amount"]["amount"] for c in found["credits"]} == {sam: "30000.00", sue: "30000.00"}
    by_seller = {
        e["seller_id"]: [e[key]["amount"] for key in ("without", "including", "by_it")] for e in found["earnings"]
    }
    # Sam has 20,000 left at 5 % and 10,000 above the quota at 10 %.
    assert by_seller == {sam: ["5000.00", "7000.00", "2000.00"], sue: ["0.00", "1500.00", "1500.00"]}
    assert (found["uncredited"], found["losses"]) == (None, [])


async def test_nothing_of_an_estimate_is_kept(desk: Desk) -> None:
    await estimate(desk, "comp_admin", amount=euros("60000.00"), splits=split(desk, sam="1"))
    assert await desk.items("finance", "/v1/transactions") == []
    assert await desk.items("finance", "/v1/compensation-runs") == []
    assert not list(desk.world.service.settings.artifacts.glob("estimate-*"))


async def test_a_seller_sees_what_it_would_earn_itself(desk: Desk) -> None:
    found = await estimate(desk, "sam", amount=euros("1000.00"), splits=split(desk, sam="0.5"), expect=422)
    assert found["code"] == "splits_do_not_tile"
    found = await estimate(desk, "sam", amount=euros("1000.00"), splits=split(desk, sam="1"))
    assert [e["by_it"]["amount"] for e in found["earnings"]] == ["50.00"]
    body = {"name": "Acme", "owner_id": desk.world.sellers["sue"]}
    at = (await desk.world.post("sales_ops", "/v1/accounts", body))["id"]
    refused = await estimate(desk, "sam", amount=euros("1000.00"), account_id=at, expect=422)
    assert refused["code"] == "unknown_reference"
    found = await estimate(desk, "sue", amount=euros("1000.00"), account_id=at)
    assert [(c["rule"], c["amount"]["amount"]) for c in found["credits"]] == [("account_owner", "1000.00")]


async def test_pay_of_others_is_left_out(desk: Desk) -> None:
    body = {"name": "Acme", "owner_id": desk.world.sellers["sam"]}
    at = (await desk.world.post("sales_ops", "/v1/accounts", body))["id"]
    rule = (await desk.credit_by("named_overlay", since="2026-01-02", precedence=50))["named_overlay"]
    overlay = {"rule_id": rule, "seller_id": desk.world.sellers["sue"], "share": "1", "account_id": at}
    await desk.world.post("comp_admin", "/v1/overlay-assignments", {**overlay, "effective_from": "2026-01-01"})
    deal = {"amount": euros("1000.00"), "account_id": at}
    mine, all_of_it = await estimate(desk, "sam", **deal), await estimate(desk, "finance", **deal)
    sam, sue = desk.world.sellers["sam"], desk.world.sellers["sue"]
    assert [loss["seller_id"] for loss in all_of_it["losses"]] == [sue]
    assert mine["losses"] == []
    assert {e["seller_id"] for e in mine["earnings"]} == {sam}


async def test_a_deal_nobody_would_be_credited_for_says_why(desk: Desk) -> None:
    found = await estimate(desk, "comp_admin", amount=euros("1000.00"))
    assert (found["uncredited"], found["credits"], found["earnings"]) == ("no_rule_applies", [], [])


async def test_what_cannot_be_said_without_quota_is_said_to_be_so(desk: Desk) -> None:
    await desk.publish("OLGA", takes_part=("olga",))
    found = await estimate(desk, "comp_admin", amount=euros("1000.00"), splits=split(desk, olga="1"))
    (earning,) = found["earnings"]
    assert (earning["by_it"], earning["code"]) == (None, "no_quota")


async def test_an_estimate_is_for_a_period_that_the_deal_counts_in(desk: Desk) -> None:
    deal: dict[str, Any] = {"amount": euros("1000.00"), "splits": split(desk, sam="1")}
    quarter = await estimate(desk, "comp_admin", **deal, period_id=desk.periods["2026-Q1"])
    assert quarter["earnings"][0]["by_it"]["amount"] == "50.00"
    late: dict[str, Any] = {**deal, "transaction_date": "2026-04-01", "period_id": desk.periods["2026-Q1"]}
    for refused in (
        await estimate(desk, "comp_admin", expect=422, **late),
        await estimate(desk, "comp_admin", expect=422, **{**deal, "transaction_date": "2031-01-01"}),
    ):
        assert refused["code"] == "not_in_the_period"
