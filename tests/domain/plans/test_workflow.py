"""The plan machine: every state and action, and who may not."""

from typing import Any
from uuid import uuid4

import pytest

from app.domain.kernel.errors import DomainError
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor
from app.domain.plans.contract.plans import PlanState
from app.domain.plans.workflow.plans import PLAN
from tests.domain.plans.conftest import BODIES, CONTENT, PEOPLE, scores, way_to

TABLE = {
    "draft": {"submit": "submitted"},
    "submitted": {"review": "reviewed", "request_changes": "changes_requested", "withdraw": "draft"},
    "reviewed": {
        "review": "reviewed",
        "approve": "approved",
        "request_changes": "changes_requested",
        "reject": "rejected",
    },
    "changes_requested": {"submit": "submitted"},
    "approved": {
        "archive": "archived",
        "revise": "approved",
        "mark_exemplary": "approved",
        "unmark_exemplary": "approved",
    },
    "rejected": {},
    "archived": {"unmark_exemplary": "archived"},
}


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


def test_the_table_is_the_designed_one() -> None:
    found = {
        str(state): {move.action: str(move.target or state) for move in PLAN.leaving(state)} for state in PlanState
    }
    assert found == TABLE


@pytest.mark.parametrize("state", PlanState)
async def test_every_action_works_where_the_table_says_and_nowhere_else(desk: Any, state: PlanState) -> None:
    for action, who in PEOPLE.items():
        plan = await desk.in_state(state)
        before = await desk.show(plan)
        assert before["state"] == state
        assert {offer["action"] for offer in before["allowed_actions"]} == set(TABLE[state])
        if action in TABLE[state]:
            await desk.take(plan, action)
            assert (await desk.show(plan))["state"] == TABLE[state][action]
        else:
            refused = await refusal(desk.company.do(who, f"{action}_plan", plan, **BODIES.get(action, {})))
            assert refused.code == "illegal_transition"
            assert await desk.show(plan) == before


@pytest.mark.parametrize("state", PlanState)
async def test_what_is_offered_is_what_works(desk: Any, state: PlanState) -> None:
    for who in ("ada", "bob", "finance", "ops", "admin"):
        for action in TABLE[state]:
            plan = await desk.in_state(state)
            offers = {offer["action"]: offer for offer in (await desk.show(plan, who))["allowed_actions"]}
            try:
                await desk.company.do(who, f"{action}_plan", plan, **BODIES.get(action, {}))
                code = None
            except DomainError as refused:
                code = refused.code
            assert (offers[action]["allowed"], offers[action]["code"]) == (code is None, code)


async def test_an_author_cannot_review_or_approve_its_own_plan(desk: Any) -> None:
    plan = await desk.draft("ada")
    await desk.company.do("ada", "submit_plan", plan)
    for action in ("review", "request_changes"):
        assert (await refusal(desk.company.do("ada", f"{action}_plan", plan, **BODIES[action]))).code == "four_eyes"
    await desk.company.do("ops", "review_plan", plan, scores=scores())
    assert (await refusal(desk.company.do("ada", "approve_plan", plan))).code == "four_eyes"
    assert (await refusal(desk.company.do("ada", "reject_plan", plan, comment="No."))).code == "four_eyes"
    await desk.company.do("finance", "approve_plan", plan)


async def test_a_second_principal_of_the_owner_is_no_second_pair_of_eyes(desk: Any) -> None:
    plan = await desk.draft("ada")
    await desk.company.do("ada", "submit_plan", plan)
    own = desk.company.actors["ada"]
    desk.company.actors["twin"] = Actor(own.org_id, uuid4(), "twin", frozenset({Role.MANAGER}), own.seller_id)
    assert (await refusal(desk.company.do("twin", "review_plan", plan, scores=scores()))).code == "four_eyes"


async def test_only_the_owner_submits_and_withdraws(desk: Any) -> None:
    plan = await desk.draft()
    assert (await refusal(desk.company.do("ada", "submit_plan", plan))).code == "not_concerned"
    await desk.take(plan, "submit")
    assert (await refusal(desk.company.do("ada", "withdraw_plan", plan))).code == "not_concerned"


async def test_a_plan_is_submitted_when_every_required_section_is_filled(desk: Any) -> None:
    plan = await desk.draft(sections={**CONTENT, "summary": "  "})
    assert (await desk.show(plan))["completeness"] == "0.80"
    assert (await refusal(desk.take(plan, "submit"))).code == "sections_incomplete"
    await desk.company.do("bob", "update_plan", plan, sections={"summary": "Now it says something."})
    await desk.take(plan, "submit")


async def test_the_bar_gates_approval(desk: Any) -> None:
    plan = await desk.draft()
    await desk.take(plan, "submit")
    await desk.company.do("ada", "review_plan", plan, scores=scores("3.499"))
    assert (await desk.show(plan))["quality"] == "0.6998"
    assert (await refusal(desk.take(plan, "approve"))).code == "quality_below_bar"
    await desk.take(plan, "request_changes", "submit")
    shown = await desk.show(plan)
    assert (shown["quality"], shown["reviewed_by"]) == (None, None)
    await desk.company.do("ada", "review_plan", plan, scores=scores("3.5"))
    await desk.take(plan, "approve")
    reviews = (await desk.show(plan, include="reviews"))["reviews"]["items"]
    assert [review["quality"] for review in reviews] == ["0.70", "0.6998"]


@pytest.mark.parametrize("action", ["request_changes", "reject"])
async def test_a_refusal_says_why(desk: Any, action: str) -> None:
    plan = await desk.in_state(PlanState.REVIEWED)
    refused = await refusal(desk.company.do(PEOPLE[action], f"{action}_plan", plan))
    assert [(error.pointer, error.code) for error in refused.errors] == [("/comment", "missing")]


async def test_a_review_scores_every_criterion_of_the_rubric_once(desk: Any) -> None:
    plan = await desk.in_state(PlanState.SUBMITTED)
    given = [*scores()[:2], {"criterion": "charm", "score": "5"}, {"criterion": "realism", "score": "5"}]
    given.append({"criterion": "coherence", "score": "5.1"})
    refused = await refusal(desk.company.do("ada", "review_plan", plan, scores=given))
    assert [(error.pointer, error.code) for error in refused.errors] == [
        ("/scores/2/criterion", "unknown_criterion"),
        ("/scores/3/criterion", "duplicate_key"),
        ("/scores/4/score", "above_best_score"),
        ("/scores", "missing"),
    ]
    assert (await desk.show(plan))["state"] == "submitted"


async def test_an_approved_plan_is_immutable_and_revised_in_a_new_version(desk: Any) -> None:
    plan = await desk.in_state(PlanState.APPROVED)
    before = await desk.show(plan)
    assert (await refusal(desk.company.do("bob", "update_plan", plan, title="South"))).code == "immutable"
    draft = await desk.take(plan, "revise")
    shown = await desk.show(draft)
    assert (shown["state"], shown["plan_version"], shown["based_on_id"]) == ("draft", 2, str(plan))
    assert (shown["sections"], shown["completeness"]) == (before["sections"], "1.00")
    assert (await refusal(desk.take(plan, "revise"))).code == "already_revised"
    await desk.take(draft, "submit", "review", "reject")
    third = await desk.take(plan, "revise")
    assert (await desk.show(third))["plan_version"] == 3


async def test_a_move_leaves_its_history_and_event(desk: Any) -> None:
    plan = await desk.in_state(PlanState.CHANGES_REQUESTED)
    steps = (await desk.show(plan, include="transitions"))["transitions"]["items"]
    assert [step["action"] for step in steps] == ["create", *way_to(PlanState.CHANGES_REQUESTED)]
    assert steps[-1]["comment"] == "Name who does what."
    assert (await desk.company.events("plan.changes_requested"))[-1]["from_state"] == "submitted"
