"""A year's quotas over HTTP, from the revenue plan to acceptance, with disputes of every outcome."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tests.filled import SECTIONS
from tests.world import World, _principal, fiscal_year, make_world

REPS = [f"rep{n}" for n in range(10)]
TARGET = "1000000.00"
EVIDENCE = [
    {"title": "A letter", "url": "https://files.example.com/letter.pdf"},
    {"title": "What they said", "note": "The plant closes in March."},
]


class Year:
    """The quotas of ten sellers of Mona's, made from an approved revenue plan."""

    def __init__(self, world: World, periods: dict[str, str]) -> None:
        self.world = world
        self.periods = periods
        self.quotas: dict[str, str] = {}

    async def take(self, who: str, action: str, rep: str, *, expect: int | None = None, **body: Any) -> Any:
        return await self.world.post(who, f"/v1/quotas/{self.quotas[rep]}/{action}", body, expect=expect)

    async def show(self, rep: str, who: str = "sales_ops", **params: Any) -> Any:
        return await self.world.get(who, f"/v1/quotas/{self.quotas[rep]}", **params)

    async def dispute(self, rep: str, counter: str = "90000.00", **more: Any) -> None:
        await self.take(rep, "dispute", rep, counter_amount=counter, comment="The plant closes.", **more)

    async def outcomes(self, rep: str) -> list[str | None]:
        found = await self.world.get("sales_ops", "/v1/quota-disputes", quota_id=self.quotas[rep], sort="opened_at")
        return [dispute["outcome"] for dispute in found["items"]]


async def _hire_reps(world: World) -> None:
    connection = await asyncpg.connect(world.service.dsn)
    try:
        for name in REPS:
            position = {"job_role": "AE", "team": "North", "manager_id": world.sellers["mona"]}
            body = {"name": name, "hired_on": "2025-01-01", "position": position}
            world.sellers[name] = (await world.post("sales_ops", "/v1/sellers", body))["id"]
            await _principal(connection, world, name, ["seller"], world.sellers[name])
    finally:
        await connection.close()


async def _revenue_plan(world: World, periods: dict[str, str]) -> Decimal:
    """An approved revenue plan; what it says the year brings."""
    await world.post("sales_ops", "/v1/plan-templates/install-shipped", {})
    template = (await world.get("sales_ops", "/v1/plan-templates", kind="revenue_plan"))["items"][0]["id"]
    revenue = {"2026": {"amount": TARGET, "currency": "EUR"}}
    body = {"title": "2026", "template_id": template, "period_id": periods["2026"]}
    plan = await world.post("mona", "/v1/plans", {**body, "sections": {**SECTIONS, "revenue": revenue}})
    path = f"/v1/plans/{plan['id']}"
    await world.post("mona", f"{path}/submit")
    keys = ("ambition", "realism", "coherence", "actions")
    await world.post("admin", f"{path}/review", {"scores": [{"criterion": key, "score": "5"} for key in keys]})
    approved = await world.post("finance", f"{path}/approve")
    assert approved["state"] == "approved"
    return Decimal(approved["sections"]["revenue"]["2026"]["amount"])


@pytest.fixture
async def year(database: str, tmp_path: Path) -> AsyncIterator[Year]:
    async with make_world(database, tmp_path) as world:
        await _hire_reps(world)
        year = Year(world, await fiscal_year(world))
        total = await _revenue_plan(world, year.periods)
        asked: dict[str, Any] = {"period_id": year.periods["2026"], "total": str(total), "over_assignment": "0.05"}
        asked["seller_ids"] = [world.sellers[name] for name in REPS]
        allocation = (await world.post("sales_ops", "/v1/quotas/allocate", asked))["id"]
        names = {id: name for name, id in world.sellers.items()}
        for quota in (await world.get("sales_ops", "/v1/quotas", allocation_id=allocation))["items"]:
            year.quotas[names[quota["seller_id"]]] = quota["id"]
        assert (await world.get("rep0", "/v1/quotas"))["items"] == []
        done = await world.post("sales_ops", "/v1/quotas/propose", {"allocation_id": allocation})
        assert done == {"proposed": 10, "refused": []}
        yield year


async def test_a_years_quotas_are_agreed_on_through_disputes_of_every_outcome(year: Year) -> None:
    world = year.world
    for rep in REPS:
        await year.dispute(rep, evidence=EVIDENCE if rep == "rep0" else [])

    # What speaks for it comes with the dispute or later, from the seller alone.
    (dispute,) = (await world.get("rep0", "/v1/quota-disputes"))["items"]
    path = f"/v1/quota-disputes/{dispute['id']}"
    more = {"evidence": [{"title": "Minutes", "note": "Board of May."}]}
    assert len((await world.post("rep0", f"{path}/add-evidence", more))["evidence"]) == 3
    refused = await world.post("mona", f"{path}/add-evidence", more, expect=403)
    assert refused["code"] == "not_concerned"
    assert (await world.get("rep1", "/v1/quota-disputes"))["items"][0]["id"] != dispute["id"]

    # What granting it would do is shown before.
    shown = await year.take("mona", "preview-decision", "rep0", amount="50000.00")
    assert shown["allocation"] == {
        "target": TARGET, "before": "1050000.00", "after": "995000.00", "over_assignment_before": "0.05",
        "over_assignment_after": "-0.005", "within_policy": False,
    }  # fmt: skip
    assert len(shown["siblings"]) == 9
    kept = sum(Decimal(sibling["amount_to_keep_sum"]) for sibling in shown["siblings"])
    assert kept + Decimal("50000.00") == Decimal("1050000.00")
    assert (await year.show("rep0"))["amount"]["amount"] == "105000.00"

    for rep in REPS[:8]:
        await year.take("mona", "investigate", rep)
    answer: dict[str, Any] = {"comment": "Looked into it."}
    for rep in ("rep0", "rep1"):
        await year.take("mona", "revise", rep, amount="90000.00", **answer)
    for rep in ("rep2", "rep3"):
        await year.take("mona", "revise", rep, amount="99999.99", **answer)
    for rep in ("rep4", "rep5"):
        await year.take("mona", "uphold", rep, **answer)
    await year.take("rep6", "withdraw", "rep6")
    await year.take("sales_ops", "cancel", "rep7")
    await year.take("rep8", "withdraw", "rep8", comment="Found the figures.")
    # Disputed again after it was revised, and upheld then.
    await year.dispute("rep3", "95000.00")
    await year.take("mona", "investigate", "rep3")
    await year.take("mona", "uphold", "rep3", **answer)

    for rep in REPS:
        if rep not in ("rep7", "rep9"):
            await year.take(rep, "accept", rep)
    assert {rep: await year.outcomes(rep) for rep in REPS} == {
        "rep0": ["granted"], "rep1": ["granted"], "rep2": ["revised"], "rep3": ["revised", "upheld"],
        "rep4": ["upheld"], "rep5": ["upheld"], "rep6": ["withdrawn"], "rep7": ["cancelled"], "rep8": ["withdrawn"],
        "rep9": [None],
    }  # fmt: skip
    found = [await year.show(rep) for rep in REPS]
    assert [(quota["state"], quota["amount"]["amount"]) for quota in found] == [
        *[("accepted", "90000.00")] * 2, *[("accepted", "99999.99")] * 2, *[("accepted", "105000.00")] * 3,
        ("cancelled", "105000.00"), ("accepted", "105000.00"), ("disputed", "105000.00"),
    ]  # fmt: skip
    locked = await year.take("finance", "lock", "rep0")
    assert (locked["state"], locked["accepted_amount"]["amount"]) == ("locked", "90000.00")

    (team,) = (await world.get("mona", "/v1/reports/quota-acceptance-times", period="2026"))["items"]
    counted = {name: team[name] for name in ("proposed", "accepted", "disputed", "open", "overdue", "disputes")}
    assert counted == {"proposed": 9, "accepted": 8, "disputed": 1, "open": 0, "overdue": 0, "disputes": 10}
    # Nothing is late yet; on the day itself everything that waits is reminded of, once.
    assert await world.post("mona", "/v1/quotas/remind", {}) == {"sellers": 0, "deciders": 0}
    assert await world.post("mona", "/v1/quotas/remind", {"due_days": 0}) == {"sellers": 0, "deciders": 1}
    assert await world.post("sales_ops", "/v1/quotas/remind", {"due_days": 0}) == {"sellers": 0, "deciders": 0}
    events = (await world.get("admin", "/v1/events", limit=200, sort="-seq"))["items"]
    (event,) = (event for event in events if event["name"] == "quota.reminded")
    assert (event["subject_id"], event["data"]["waits_for"]) == (year.quotas["rep9"], "decider")


async def test_comparables_show_what_peers_are_held_to_without_their_names(year: Year) -> None:
    path = "/v1/reports/quota-comparables"
    body = {"name": "Acme", "owner_id": year.world.sellers["rep1"], "potential": "210000.00"}
    await year.world.post("sales_ops", "/v1/accounts", body)
    mine = (await year.world.get("rep0", path, quota_id=year.quotas["rep0"], limit=50))["items"]
    assert len(mine) == 10
    assert [row["seller_name"] for row in mine if row["own"]] == ["rep0"]
    assert {(row["seller_id"], row["seller_name"]) for row in mine if not row["own"]} == {(None, None)}
    assert [row["load"] for row in mine if row["potential"]] == ["0.50"]
    assert not {row["id"] for row in mine} & set(year.quotas.values())
    managers = (await year.world.get("mona", path, quota_id=year.quotas["rep0"], limit=50))["items"]
    assert {row["seller_name"] for row in managers} == set(REPS)
    for nobody in ("rep1", "otto"):
        assert (await year.world.get(nobody, path, quota_id=year.quotas["rep0"]))["items"] == []


BAD: list[tuple[dict[str, Any], str]] = [
    ({"counter_amount": "1.00"}, "/comment"),
    ({"counter_amount": "105000.00", "comment": "So."}, "/counter_amount"),
    ({"counter_amount": "1.001", "comment": "So."}, "/counter_amount"),
    ({"counter_amount": "1.00", "comment": "So.", "evidence": [{"title": "Empty"}]}, "/evidence/0"),
    (
        {"counter_amount": "1.00", "comment": "So.", "evidence": [{"title": "X", "url": "javascript:alert(1)"}]},
        "/evidence/0/url",
    ),
]


async def test_a_dispute_that_says_nothing_is_refused_and_leaves_nothing(year: Year) -> None:
    for body, pointer in BAD:
        refused = await year.take("rep0", "dispute", "rep0", expect=422, **body)
        assert (refused["code"], refused["errors"][0]["pointer"]) == ("invalid_input", pointer)
    # The seller's neighbour does not even see it; the manager sees it and may not answer for the seller.
    for who, status, code in (("rep1", 404, "not_found"), ("mona", 403, "not_concerned")):
        headers = {"if-match": '"2"'}
        path = f"/v1/quotas/{year.quotas['rep0']}/accept"
        answer = await year.world.client(who).post(path, json={}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await year.show("rep0"))["state"] == "proposed"
    assert await year.outcomes("rep0") == []


async def test_an_amendment_leaves_earlier_months_and_closed_ones_alone(year: Year) -> None:
    await year.take("rep0", "accept", "rep0")
    terms: dict[str, Any] = {"amount": "210000.00", "comment": "A larger territory."}
    for month in ("2026-M01", "2026-M02"):
        await year.world.post("finance", f"/v1/periods/{year.periods[month]}/close")
    refused = await year.take("sales_ops", "amend", "rep0", expect=409, **terms)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("quota_period_closed", "/effective_from")
    refused = await year.take("sales_ops", "amend", "rep0", expect=422, effective_from="2027-01-01", **terms)
    assert refused["errors"][0]["pointer"] == "/effective_from"
    amended = await year.take("sales_ops", "amend", "rep0", effective_from="2026-06-16", **terms)
    assert (amended["state"], amended["accepted_amount"]["amount"]) == ("proposed", "105000.00")
    # 5.5 months of 8,750 and 6.5 of 17,500.
    assert amended["amount"]["amount"] == "161875.00"
    shown = await year.show("rep0", include="months,revisions")
    assert [month["amount"]["amount"] for month in shown["months"]["items"]] == [
        *["8750.00"] * 5, "13125.00", *["17500.00"] * 6,
    ]  # fmt: skip
    last = shown["revisions"]["items"][-1]
    assert (last["action"], last["effective_from"], last["whole_amount"]["amount"]) == (
        "amend", "2026-06-16", "210000.00",
    )  # fmt: skip
    refused = await year.take("rep0", "dispute", "rep0", expect=409, counter_amount="48124.99", comment="Less.")
    assert (refused["code"], refused["kept"]) == ("quota_below_kept", "48125.0000")
    await year.dispute("rep0", "148125.00")
    await year.take("mona", "investigate", "rep0")
    await year.take("mona", "revise", "rep0", amount="148125.00", comment="Agreed.")
    await year.take("rep0", "accept", "rep0")
    shown = await year.show("rep0", include="months")
    months = [Decimal(month["amount"]["amount"]) for month in shown["months"]["items"]]
    assert (months[:5], sum(months)) == ([Decimal("8750.00")] * 5, Decimal("148125.00"))
