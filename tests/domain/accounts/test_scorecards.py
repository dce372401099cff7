"""Scorecards as a caller meets them: versions, ratings, scoring, what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from app.domain.accounts.contract.scorecards import ClassThresholds, CriterionFields
from app.domain.accounts.scoring_job import score_all
from app.domain.accounts.tables.scorecards import Scorecard
from app.domain.kernel.errors import DomainError
from app.service import job_modules
from app.worker import run_job
from tests.world import World, make_world

JsonObject = dict[str, Any]

POTENTIAL: JsonObject = {
    "code": "potential", "name": "Potential", "kind": "quantitative", "figure": "potential", "weight": "30",
    "method": "linear", "low": "0", "high": "1000", "missing": "zero",
}  # fmt: skip
SIZE: JsonObject = {
    "code": "size", "name": "Size", "kind": "quantitative", "figure": "employees", "weight": "50", "method": "bands",
    "bands": [{"from_value": "10", "score": "0.4"}, {"from_value": "100", "score": "1"}], "missing": "leave_out",
}  # fmt: skip
REFERS: JsonObject = {
    "code": "refers", "name": "Refers others", "kind": "qualitative", "weight": "20", "method": "linear", "low": "1",
    "high": "5", "missing": "leave_out",
}  # fmt: skip
CLASSES = {"a": "75", "b": "50", "c": "25"}
CARD: JsonObject = {
    "code": "FIT", "name": "Account quality", "criteria": [POTENTIAL, SIZE, REFERS], "classes": CLASSES
}  # fmt: skip


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    job_modules()
    async with make_world(database, tmp_path) as made:
        yield made


async def card(world: World, **changes: Any) -> str:
    made = await world.post("sales_ops", "/v1/scorecards", CARD | changes)
    return str(made["id"])


async def account(world: World, name: str, who: str = "sam", **facts: Any) -> str:
    made = await world.post(who, "/v1/accounts", {"name": name, **facts})
    return str(made["id"])


async def run_scoring(world: World, scorecard: str, state: str = "succeeded") -> JsonObject:
    job = await world.post("sales_ops", f"/v1/scorecards/{scorecard}/score", expect=202)
    assert await run_job(world.service, world.org_id, UUID(job["id"]))
    done: JsonObject = await world.get("sales_ops", f"/v1/jobs/{job['id']}")
    assert done["state"] == state, done
    return done


async def test_every_contribution_can_be_read_and_points_add_up(world: World) -> None:
    acme = await account(world, "Acme", potential="250.00", employees=40)
    await account(world, "Blank")
    scorecard = await card(world)
    await world.post("sam", "/v1/account-ratings", {"account_id": acme, "criterion": "refers", "rating": 1})
    await world.post("sam", "/v1/account-ratings", {"account_id": acme, "criterion": "refers", "rating": 4})
    job = await run_scoring(world, scorecard)
    assert (job["result"]["accounts"], job["done"], job["total"], job["unit"]) == (2, 2, 2, "accounts")
    [found] = (await world.get("sam", "/v1/account-scores", account_id=acme))["items"]
    # 30 x 0.25 + 50 x 0.4 + 20 x 0.75 of 100
    assert (found["score"], found["account_class"]) == ("42.50", "C")
    lines = {line["criterion"]: line for line in found["contributions"]}
    assert [(line["value"], line["sub_score"], line["weight"], line["points"]) for line in lines.values()] == [
        ("250.00", "0.25", "30.00", "7.50"),
        ("40.00", "0.40", "50.00", "20.00"),
        ("4.00", "0.75", "20.00", "15.00"),
    ]
    assert sum(Decimal(line["points"]) for line in lines.values()) == Decimal(found["score"])
    [blank] = (await world.get("sales_ops", "/v1/account-scores", account_class="D"))["items"]
    assert blank["score"] == "0.00"
    assert [(line["points"], line["missing"]) for line in blank["contributions"]] == [
        ("0.00", "unknown"), (None, "unknown"), (None, "not_rated"),
    ]  # fmt: skip


async def test_scores_stay_as_they_were_until_the_next_scoring(world: World) -> None:
    acme = await account(world, "Acme", potential="1000", employees=500)
    scorecard = await card(world)
    await run_scoring(world, scorecard)
    [before] = (await world.get("sam", "/v1/account-scores"))["items"]
    await world.client("sam").patch(f"/v1/accounts/{acme}", json={"potential": "0"}, headers={"if-match": '"1"'})
    await world.post("sam", "/v1/account-ratings", {"account_id": acme, "criterion": "refers", "rating": 1})
    assert (await world.get("sam", "/v1/account-scores"))["items"] == [before]
    await run_scoring(world, scorecard)
    [after] = (await world.get("sam", "/v1/account-scores"))["items"]
    assert (before["score"], after["score"], after["id"]) == ("100.00", "50.00", before["id"])
    assert after["scored_at"] > before["scored_at"]


async def test_only_scores_that_changed_are_written_again(world: World) -> None:
    acme = await account(world, "Acme", potential="1000", employees=500)
    await account(world, "Blank")
    scorecard = await card(world)
    changed = [(await run_scoring(world, scorecard))["result"]["changed"] for _ in range(2)]
    await world.client("sam").patch(f"/v1/accounts/{acme}", json={"potential": "0"}, headers={"if-match": '"1"'})
    result = (await run_scoring(world, scorecard))["result"]
    assert ([*changed, result["changed"]], result["accounts"]) == ([2, 0, 1], 2)


async def test_an_account_shows_its_class_on_the_published_scorecard(world: World) -> None:
    acme = await account(world, "Acme", potential="1000", employees=500)
    scorecard = await card(world)
    await run_scoring(world, scorecard)
    seen = await world.get("sam", f"/v1/accounts/{acme}", include="score")
    assert seen["score"] is None
    assert (await world.get("sam", "/v1/accounts", account_class="A"))["items"] == []
    await world.post("sales_ops", f"/v1/scorecards/{scorecard}/publish")
    seen = await world.get("sam", f"/v1/accounts/{acme}", include="score,scores,ratings")
    assert (seen["score"]["score"], seen["score"]["account_class"]) == ("100.00", "A")
    assert [item["id"] for item in seen["scores"]["items"]] == [seen["score"]["id"]]
    assert [item["id"] for item in (await world.get("sam", "/v1/accounts", account_class="A"))["items"]] == [acme]
    assert (await world.get("sam", "/v1/accounts", account_class="B"))["items"] == []


async def test_only_drafts_change_and_publishing_retires_the_version_before(world: World) -> None:
    first = await card(world)
    await world.post("sales_ops", f"/v1/scorecards/{first}/publish")
    client, headers = world.client("sales_ops"), {"if-match": '"2"'}
    refused = await client.patch(f"/v1/scorecards/{first}", json={"name": "New"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "immutable")
    second = await world.post("sales_ops", f"/v1/scorecards/{first}/revise")
    assert (second["scorecard_version"], second["state"], second["criteria"]) == (
        2, "draft", (await world.get("sales_ops", f"/v1/scorecards/{first}"))["criteria"],
    )  # fmt: skip
    await world.post("sales_ops", f"/v1/scorecards/{second['id']}/publish")
    states = {item["scorecard_version"]: item["state"] for item in (await world.get("sam", "/v1/scorecards"))["items"]}
    assert states == {1: "retired", 2: "published"}
    other = await card(world, code="OTHER")
    await world.post("sales_ops", f"/v1/scorecards/{other}/publish")
    assert (await world.get("sam", f"/v1/scorecards/{second['id']}"))["state"] == "published"
    refused = await world.post("sales_ops", f"/v1/scorecards/{first}/score", expect=409)
    assert refused["code"] == "scorecard_retired"


async def test_changing_the_criteria_of_a_draft_discards_what_was_scored_on_it(world: World) -> None:
    await account(world, "Acme", potential="1000")
    scorecard = await card(world)
    await run_scoring(world, scorecard)
    client = world.client("sales_ops")
    version = (await client.get(f"/v1/scorecards/{scorecard}")).headers["etag"]
    await client.patch(f"/v1/scorecards/{scorecard}", json={"name": "Other name"}, headers={"if-match": version})
    assert len((await world.get("sam", "/v1/account-scores"))["items"]) == 1
    version = (await client.get(f"/v1/scorecards/{scorecard}")).headers["etag"]
    answer = await client.patch(f"/v1/scorecards/{scorecard}", json={"criteria": [SIZE]}, headers={"if-match": version})
    assert (answer.status_code, answer.json()["scored_at"]) == (200, None)
    assert [item["code"] for item in answer.json()["criteria"]] == ["size"]
    assert (await world.get("sam", "/v1/account-scores"))["items"] == []


async def test_scores_and_ratings_are_seen_by_those_who_see_the_account(world: World) -> None:
    acme = await account(world, "Acme", potential="1000")
    await run_scoring(world, await card(world))
    await world.post("sam", "/v1/account-ratings", {"account_id": acme, "criterion": "refers", "rating": 3})
    for path in ("/v1/account-scores", "/v1/account-ratings"):
        seen = {who: len((await world.get(who, path))["items"]) for who in ("sam", "mona", "sue", "otto", "finance")}
        assert seen == {"sam": 1, "mona": 1, "sue": 0, "otto": 0, "finance": 1}, path
    body = {"account_id": acme, "criterion": "refers", "rating": 3}
    refused = await world.post("sue", "/v1/account-ratings", body, expect=422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("unknown_reference", "/account_id")


async def test_a_scored_account_can_still_be_deleted(world: World) -> None:
    acme = await account(world, "Acme", potential="1000")
    await run_scoring(world, await card(world))
    await world.post("sam", "/v1/account-ratings", {"account_id": acme, "criterion": "refers", "rating": 3})
    answer = await world.client("sam").delete(f"/v1/accounts/{acme}", headers={"if-match": '"1"'})
    assert answer.status_code == 204, answer.text
    assert (await world.get("sales_ops", "/v1/account-scores"))["items"] == []


async def test_an_account_deleted_while_all_are_scored_leaves_no_score(world: World) -> None:
    acme = await account(world, "Acme", potential="1000")
    scorecard = UUID(await card(world))
    async with world.operations.transaction(world.actor("sales_ops")) as tx:
        row = await tx.require(Scorecard, scorecard, lock=True)
        criteria = TypeAdapter(list[CriterionFields]).validate_python(row.criteria)
        await score_all(tx, scorecard, criteria, ClassThresholds.model_validate(row.classes))
        deletion = asyncio.create_task(world.client("sam").delete(f"/v1/accounts/{acme}", headers={"if-match": '"1"'}))
        await asyncio.sleep(0.5)
        assert not deletion.done()
    assert (await deletion).status_code == 204
    async with world.operations.transaction(world.actor("sales_ops")) as tx:
        assert await tx.value("select count(*) from account_score where org_id = :org_id") == 0


async def test_a_rating_needs_a_criterion_that_some_scorecard_asks_for(world: World) -> None:
    acme = await account(world, "Acme")
    body = {"account_id": acme, "criterion": "refers", "rating": 3}
    measured = CARD | {"code": "OTHER", "criteria": [POTENTIAL | {"code": "refers"}]}
    for scorecards in ([], [measured]):
        for other in scorecards:
            await world.post("sales_ops", "/v1/scorecards", other)
        refused = await world.post("sam", "/v1/account-ratings", body, expect=422)
        assert (refused["code"], refused["errors"][0]["pointer"]) == ("unknown_criterion", "/criterion")
    await card(world)
    await world.post("sam", "/v1/account-ratings", body, expect=201)
    refused = await world.post("sam", "/v1/account-ratings", body | {"rating": 6}, expect=422)
    assert refused["errors"][0]["pointer"] == "/rating"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"criteria": []}, "/criteria"),
        ({"criteria": [POTENTIAL | {"weight": "0"}]}, "/criteria/0/weight"),
        ({"criteria": [POTENTIAL | {"weight": "-1"}]}, "/criteria/0/weight"),
        ({"criteria": [POTENTIAL | {"figure": "shoe_size"}]}, "/criteria/0/figure"),
        ({"criteria": [POTENTIAL | {"figure": None}]}, "/criteria/0/figure"),
        ({"criteria": [REFERS | {"figure": "potential"}]}, "/criteria/0/figure"),
        ({"criteria": [POTENTIAL, SIZE | {"code": "potential"}]}, "/criteria/1/code"),
        ({"criteria": [POTENTIAL | {"low": None}]}, "/criteria/0/low"),
        ({"criteria": [POTENTIAL | {"low": "1000"}]}, "/criteria/0/high"),
        ({"criteria": [POTENTIAL | {"method": "percentile", "low": None, "high": None}]}, "/criteria/0/within"),
        ({"criteria": [SIZE | {"bands": []}]}, "/criteria/0/bands"),
        ({"criteria": [SIZE | {"bands": SIZE["bands"][::-1]}]}, "/criteria/0/bands/1/from_value"),
        ({"criteria": [SIZE | {"bands": [SIZE["bands"][0]] * 2}]}, "/criteria/0/bands/1/from_value"),
        ({"criteria": [SIZE | {"bands": [{"from_value": "0", "score": "1.1"}]}]}, "/criteria/0/bands/0/score"),
        ({"criteria": [SIZE | {"less_is_better": True}]}, "/criteria/0/less_is_better"),
        ({"criteria": [SIZE | {"within": "industry"}]}, "/criteria/0/within"),
        ({"classes": {"a": "50", "b": "50", "c": "25"}}, "/classes/b"),
        ({"classes": {"a": "75", "b": "50", "c": "60"}}, "/classes/c"),
        ({"classes": {"a": "101", "b": "50", "c": "25"}}, "/classes/a"),
    ],
)
async def test_a_scorecard_that_does_not_hold_together_is_refused_at_its_place(
    company: Any, changes: JsonObject, pointer: str
) -> None:
    with pytest.raises(DomainError) as refused:
        await company.do("ops", "create_scorecard", **CARD | changes)
    assert refused.value.code in ("invalid_input", "scorecard_invalid")
    assert pointer in [error.pointer for error in refused.value.errors]
    assert await company.page("ops", "scorecard") == []
