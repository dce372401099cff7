"""Who has not signed, how long it is overdue, and how an expired agreement comes back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.domain.compensation.desk import Desk


async def unsigned(desk: Desk, who: str = "comp_admin", **params: Any) -> dict[str, Any]:
    found = await desk.items(who, "/v1/unsigned-agreements", plan_id=desk.plan, **params)
    return {one["seller_name"]: one for one in found}


async def test_who_acknowledged_is_no_longer_among_those_who_have_not(desk: Desk) -> None:
    assert {name: one["state"] for name, one in (await unsigned(desk)).items()} == {"Sam": "issued", "Sue": "issued"}
    (mine,) = await desk.items("sam", "/v1/plan-agreements")
    await desk.world.post("sam", f"/v1/plan-agreements/{mine['id']}/query", {"comment": "What counts as revenue?"})
    assert (await unsigned(desk))["Sam"]["state"] == "queried"
    await desk.world.post("comp_admin", f"/v1/plan-agreements/{mine['id']}/answer", {"comment": "What is booked."})
    await desk.world.post("sam", f"/v1/plan-agreements/{mine['id']}/acknowledge")
    assert set(await unsigned(desk)) == {"Sue"}


async def test_a_seller_sees_only_its_own_and_a_manager_its_team(desk: Desk) -> None:
    assert set(await unsigned(desk, "sam")) == {"Sam"}
    assert set(await unsigned(desk, "mona")) == {"Sam", "Sue"}


async def test_an_overdue_agreement_says_how_long_and_can_be_issued_again_once_expired(desk: Desk) -> None:
    today = datetime.now(UTC).date()
    async with desk.world.service.operations.transaction(desk.world.actor("comp_admin")) as tx:
        await tx.execute(
            "update plan_agreement set due_on = :day where org_id = :org_id", day=today - timedelta(days=3)
        )
    late = (await unsigned(desk))["Sam"]
    assert late["days_overdue"] == 3
    path = f"/v1/plan-agreements/{late['agreement_id']}"
    await desk.world.post("comp_admin", f"{path}/expire")
    past = {"due_on": str(today - timedelta(days=1))}
    refused = await desk.world.post("comp_admin", f"{path}/reissue", past, expect=422)
    assert refused["errors"][0]["pointer"] == "/due_on"
    again = await desk.world.post("comp_admin", f"{path}/reissue", {"due_on": str(today + timedelta(days=10))})
    assert (again["state"], again["due_on"]) == ("issued", str(today + timedelta(days=10)))
    await desk.world.post("sam", f"{path}/acknowledge")
    assert set(await unsigned(desk)) == {"Sue"}
