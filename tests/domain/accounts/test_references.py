"""References: asked for, agreed, used without wearing the customer out, retired; referrals name whom they introduce."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.accounts.contract.references import UseReference
from app.domain.kernel.errors import DomainError
from app.operations import Answer, trusted
from tests.domain.accounts.test_contacts import account, person


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


async def reference(company: Any, account_id: UUID, **body: Any) -> UUID:
    """One that was agreed."""
    id = await company.do("bob", "request_reference", account_id=account_id, **{"kind": "reference", **body})
    await company.do("bob", "agree_reference", id)
    return UUID(str(id))


async def use(company: Any, id: UUID, account_id: UUID, day: date | str) -> UUID:
    made: UUID = await company.do("bob", "use_reference", reference_id=id, account_id=account_id, used_on=day)
    return made


async def test_a_reference_is_used_only_between_agreement_and_retirement(company: Any) -> None:
    unit = await account(company)
    id = await company.do("bob", "request_reference", account_id=unit, kind="testimonial", subject="Rollout")
    assert (await refusal(use(company, id, unit, "2026-01-01"))).code == "reference_not_agreed"
    assert await company.page("bob", "reference", ("available", "true")) == []
    await company.do("bob", "agree_reference", id)
    used = await use(company, id, unit, "2026-01-01")
    [seen] = await company.page("bob", "reference", ("available", "true"))
    assert (seen["use_count"], seen["state"]) == (1, "agreed")
    await company.do("bob", "update_reference_use", used, outcome="helped")
    await company.do("bob", "retire_reference", id, outcome="helped", comment="Merged with another firm.")
    assert (await refusal(use(company, id, unit, "2027-01-01"))).code == "reference_not_agreed"
    assert (await refusal(company.do("bob", "update_reference", id, subject="x"))).code == "immutable"
    seen = await company.one("bob", "reference", id, include="transitions,uses")
    assert (seen["state"], seen["outcome"], seen["available"], seen["free_on"]) == ("retired", "helped", False, None)
    steps = seen["transitions"]["items"]
    assert [step["action"] for step in steps] == ["create", "agree", "retire"]
    assert steps[2]["data"] == {"outcome": "helped"}
    assert [item["outcome"] for item in seen["uses"]["items"]] == ["helped"]
    assert [event["action"] for event in await company.events("reference.retired")] == ["retire"]


async def test_who_declines_may_do_so_before_and_after_agreeing_and_says_why(company: Any) -> None:
    unit = await account(company)
    id = await reference(company, unit)
    await company.do("bob", "decline_reference", id, comment="Legal objects.")
    assert (await refusal(company.do("bob", "agree_reference", id))).code == "illegal_transition"
    assert await company.page("bob", "reference", ("available", "true")) == []


async def test_a_tired_reference_is_refused_with_the_day_on_which_it_is_free_again(company: Any) -> None:
    unit = await account(company)
    id = await reference(company, unit, max_uses=2, per_days=30)
    await use(company, id, unit, "2026-01-01")
    await use(company, id, unit, "2026-01-10")
    refused = await refusal(use(company, id, unit, "2026-01-30"))
    assert (refused.code, refused.facts["free_on"]) == ("reference_fatigued", "2026-01-31")
    assert refused.errors[0].pointer == "/used_on"
    refused = await refusal(use(company, id, unit, "2025-12-25"))
    assert (refused.code, refused.facts["free_on"]) == ("reference_fatigued", "2026-01-31"), "the uses to come count"
    await use(company, id, unit, "2026-01-31")


async def test_a_reference_whose_person_left_or_whose_limit_is_reached_is_not_available(company: Any) -> None:
    unit = await account(company)
    ann = await person(company, unit, "Ann")
    id = await reference(company, unit, contact_id=ann, max_uses=1, per_days=10)
    assert (await company.one("bob", "reference", id))["available"]
    async with company.operations.transaction(company.actors["ops"]) as tx:
        today = tx.today
    used = await use(company, id, unit, today)
    seen = await company.one("bob", "reference", id)
    assert (seen["available"], seen["free_on"]) == (False, (today + timedelta(days=10)).isoformat())
    await company.do("bob", "delete_reference_use", used)
    assert (await company.one("bob", "reference", id))["available"]
    await company.do("bob", "update_contact", ann, left_on=today)
    assert not (await company.one("bob", "reference", id))["available"]


async def test_two_uses_at_once_do_not_both_take_the_last_one(company: Any) -> None:
    unit = await account(company)
    id = await reference(company, unit, max_uses=1, per_days=10)
    spec = company.operations.catalogue.commands["use_reference"]
    asks = [trusted(spec, UseReference(reference_id=id, account_id=unit, used_on=date(2026, 1, d))) for d in (1, 2)]
    bob = company.actors["bob"]
    done = await asyncio.gather(*(company.operations.perform(bob, ask) for ask in asks), return_exceptions=True)
    assert [item.code for item in done if isinstance(item, DomainError)] == ["reference_fatigued"]
    assert len([item for item in done if isinstance(item, Answer)]) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"max_uses": 3}, "/per_days"),
        ({"per_days": 3}, "/max_uses"),
        ({"kind": "referral"}, "/target_account_id"),
    ],
)
async def test_what_does_not_fit_together_is_named(company: Any, body: Any, pointer: str) -> None:
    unit = await account(company)
    body = {"kind": "reference", "account_id": unit, **body}
    refused = await refusal(company.do("bob", "request_reference", **body))
    assert (refused.code, refused.errors[0].pointer) == ("invalid_input", pointer)


async def test_a_referral_introduces_to_a_unit_or_a_person_and_nothing_else_does(company: Any) -> None:
    unit, target = await account(company), await account(company, name="Target")
    boss, ann = await person(company, target, "boss"), await person(company, unit, "Ann")
    id = await company.do(
        "bob", "request_reference", kind="referral", account_id=unit, contact_id=ann, target_contact_id=boss
    )
    seen = await company.one("bob", "reference", id, include="target_contact,contact")
    assert (seen["contact"]["name"], seen["target_contact"]["name"]) == ("Ann", "boss")
    body = {"kind": "testimonial", "account_id": unit, "target_account_id": target}
    assert (await refusal(company.do("bob", "request_reference", **body))).code == "invalid_input"
    body = {"kind": "reference", "account_id": unit, "contact_id": boss}
    refused = await refusal(company.do("bob", "request_reference", **body))
    assert (refused.code, refused.errors[0].pointer) == ("unknown_reference", "/contact_id")


async def test_references_and_their_uses_are_seen_with_the_account_that_is_asked(company: Any) -> None:
    unit = await account(company)
    id = await reference(company, unit)
    used = await use(company, id, unit, "2026-01-01")
    for name, row in (("reference", id), ("reference_use", used)):
        seen = {who: await company.one(who, name, row) is not None for who in ("ada", "bob", "cleo", "dan", "ops")}
        assert seen == {"ada": True, "bob": True, "cleo": False, "dan": False, "ops": True}
    theirs = await account(company, "dan")
    body = {"reference_id": id, "account_id": theirs, "used_on": "2026-01-01"}
    assert (await refusal(company.do("dan", "use_reference", **body))).errors[0].pointer == "/reference_id"
    refused = await refusal(company.do("bob", "use_reference", reference_id=id, used_on="2026-01-01"))
    assert (refused.code, refused.errors[0].pointer) == ("invalid_input", "/account_id")


DAY = date(2026, 1, 1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 3), st.integers(1, 6), st.lists(st.integers(0, 14), min_size=1, max_size=10))
async def test_no_row_of_days_ever_holds_more_uses_than_the_limit(
    company: Any, most: int, days: int, asked: list[int]
) -> None:
    """In whatever order uses are recorded, exactly those are refused that would fill some window too much."""
    unit = await account(company)
    id = await reference(company, unit, max_uses=most, per_days=days)
    used: list[int] = []
    for day in asked:
        allowed = next(d for d in range(day, 100) if fits([*used, d], most, days))
        if allowed == day:
            await use(company, id, unit, DAY + timedelta(days=day))
            used.append(day)
        else:
            refused = await refusal(use(company, id, unit, DAY + timedelta(days=day)))
            assert refused.facts["free_on"] == (DAY + timedelta(days=allowed)).isoformat()


def fits(used: list[int], most: int, days: int) -> bool:
    return all(sum(start <= day < start + days for day in used) <= most for start in range(-days, 100))
