"""Two runs of one period differ by causes that add up to the cent, each worth what it changed when it happened."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID

import app.domain.compensation.differences_job  # noqa: F401 - declares the job
from app.worker import run_job as work_off
from tests.domain.compensation.desk import Desk
from tests.domain.compensation.test_retroactivity import next_year
from tests.domain.compensation.upheaval import correct, january, lower_quota, raise_rates, reassign


async def compared(desk: Desk, run: Any, other: Any) -> Any:
    """A comparison, with its differences."""
    body = {"other_run_id": other["id"]}
    job = await desk.world.post("finance", f"/v1/compensation-runs/{run['id']}/compare", body)
    await work_off(desk.world.service, desk.world.org_id, UUID(job["id"]))
    job = await desk.world.get("finance", f"/v1/jobs/{job['id']}")
    assert job["state"] == "succeeded", job["problem"]
    said = await desk.world.get("finance", job["result"]["path"])
    return said, await desk.items("finance", "/v1/run-differences", comparison_id=said["id"])


async def earned(desk: Desk, run: Any) -> dict[tuple[str, str], Decimal]:
    """What a run says each seller earned with a component in each period, as far as it is not posted."""
    found = await desk.items("finance", "/v1/earnings", run_id=run["id"])
    return {(line["seller_id"], line["origin_period_code"]): Decimal(line["amount"]["amount"]) for line in found}


async def test_each_cause_is_worth_what_it_changed_when_it_happened(desk: Desk) -> None:
    at, deal = await january(desk)
    runs = [await desk.calculate("2026-M02", "preview")]
    happened = (
        ("corrected_transaction", correct(desk, deal)),
        ("late_transaction", desk.sell("2026-01-20", "9999.99", "sam")),
        ("new_transaction", desk.sell("2026-02-10", "777", "sam", "sue", shares=("0.5", "0.5"))),
        ("plan", raise_rates(desk)),
        ("quota", lower_quota(desk)),
        ("assignment", reassign(desk, at)),
    )
    for _, change in happened:
        await change
        runs.append(await desk.calculate("2026-M02", "preview"))
    said, found = await compared(desk, runs[0], runs[-1])

    told = {(one["cause"], one["seller_id"], one["period_code"]): Decimal(one["amount"]["amount"]) for one in found}
    worth = {}
    states = [await earned(desk, run) for run in runs]
    for (cause, _), before, after in zip(happened, states[:-1], states[1:], strict=True):
        for line in before.keys() | after.keys():
            if moved := after.get(line, Decimal(0)) - before.get(line, Decimal(0)):
                worth[cause, *line] = moved
    assert told == worth
    assert {cause for cause, *_ in told} == {cause for cause, _ in happened}

    whole = sum(states[-1].values()) - sum(states[0].values())
    (total,) = said["totals"]
    assert (Decimal(total["amount"]), total["currency"]) == (whole, "EUR")
    assert sum(Decimal(cause["amount"]) for cause in said["causes"]) == whole
    assert [cause["cause"] for cause in said["causes"]] == [cause for cause, _ in happened]
    chains = defaultdict(list)
    for one in found:
        chains[one["seller_id"], one["period_code"]].append(one)
    for line, chain in chains.items():
        assert Decimal(chain[0]["before"]["amount"]) == states[0][line]
        assert Decimal(chain[-1]["after"]["amount"]) == states[-1][line]
        assert all(one["after"] == then["before"] for one, then in pairwise(chain))


async def test_a_posted_run_and_a_later_preview_differ_by_what_changed_only(desk: Desk) -> None:
    await desk.sell("2026-01-10", "1000", "sam")
    posted = await desk.posted("2026-M01")
    await desk.sell("2026-01-11", "200", "sam")
    said, (one,) = await compared(desk, posted, await desk.calculate("2026-M01", "preview"))
    assert (one["cause"], one["before"]["amount"], one["after"]["amount"]) == ("new_transaction", "50.00", "60.00")
    assert said["totals"] == [{"currency": "EUR", "lines": 1, "amount": "10.00"}]


async def test_a_run_does_not_differ_from_one_of_the_same_data(desk: Desk) -> None:
    await desk.sell("2026-01-10", "1000", "sam")
    runs = [await desk.calculate("2026-M01", "preview") for _ in range(2)]
    said, found = await compared(desk, *runs)
    assert (said["totals"], said["causes"], found) == ([], [], [])


async def test_what_could_not_be_said_pays_nothing_until_it_can(desk: Desk) -> None:
    await desk.sell("2026-01-10", "1000", "olga")
    absent = await desk.calculate("2026-M01", "preview")
    enrolment = {"seller_ids": [desk.world.sellers["olga"]], "effective_from": "2026-01-01"}
    await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/enrol", enrolment)
    unsaid = await desk.calculate("2026-M01", "preview")
    await desk.quota("olga", "120000")
    said = await desk.calculate("2026-M01", "preview")
    for before, after, cause in ((unsaid, said, "quota"), (absent, said, "participation")):
        _, (one,) = await compared(desk, before, after)
        assert (one["cause"], one["before"], one["after"]["amount"]) == (cause, None, "50.00")
    assert (await compared(desk, absent, unsaid))[1] == []


async def test_differences_of_an_earlier_year_are_a_cause(desk: Desk) -> None:
    await desk.sell("2026-02-10", "120000", "sam")
    await desk.posted("2026-Q4")
    await next_year(desk)
    first = await desk.calculate("2027-Q1", "preview")
    await desk.sell("2026-11-10", "2000", "sam")
    _, (one,) = await compared(desk, first, await desk.calculate("2027-Q1", "preview"))
    assert (one["cause"], one["period_code"], one["before"]) == ("earlier_year", "2026-Q4", None)
    assert one["amount"]["amount"] == "200.00"


async def test_only_runs_of_one_period_are_compared(desk: Desk) -> None:
    await desk.sell("2026-01-10", "1000", "sam")
    one, other = await desk.calculate("2026-M01", "preview"), await desk.calculate("2026-M02", "preview")
    path, body = f"/v1/compensation-runs/{one['id']}/compare", {"other_run_id": other["id"]}
    refused = await desk.world.post("finance", path, body, expect=422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("other_period", "/other_run_id")
    assert (await desk.world.post("manager", path, body, expect=403))["code"] == "permission_required"
