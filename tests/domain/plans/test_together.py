"""Plans written and reviewed by several people, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.domain.plans.conftest import CONTENT, scores
from tests.world import World, fiscal_year, make_world

TODAY = datetime.now(UTC).date()


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[World]:
    async with make_world(database, tmp_path) as made:
        made.periods = await fiscal_year(made)  # type: ignore[attr-defined]
        await made.post("sales_ops", "/v1/plan-templates/install-shipped")
        yield made


async def draft(world: World, who: str = "sam", kind: str = "revenue_plan", **more: Any) -> str:
    template = (await world.get("sam", "/v1/plan-templates", kind=kind))["items"][0]["id"]
    body = {"title": "North", "template_id": template, "period_id": world.periods["2026"], "sections": CONTENT}  # type: ignore[attr-defined]
    return str((await world.post(who, "/v1/plans", {**body, **more}))["id"])


async def patch(world: World, who: str, plan: str, **sections: Any) -> Any:
    client, path = world.client(who), f"/v1/plans/{plan}"
    seen = await client.get(path)
    headers = {"if-match": seen.headers.get("etag", '"1"')}
    return (await client.patch(path, json={"sections": sections}, headers=headers)).json()


async def appoint(world: World, plan: str, *people: str) -> None:
    for person in people:
        body = {"plan_id": plan, "principal_id": str(world.principals[person])}
        await world.post("manager", "/v1/plan-reviewers", body)


# -- contributors ------------------------------------------------------------------------------------------------------


async def test_a_contributor_of_another_function_sees_the_plan_and_alone_writes_its_section(world: World) -> None:
    plan = await draft(world)
    assert (await world.client("olga").get(f"/v1/plans/{plan}")).status_code == 404
    body = {"plan_id": plan, "principal_id": str(world.principals["olga"]), "function": "Marketing"}
    given = await world.post("sam", "/v1/plan-contributors", {**body, "section": "investments"})
    path = f"/v1/plans/{plan}/contribute"
    shown = await world.post("olga", path, {"sections": {"investments": "Two fairs."}})
    assert shown["sections"]["investments"] == "Two fairs."
    for section in ("summary", "investments"):
        refused = await patch(world, "olga" if section == "summary" else "sam", plan, **{section: "Mine"})
        assert (refused["code"], refused["errors"][0]["pointer"]) == ("section_of_contributor", f"/sections/{section}")
    refused = await world.post("olga", path, {"sections": {"summary": "Mine"}}, expect=403)
    assert refused["code"] == "section_of_contributor"
    taken = await world.post("sam", "/v1/plan-contributors", {**body, "section": "investments"}, expect=409)
    assert taken["code"] == "already_exists"
    answer = await world.client("sam").delete(f"/v1/plan-contributors/{given['id']}", headers={"if-match": '"1"'})
    assert answer.status_code == 204
    assert (await patch(world, "sam", plan, investments="Mine"))["sections"]["investments"] == "Mine"
    assert (await world.client("olga").get(f"/v1/plans/{plan}")).status_code == 404


async def test_who_writes_a_part_of_a_plan_does_not_review_or_approve_it(world: World) -> None:
    plan = await draft(world)
    for person, section in (("manager", "investments"), ("finance", "bookings")):
        body = {"plan_id": plan, "principal_id": str(world.principals[person]), "function": "Desk", "section": section}
        await world.post("sam", "/v1/plan-contributors", body)
    both = {"plan_id": plan, "principal_id": str(world.principals["manager"])}
    assert (await world.post("sales_ops", "/v1/plan-reviewers", both, expect=403))["code"] == "four_eyes"
    await world.post("sam", f"/v1/plans/{plan}/submit")
    refused = await world.post("manager", f"/v1/plans/{plan}/review", {"scores": scores()}, expect=403)
    assert refused["code"] == "four_eyes"
    await world.post("sales_ops", f"/v1/plans/{plan}/review", {"scores": scores()})
    assert (await world.post("finance", f"/v1/plans/{plan}/approve", expect=403))["code"] == "four_eyes"


# -- comments ----------------------------------------------------------------------------------------------------------


async def test_a_comment_on_a_section_is_resolved_and_reopened(world: World) -> None:
    plan = await draft(world)
    body = {"plan_id": plan, "section": "summary", "body": "Which two?"}
    unknown = await world.post("manager", "/v1/plan-comments", {**body, "section": "dreams"}, expect=422)
    assert unknown["errors"][0]["pointer"] == "/section"
    said = await world.post("manager", "/v1/plan-comments", body)
    hidden = await world.post("olga", "/v1/plan-comments", body, expect=422)
    assert hidden["errors"][0] | {"detail": ""} == {"pointer": "/plan_id", "code": "unknown_reference", "detail": ""}
    resolved = await world.post("sam", f"/v1/plan-comments/{said['id']}/resolve")
    assert (resolved["state"], resolved["resolved_by"]) == ("resolved", str(world.principals["sam"]))
    assert (await world.post("manager", f"/v1/plan-comments/{said['id']}/reopen"))["state"] == "open"
    shown = await world.get("sam", f"/v1/plans/{plan}", include="comments")
    assert [comment["author_name"] for comment in shown["comments"]["items"]] == ["mona"]


# -- reviews -----------------------------------------------------------------------------------------------------------


async def test_several_reviewers_must_all_review_and_the_quality_is_their_mean(world: World) -> None:
    plan = await draft(world)
    await appoint(world, plan, "manager", "otto")
    path = f"/v1/plans/{plan}"
    await world.post("sam", f"{path}/submit")
    other = await world.post("sales_ops", f"{path}/review", {"scores": scores()}, expect=403)
    assert other["code"] == "not_a_reviewer"
    await world.post("manager", f"{path}/review", {"scores": scores("3")})
    missing = await world.post("finance", f"{path}/approve", expect=409)
    assert (missing["code"], missing["missing"]) == ("reviews_missing", [str(world.principals["otto"])])
    reviewed = await world.post("otto", f"{path}/review", {"scores": scores("3.5")})
    assert reviewed["quality"] == "0.65"
    below = await world.post("finance", f"{path}/approve", expect=409)
    assert (below["code"], below["quality"], below["minimum_quality"]) == ("quality_below_bar", "0.65", "0.70")
    assert below["detail"] == "The quality is 0.65, the bar 0.70."
    assert {(s["reviewer"], s["score"]) for s in below["scores"]} == {("mona", "3.00"), ("otto", "3.50")}
    assert (await world.post("otto", f"{path}/review", {"scores": scores("5")}))["quality"] == "0.80"
    assert (await world.post("finance", f"{path}/approve"))["state"] == "approved"


async def test_a_stand_in_reviews_while_the_delegation_holds(world: World) -> None:
    plan = await draft(world)
    await appoint(world, plan, "manager")
    path = f"/v1/plans/{plan}"
    await world.post("sam", f"{path}/submit")
    body = {"from_principal_id": str(world.principals["manager"]), "to_principal_id": str(world.principals["otto"])}
    past = {"effective_from": str(TODAY - timedelta(days=9)), "effective_to": str(TODAY)}
    await world.post("manager", "/v1/review-delegations", {**body, **past})
    assert (await world.post("otto", f"{path}/review", {"scores": scores()}, expect=404))["code"] == "not_found"
    now = {"effective_from": str(TODAY), "effective_to": str(TODAY + timedelta(days=9))}
    assert (await world.post("otto", "/v1/review-delegations", {**body, **now}, expect=403))["code"] == "not_concerned"
    await world.post("manager", "/v1/review-delegations", {**body, **now})
    twice = await world.post("manager", "/v1/review-delegations", {**body, **now}, expect=409)
    assert twice["code"] == "period_overlap"
    await world.post("otto", f"{path}/review", {"scores": scores()})
    (review,) = (await world.get("sam", path, include="reviews"))["reviews"]["items"]
    assert (review["reviewer_name"], review["on_behalf_of"]) == ("otto", str(world.principals["manager"]))
    # Whoever sees a plan only as its reviewer neither writes it nor puts it aside.
    await world.post("finance", f"{path}/approve")
    assert (await world.post("otto", f"{path}/archive", expect=403))["code"] == "not_concerned"


async def test_a_reviewer_is_appointed_by_others_and_may_review(world: World) -> None:
    plan = await draft(world, "manager")
    own = {"plan_id": plan, "principal_id": str(world.principals["otto"])}
    assert (await world.post("manager", "/v1/plan-reviewers", own, expect=403))["code"] == "four_eyes"
    for person, code in (("manager", "four_eyes"), ("sam", "reviewer_cannot_review")):
        body = {"plan_id": plan, "principal_id": str(world.principals[person])}
        refused = await world.client("sales_ops").post("/v1/plan-reviewers", json=body)
        assert refused.json()["code"] == code


async def test_of_two_who_decide_at_once_one_wins(world: World) -> None:
    for first, second in (("approve", "reject"), ("approve", "approve"), ("reject", "request-changes")):
        plan = await draft(world)
        await world.post("sam", f"/v1/plans/{plan}/submit")
        shown = await world.post("manager", f"/v1/plans/{plan}/review", {"scores": scores()})
        headers = {"if-match": f'"{shown["version"]}"'}
        calls = [
            world.client(who).post(
                f"/v1/plans/{plan}/{action}", json={} if action == "approve" else {"comment": "No."}, headers=headers
            )
            for who, action in (("finance", first), ("manager", second))
        ]
        bulk = world.client("admin").post("/v1/plans/approve-many", json={"plan_ids": [plan]})
        *answers, many = await asyncio.gather(*calls, bulk)
        won = sum(answer.is_success for answer in answers) + len(many.json()["moved"])
        assert won == 1, [answer.text for answer in (*answers, many)]
        assert {answer.status_code for answer in answers} <= {200, 409, 412}
        decided = {"approve", "reject", "request_changes"}
        history = (await world.get("sam", f"/v1/plans/{plan}/transitions"))["items"]
        assert len([step for step in history if step["action"] in decided]) == 1


# -- what changed ------------------------------------------------------------------------------------------------------


async def test_the_difference_to_what_was_submitted_is_told_place_by_place(world: World) -> None:
    plan = await draft(world)
    path = f"/v1/plans/{plan}"
    await world.post("sam", f"{path}/submit")
    await world.post("manager", f"{path}/request-changes", {"comment": "More."})
    more = {"2026-Q1": {"amount": "120000.00", "currency": "EUR"}, "2026-Q2": {"amount": "1.00", "currency": "EUR"}}
    rows = [{"assumption": "New", "likelihood": "likely"}, *CONTENT["assumptions"]]
    await patch(world, "sam", plan, revenue=more, assumptions=rows, summary="Three logos.")
    told = await world.post("manager", f"{path}/compare", {"with_round": 1})
    found = [(c["section"], c["path"], c["change"], c["before"], c["after"]) for c in told["changes"]]
    assert found == [
        ("summary", "", "changed", CONTENT["summary"], "Three logos."),
        ("revenue", "2026-Q1/amount", "changed", "100000.00", "120000.00"),
        ("revenue", "2026-Q2", "added", None, more["2026-Q2"]),
        ("assumptions", "0", "added", None, rows[0]),
    ]
    assert told["text"].splitlines()[1:3] == [
        "Revenue, 2026-Q1/amount: 100000.00 → 120000.00", "Revenue, 2026-Q2: added 1.00 EUR",
    ]  # fmt: skip
    refused = await world.post("manager", f"{path}/compare", {"with_round": 2}, expect=422)
    assert refused["errors"][0]["pointer"] == "/with_round"
    first = await world.post("manager", f"{path}/compare", {}, expect=422)
    assert first["errors"][0]["pointer"] == "/with_plan_id"


# -- library -----------------------------------------------------------------------------------------------------------


async def test_a_plan_starts_from_an_exemplary_one_without_its_figures(world: World) -> None:
    plan = await draft(world)
    path = f"/v1/plans/{plan}"
    refused = await world.post("finance", f"{path}/mark-exemplary", {"reason": "Clear."}, expect=409)
    assert refused["code"] == "illegal_transition"
    await world.post("sam", f"{path}/submit")
    await world.post("manager", f"{path}/review", {"scores": scores()})
    await world.post("finance", f"{path}/approve")
    await world.post("finance", f"{path}/mark-exemplary", {"reason": "Clear bets."})
    (shown,) = (await world.get("olga", "/v1/exemplary-plans", q="bets"))["items"]
    assert set(shown["sections"]) == {"summary", "assumptions", "actions"}
    assert (await world.client("olga").get(path)).status_code == 404
    begun = await draft(world, "olga", started_from_id=plan, sections={"summary": "My own."})
    mine = await world.get("olga", f"/v1/plans/{begun}")
    kept = {key: CONTENT[key] for key in ("assumptions", "actions")}
    assert mine["sections"] == {"summary": "My own.", **kept}
    await world.post("finance", f"{path}/unmark-exemplary")
    assert (await world.get("olga", "/v1/exemplary-plans"))["items"] == []
