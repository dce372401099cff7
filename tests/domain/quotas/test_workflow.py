"""The quota machine: every state and action, who may not, and what happens at once."""

import asyncio
from typing import Any

import pytest

from app.domain.kernel.errors import DomainError
from app.domain.quotas.contract.quotas import QuotaState
from app.domain.quotas.workflow import QUOTA
from tests.domain.quotas.conftest import BODIES, PEOPLE, way_to

TABLE = {
    "draft": {"propose": "proposed", "cancel": "cancelled"},
    "proposed": {"accept": "accepted", "dispute": "disputed", "cancel": "cancelled"},
    "disputed": {"investigate": "under_investigation", "withdraw": "proposed", "cancel": "cancelled"},
    "under_investigation": {
        "revise": "proposed",
        "uphold": "proposed",
        "withdraw": "proposed",
        "cancel": "cancelled",
    },
    "accepted": {"lock": "locked", "amend": "proposed", "cancel": "cancelled"},
    "locked": {},
    "cancelled": {},
}


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


def test_the_table_is_the_designed_one() -> None:
    found = {str(state): {move.action: str(move.target) for move in QUOTA.leaving(state)} for state in QuotaState}
    assert found == TABLE


@pytest.mark.parametrize("state", QuotaState)
async def test_every_action_works_where_the_table_says_and_nowhere_else(desk: Any, state: QuotaState) -> None:
    for month, (action, who) in enumerate(PEOPLE.items(), 1):
        quota = await desk.in_state(state, period=f"2026-M{month:02d}")
        before = await desk.show(quota)
        assert before["state"] == state
        assert {offer["action"] for offer in before["allowed_actions"]} == set(TABLE[state])
        if action in TABLE[state]:
            await desk.take(quota, action)
            assert (await desk.show(quota))["state"] == TABLE[state][action]
        else:
            refused = await refusal(desk.company.do(who, f"{action}_quota", quota, **BODIES.get(action, {})))
            # What was never proposed to a seller does not exist for it.
            hidden = who == "bob" and before["proposed_at"] is None
            assert refused.code == ("not_found" if hidden else "illegal_transition")
            assert await desk.show(quota) == before


@pytest.mark.parametrize("state", QuotaState)
async def test_what_is_offered_is_what_works(desk: Any, state: QuotaState) -> None:
    cases = [(who, action) for who in ("ada", "bob", "finance", "ops") for action in TABLE[state]]
    for n, (who, action) in enumerate(cases):
        quota = await desk.in_state(state, period=f"{2025 + n // 12}-M{n % 12 + 1:02d}")
        if (shown := await desk.show(quota, who)) is None:
            assert (who, state) == ("bob", QuotaState.DRAFT)
            continue
        offers = {offer["action"]: offer for offer in shown["allowed_actions"]}
        try:
            await desk.company.do(who, f"{action}_quota", quota, **BODIES.get(action, {}))
            code = None
        except DomainError as refused:
            code = refused.code
        assert (offers[action]["allowed"], offers[action]["code"]) == (code is None, code)


async def test_only_the_seller_concerned_accepts_or_disputes(desk: Any) -> None:
    quota = await desk.in_state(QuotaState.PROPOSED)
    for action in ("accept", "dispute"):
        refused = await refusal(desk.company.do("ada", f"{action}_quota", quota, **BODIES.get(action, {})))
        assert refused.code == "not_concerned"
    assert (await refusal(desk.company.do("cleo", "accept_quota", quota))).code == "not_found"


async def test_a_manager_decides_nothing_on_its_own_quota(desk: Any) -> None:
    quota = await desk.draft("ada")
    assert (await refusal(desk.company.do("ada", "propose_quota", quota))).code == "not_found"
    await desk.company.do("ops", "propose_quota", quota)
    assert (await refusal(desk.company.do("ada", "cancel_quota", quota))).code == "four_eyes"
    await desk.company.do("ada", "dispute_quota", quota, **BODIES["dispute"])
    assert (await refusal(desk.company.do("ada", "investigate_quota", quota))).code == "four_eyes"
    await desk.company.do("ops", "investigate_quota", quota)
    for action in ("revise", "uphold"):
        refused = await refusal(desk.company.do("ada", f"{action}_quota", quota, **BODIES[action]))
        assert refused.code == "four_eyes"


async def test_accept_and_dispute_at_once_take_only_one_way(desk: Any) -> None:
    for _ in range(3):
        quota = await desk.in_state(QuotaState.PROPOSED)
        outcomes = await asyncio.gather(
            desk.company.do("bob", "accept_quota", quota),
            desk.company.do("bob", "dispute_quota", quota, **BODIES["dispute"]),
            return_exceptions=True,
        )
        refused = [outcome for outcome in outcomes if isinstance(outcome, DomainError)]
        assert [refusal.code for refusal in refused] == ["illegal_transition"]
        shown = await desk.show(quota, include="transitions")
        assert shown["state"] in ("accepted", "disputed")
        assert (shown["counter_amount"] is None) == (shown["state"] == "accepted")
        assert [step["action"] for step in shown["transitions"]["items"]][:2] == ["create", "propose"]
        assert len(shown["transitions"]["items"]) == 3
        await desk.company.do("ops", "cancel_quota", quota)


async def test_of_those_who_end_a_dispute_at_once_one_wins(desk: Any) -> None:
    quota = await desk.in_state(QuotaState.UNDER_INVESTIGATION)
    ways = {"revise": "revised", "uphold": "upheld", "withdraw": "withdrawn", "cancel": "cancelled"}
    tried = (desk.company.do(PEOPLE[action], f"{action}_quota", quota, **BODIES.get(action, {})) for action in ways)
    outcomes = await asyncio.gather(*tried, return_exceptions=True)
    codes = [outcome.code if isinstance(outcome, DomainError) else None for outcome in outcomes]
    # Cancelling is possible in every state it may meet, so it may come second.
    won = [action for action, code in zip(ways, codes, strict=True) if code is None]
    assert len([action for action in won if action != "cancel"]) <= 1
    assert {code for code in codes if code} == {"illegal_transition"}
    disputes = (await desk.show(quota, include="disputes,transitions"))["disputes"]["items"]
    first = (await desk.show(quota, include="transitions"))["transitions"]["items"][4]["action"]
    assert [dispute["outcome"] for dispute in disputes] == [ways[first]]


@pytest.mark.parametrize("action", ["dispute", "uphold", "revise", "amend"])
async def test_what_weighs_on_the_other_says_why(desk: Any, action: str) -> None:
    state = next(move.source[0] for move in QUOTA.moves if move.action == action)
    quota = await desk.in_state(state)
    body = {key: value for key, value in BODIES[action].items() if key != "comment"}
    refused = await refusal(desk.company.do(PEOPLE[action], f"{action}_quota", quota, **body))
    assert [(error.pointer, error.code) for error in refused.errors] == [("/comment", "missing")]


async def test_a_closed_period_holds_its_quotas_but_for_the_lock(desk: Any) -> None:
    proposed, accepted, drafted = (
        await desk.in_state(QuotaState.PROPOSED),
        await desk.draft("cleo"),
        await desk.draft("ada"),
    )
    await desk.company.do("ada", "propose_quota", accepted)
    await desk.company.do("cleo", "accept_quota", accepted)
    await desk.company.do("finance", "close_fiscal_period", desk.periods["2026"])
    assert (await refusal(desk.take(proposed, "accept"))).code == "quota_period_closed"
    assert (await refusal(desk.draft("dan"))).code == "quota_period_closed"
    refused = await refusal(desk.company.do("ops", "update_quota", drafted, amount="1"))
    assert refused.code == "quota_period_closed"
    await desk.take(accepted, "lock")


async def test_a_revision_keeps_every_amount_and_months_follow(desk: Any) -> None:
    quota = await desk.draft(amount="100000.00")
    await desk.company.do("ops", "update_quota", quota, amount="120000.00")
    await desk.take(quota, "propose", "dispute")
    assert (await desk.show(quota))["counter_amount"] == {"amount": "90000.00", "currency": "EUR"}
    await desk.take(quota, "investigate", "revise", "accept", "amend")
    shown = await desk.show(quota, include="revisions,months")
    amounts = [(r["action"], r["amount_after"]["amount"]) for r in shown["revisions"]["items"]]
    assert amounts == [
        ("create", "100000.00"),
        ("update", "120000.00"),
        ("revise", "95000.01"),
        ("amend", "80000.00"),
    ]
    before = [r["amount_before"] and r["amount_before"]["amount"] for r in shown["revisions"]["items"]]
    assert before == [None, "100000.00", "120000.00", "95000.01"]
    assert shown["revisions"]["items"][2]["comment"] == "Half of it is right."
    months = [month["amount"]["amount"] for month in shown["months"]["items"]]
    assert (len(months), sum(round(float(month) * 100) for month in months)) == (12, 8_000_000)
    assert (await refusal(desk.company.do("ops", "update_quota", quota, amount="1"))).code == "immutable"


async def test_a_move_leaves_its_history_and_event(desk: Any) -> None:
    quota = await desk.in_state(QuotaState.UNDER_INVESTIGATION)
    steps = (await desk.show(quota, include="transitions"))["transitions"]["items"]
    assert [step["action"] for step in steps] == ["create", *way_to(QuotaState.UNDER_INVESTIGATION)]
    assert (steps[2]["comment"], steps[2]["data"]) == (
        "A key account left.",
        {"counter_amount": "90000.00", "evidence": []},
    )
    assert (await desk.company.events("quota.disputed"))[-1]["to_state"] == "disputed"


async def test_a_manager_neither_sees_nor_makes_a_draft_of_its_own(desk: Any) -> None:
    quota = await desk.draft("ada")
    assert (await refusal(desk.company.do("ada", "update_quota", quota, amount="1.00"))).code == "not_found"
    assert (await refusal(desk.draft("ada", period="2025", who="ada"))).code == "four_eyes"
    await desk.company.do("ada", "update_quota", await desk.draft("bob"), amount="1.00")
