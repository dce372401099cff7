"""Contacts: who sees them, what anonymising leaves, lines without circles, maps and introductions."""

import json
from typing import Any
from uuid import UUID

import pytest

from app.domain.kernel.errors import DomainError


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


async def account(company: Any, who: str = "bob", **body: Any) -> UUID:
    id: UUID = await company.do(who, "create_account", **{"name": "Acme", **body})
    return id


async def person(company: Any, account_id: UUID, name: str, who: str = "ops", **body: Any) -> UUID:
    id: UUID = await company.do(who, "create_contact", account_id=account_id, name=name, **body)
    return id


async def relate(company: Any, one: UUID, other: UUID, kind: str, strength: int = 1, who: str = "ops") -> UUID:
    pair = {"from_contact_id": one, "to_contact_id": other, "kind": kind, "strength": strength}
    id: UUID = await company.do(who, "create_contact_relation", **pair)
    return id


async def test_contacts_are_seen_with_their_account_and_belong_to_the_seller_who_adds_them(company: Any) -> None:
    unit = await account(company)
    id = await person(company, unit, "Ann", "bob")
    assert (await company.one("bob", "contact", id))["owner_id"] == str(company.sellers["bob"])
    expected = {"ada": True, "bob": True, "cleo": False, "dan": False, "ops": True}
    assert {who: await company.one(who, "contact", id) is not None for who in expected} == expected
    refused = await refusal(person(company, unit, "Eve", "dan"))
    assert (refused.code, refused.errors[0].pointer) == ("unknown_reference", "/account_id")
    refused = await refusal(person(company, unit, "Eve", "bob", owner_id=company.sellers["dan"]))
    assert (refused.code, refused.errors[0].pointer) == ("unknown_reference", "/owner_id")


async def test_a_contact_is_active_until_the_day_it_left(company: Any) -> None:
    unit = await account(company)
    days = {"here": None, "left": "2020-01-01", "will leave": "2999-01-01"}
    for name, day in days.items():
        await person(company, unit, name, left_on=day)
    seen = await company.page("bob", "contact", ("active", "true"))
    assert [item["name"] for item in seen] == ["here", "will leave"]


async def test_anonymising_removes_the_person_for_good_and_keeps_the_row(company: Any) -> None:
    personal = {"job_title": "CFO", "email": "ann@example.com", "phone": "+33 1 23", "function": "finance"}
    id = await person(company, await account(company), "Ann", decision_role="decision_maker", **personal)
    await company.do("bob", "anonymise_contact", id)
    seen = await company.one("bob", "contact", id)
    assert (seen["name"], seen["job_title"], seen["email"], seen["phone"], seen["active"]) == (None,) * 4 + (False,)
    assert (seen["decision_role"], seen["function"]) == ("decision_maker", "finance")
    assert seen["anonymised_at"]
    assert (await refusal(company.do("bob", "update_contact", id, name="Ann"))).code == "immutable"
    await company.do("bob", "anonymise_contact", id)
    assert (await company.one("bob", "contact", id))["version"] == seen["version"]
    for item in await company.page("admin", "audit_entry"):
        assert "Ann" not in json.dumps(item)


async def test_nobody_reports_to_themselves_through_others(company: Any) -> None:
    unit = await account(company)
    a, b, c = [await person(company, unit, name) for name in "abc"]
    await relate(company, a, b, "reports_to")
    await relate(company, b, c, "reports_to")
    for one, other in ((c, a), (b, a), (a, a)):
        refused = await refusal(relate(company, one, other, "reports_to"))
        assert (refused.code, refused.errors[0].pointer) == ("contact_cycle", "/to_contact_id")
    await relate(company, c, a, "influences")
    await relate(company, a, c, "reports_to")


async def test_what_holds_both_ways_is_recorded_once(company: Any) -> None:
    unit = await account(company)
    a, b = await person(company, unit, "a"), await person(company, unit, "b")
    await relate(company, a, b, "knows")
    for one, other in ((a, b), (b, a)):
        assert (await refusal(relate(company, one, other, "knows"))).code == "already_exists"
    await relate(company, a, b, "influences")
    await relate(company, b, a, "influences")


async def test_a_relation_is_seen_by_who_sees_both_people(company: Any) -> None:
    a = await person(company, await account(company, "bob"), "a")
    b = await person(company, await account(company, "cleo"), "b")
    id = await relate(company, a, b, "knows")
    seen = {who: await company.one(who, "contact_relation", id) is not None for who in ("ada", "bob", "cleo", "ops")}
    assert seen == {"ada": True, "bob": False, "cleo": False, "ops": True}
    refused = await refusal(relate(company, a, b, "works_with", who="bob"))
    assert (refused.code, refused.errors[0].pointer) == ("unknown_reference", "/to_contact_id")


async def test_a_map_holds_the_active_people_and_the_relations_between_them(company: Any) -> None:
    group = await account(company, name="Group")
    sub = await account(company, name="Sub", parent_id=group)
    hidden = await account(company, "ops", name="Hidden", parent_id=group, owner_id=company.sellers["dan"])
    boss = await person(company, group, "boss", relation_strength=1, decision_role="decision_maker")
    user = await person(company, sub, "user", relation_strength=5)
    gone = await person(company, group, "gone", left_on="2020-01-01")
    other = await person(company, hidden, "other")
    line = await relate(company, user, boss, "reports_to", 3)
    await relate(company, gone, boss, "knows")
    await relate(company, other, boss, "knows")
    await company.do("bob", "create_activity", account_id=group, contact_id=boss, kind="call", done_on="2026-01-07")
    alone = await company.one("bob", "relationship_map", group)
    assert [node["last_touch_on"] for node in alone["nodes"]] == ["2026-01-07"]
    assert ([node["name"] for node in alone["nodes"]], alone["edges"]) == (["boss"], [])
    whole = await company.one("bob", "relationship_map", group, subsidiaries="true")
    assert [(node["name"], node["decision_role"]) for node in whole["nodes"]] == [
        ("user", None),
        ("boss", "decision_maker"),
    ]
    assert whole["contact_count"] == 2
    [edge] = whole["edges"]
    assert (edge["contact_relation_id"], edge["from_contact_id"], edge["strength"]) == (str(line), str(user), 3)
    everything = await company.one("ops", "relationship_map", group, subsidiaries="true")
    assert ({node["name"] for node in everything["nodes"]}, len(everything["edges"])) == ({"boss", "user", "other"}, 2)
    assert await company.one("dan", "relationship_map", group) is None
    assert [item["account_name"] for item in await company.page("bob", "relationship_map")] == ["Group", "Sub"]


async def test_introductions_are_the_shortest_way_within_two_steps_with_its_weakest_link(company: Any) -> None:
    wanted, known, third = [await account(company, name=name) for name in ("Wanted", "Known", "Third")]
    target = await person(company, wanted, "target", decision_role="decision_maker")
    friend = await person(company, known, "friend", "bob", relation_strength=4)
    between = await person(company, third, "between", "bob")
    far = await person(company, known, "far", "bob", relation_strength=5)
    too_far = await person(company, known, "too far", "bob", relation_strength=5)
    await relate(company, friend, target, "works_with", 2)
    await relate(company, target, between, "knows", 5)
    await relate(company, far, between, "reports_to", 3)
    await relate(company, too_far, far, "knows", 5)
    await relate(company, friend, between, "knows", 5)
    await relate(company, too_far, target, "influences", 5)
    found = await company.page("bob", "introduction", ("account_id", str(wanted)), ("include", "via_contact"))
    assert [(i["introducer_name"], i["steps"], i["strength"], i["via_contact_id"]) for i in found] == [
        ("far", 2, 3, str(between)),
        ("friend", 1, 2, None),
    ]
    assert {(i["target_name"], i["target_role"], i["seller_id"]) for i in found} == {
        ("target", "decision_maker", str(company.sellers["bob"]))
    }
    assert found[0]["via_contact"]["name"] == "between"


async def test_an_introduction_does_not_lead_through_people_one_does_not_see(company: Any) -> None:
    wanted, mine = await account(company, name="Wanted"), await account(company, name="Mine")
    target, friend = await person(company, wanted, "t"), await person(company, mine, "f", "bob", relation_strength=3)
    between = await person(company, await account(company, "dan", name="Theirs"), "b")
    await relate(company, friend, between, "knows")
    await relate(company, between, target, "knows")
    assert await company.page("bob", "introduction", ("account_id", str(wanted))) == []
    assert len(await company.page("ops", "introduction", ("account_id", str(wanted)))) == 1
