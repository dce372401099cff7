"""Accounts: who sees and owns them, their hierarchy, segments and quadrants."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.accounts.commands.accounts import upsert_accounts
from app.domain.accounts.contract.accounts import CreateAccount, UpdateAccount
from app.domain.kernel.errors import DomainError
from app.operations import Answer, trusted


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


async def test_an_account_shows_what_it_is_worth(company: Any) -> None:
    id = await company.do(
        "ops", "create_account", name="Acme", potential="1000.10", win_probability="0.333333", latitude="48.8566"
    )
    seen = await company.one("ops", "account", id)
    assert seen["potential"] == {"amount": "1000.10", "currency": "EUR"}
    assert seen["expected_value"] == {"amount": "333.3663", "currency": "EUR"}
    assert (seen["latitude"], seen["win_probability"], seen["quadrant"]) == ("48.8566", "0.333333", None)
    without = await company.do("ops", "create_account", name="Unknown", potential="1000")
    assert (await company.one("ops", "account", without))["expected_value"] is None


async def test_a_sellers_new_account_is_its_own_and_seen_by_its_line_only(company: Any) -> None:
    id = await company.do("bob", "create_account", name="Acme")
    assert (await company.one("bob", "account", id))["owner_id"] == str(company.sellers["bob"])
    expected = {"ada": True, "bob": True, "cleo": False, "dan": False, "ops": True, "finance": True}
    assert {who: await company.one(who, "account", id) is not None for who in expected} == expected


async def test_an_account_without_owner_is_seen_only_by_those_who_see_all(company: Any) -> None:
    await company.do("ops", "create_account", name="Acme")
    assert len(await company.page("finance", "account")) == 1
    assert await company.page("ada", "account") == []


async def test_owners_are_set_within_ones_own_line(company: Any) -> None:
    refused = await refusal(company.do("bob", "create_account", name="Acme", owner_id=company.sellers["dan"]))
    assert (refused.code, refused.errors[0].pointer) == ("unknown_reference", "/owner_id")
    id = await company.do("ada", "create_account", name="Acme", owner_id=company.sellers["cleo"])
    refused = await refusal(company.do("ada", "update_account", id, owner_id=company.sellers["dan"]))
    assert refused.code == "unknown_reference"
    refused = await refusal(company.do("ada", "update_account", id, owner_id=None))
    assert (refused.code, refused.errors[0].pointer) == ("owner_required", "/owner_id")
    await company.do("ops", "update_account", id, owner_id=None)


async def test_an_invisible_account_does_not_exist(company: Any) -> None:
    id = await company.do("dan", "create_account", name="Acme")
    assert (await refusal(company.do("bob", "update_account", id, name="Mine"))).code == "not_found"
    for who, parent in (("bob", id), ("ops", uuid4())):
        refused = await refusal(company.do(who, "create_account", name="Sub", parent_id=parent))
        assert (refused.code, refused.errors[0].pointer) == ("unknown_reference", "/parent_id")


async def test_no_account_stands_above_itself(company: Any) -> None:
    ids = await _chain(company, 3)
    refused = await refusal(company.do("ops", "update_account", ids[0], parent_id=ids[2]))
    assert (refused.code, refused.errors[0].pointer) == ("account_cycle", "/parent_id")
    assert (await refusal(company.do("ops", "update_account", ids[0], parent_id=ids[0]))).code in (
        "account_cycle",
        "constraint_violated",
    )
    assert (await company.one("ops", "account", ids[0]))["parent_id"] is None


async def test_two_changes_at_once_cannot_close_a_cycle(company: Any) -> None:
    one, two = await _chain(company, 1) + await _chain(company, 1)
    spec = company.operations.catalogue.commands["update_account"]
    under = [trusted(spec, UpdateAccount(parent_id=above), id) for id, above in ((one, two), (two, one))]
    ops = company.actors["ops"]
    done = await asyncio.gather(*(company.operations.perform(ops, ask) for ask in under), return_exceptions=True)
    assert [item.code for item in done if isinstance(item, DomainError)] == ["account_cycle"]
    assert len([item for item in done if isinstance(item, Answer)]) == 1


async def test_ancestors_and_children_follow_the_hierarchy(company: Any) -> None:
    ids = await _chain(company, 4)
    seen = await company.one("ops", "account", ids[3], include="ancestors,parent")
    assert [item["name"] for item in seen["ancestors"]["items"]] == ["level 0", "level 1", "level 2"]
    assert seen["parent"]["name"] == "level 2"
    top = await company.one("ops", "account", ids[0], include="children,ancestors")
    assert [item["name"] for item in top["children"]["items"]] == ["level 1"]
    assert top["ancestors"]["items"] == []


async def test_an_account_is_deleted_only_when_nothing_refers_to_it(company: Any) -> None:
    parent, child = await _chain(company, 2)
    assert (await refusal(company.do("ops", "delete_account", parent))).code == "still_referenced"
    await company.do("ops", "delete_account", child)
    await company.do("ops", "delete_account", parent)
    assert await company.page("ops", "account") == []


async def test_a_segment_holds_the_accounts_that_meet_its_rule(company: Any) -> None:
    rule = {"industries": ["Software", "Retail"], "countries": ["FR"], "min_employees": 10, "min_annual_revenue": "100"}
    segment = await company.do("ops", "create_segment", code="S", name="S", rule=rule, tam="1000")
    fits = {"industry": "Retail", "country": "FR", "employees": 10, "annual_revenue": "100", "potential": "7.50"}
    await company.do("ops", "create_account", name="fits", **fits)
    for field, value in {"industry": "Steel", "country": None, "employees": 9, "annual_revenue": "99.99"}.items():
        await company.do("ops", "create_account", name=field, **fits | {field: value})
    await company.do("ops", "create_account", name="dollars", **fits, currency="USD")
    everything = await company.do("ops", "create_segment", code="ALL", name="All")
    assert [item["name"] for item in await company.page("ops", "account", ("segment_id", str(segment)))] == ["fits"]
    assert len(await company.page("ops", "account", ("segment_id", str(everything)))) == 6
    seen = await company.one("ops", "segment", segment, include="accounts,coverage")
    assert [item["name"] for item in seen["accounts"]["items"]] == ["fits"]
    assert (seen["coverage"]["account_count"], seen["coverage"]["potential"]["amount"]) == (1, "7.50")
    whole = await company.one("viewer", "segment_coverage", everything)
    assert (whole["account_count"], whole["other_currency_count"], whole["potential"]["amount"]) == (6, 1, "37.50")
    [account] = await company.page("ops", "account", ("segment_id", str(segment)), ("include", "segments"))
    assert [item["code"] for item in account["segments"]["items"]] == ["ALL", "S"]


async def test_quadrants_follow_fixed_thresholds(company: Any) -> None:
    await _accounts(company, ("10", "0.5"), ("10", "0.49"), ("9.99", "0.5"), ("9", "0"), ("9", None))
    fixed = {"basis": "fixed", "potential_threshold": "10", "win_probability_threshold": "0.5"}
    await company.do("ops", "set_prioritisation", **fixed)
    assert await _quadrants(company) == ["priority", "big_bet", "quick_win", "deprioritised", None]
    assert [item["name"] for item in await company.page("ops", "account", ("quadrant", "big_bet"))] == ["b"]


async def test_medians_are_exact_and_stay_until_set_again(company: Any) -> None:
    await _accounts(company, ("10.0001", "0.1"), ("20.0002", "0.2"), ("30", "0.3"), ("40", "0.400001"))
    await company.do("ops", "create_account", name="no chance known", potential="9999")
    await company.do("ops", "create_account", name="dollars", potential="9999", win_probability="1", currency="USD")
    id = await company.do("ops", "set_prioritisation")
    seen = await company.one("ops", "prioritisation", id)
    assert (seen["potential_threshold"]["amount"], seen["win_probability_threshold"]) == ("25.0001", "0.25")
    before = await _quadrants(company)
    assert before == ["deprioritised", "deprioritised", "priority", "priority", None, None]
    [first] = await company.page("ops", "account", ("name", "a"))
    await company.do("ops", "update_account", UUID(first["id"]), potential="1000")
    assert (await _quadrants(company))[1:] == before[1:]
    assert await company.do("ops", "set_prioritisation") == id
    assert (await company.one("ops", "prioritisation", id))["potential_threshold"]["amount"] == "35.00"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "nothing_to_prioritise"),
        ({"basis": "fixed", "potential_threshold": "1"}, "invalid_input"),
        ({"basis": "median", "win_probability_threshold": "1"}, "invalid_input"),
    ],
)
async def test_thresholds_that_cannot_be_set_are_refused(company: Any, body: dict[str, Any], code: str) -> None:
    assert (await refusal(company.do("ops", "set_prioritisation", **body))).code == code


async def test_sellers_do_not_set_the_thresholds(company: Any) -> None:
    assert (await refusal(company.do("bob", "set_prioritisation"))).code == "permission_required"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("potential", "-1"),
        ("potential", 10),
        ("latitude", "90.1"),
        ("win_probability", "1.1"),
        ("country", "France"),
        ("size", 1),
    ],
)
async def test_senseless_values_are_refused_with_their_field(company: Any, field: str, value: Any) -> None:
    refused = await refusal(company.do("ops", "create_account", name="Acme", **{field: value}))
    assert (refused.code, refused.errors[0].pointer) == ("invalid_input", f"/{field}")


async def test_importing_accounts_again_changes_nothing(company: Any) -> None:
    rows = {name: _account(name, potential="10") for name in ("group", "part", "other")}
    parents = {"part": "group"}
    first = await _import(company, rows, parents)
    assert (first.created, first.changed, first.unchanged) == (3, 0, 0)
    again = await _import(company, rows, parents)
    assert (again.created, again.changed, again.unchanged, again.ids) == (0, 0, 3, first.ids)
    third = await _import(company, {"part": _account("part", potential="11")})
    assert (third.created, third.changed, third.unchanged) == (0, 1, 0)
    seen = await company.one("ops", "account", first.ids["part"])
    assert (seen["version"], seen["parent_id"], seen["potential"]["amount"]) == (2, str(first.ids["group"]), "11.00")
    assert await company.events("account.imported") == [
        {"source": "crm", "created": 3, "changed": 0, "unchanged": 0},
        {"source": "crm", "created": 0, "changed": 1, "unchanged": 0},
    ]


async def test_an_imported_cycle_or_unknown_parent_leaves_nothing_behind(company: Any) -> None:
    rows = {name: _account(name) for name in ("a", "b")}
    assert (await refusal(_import(company, rows, {"a": "b", "b": "a"}))).code == "account_cycle"
    refused = await refusal(_import(company, rows, {"a": "nobody"}))
    assert (refused.code, refused.errors[0].pointer) == ("unknown_reference", "/a/parent_id")
    assert await company.page("ops", "account") == []
    assert (await _import(company, rows)).created == 2


async def test_a_deleted_account_can_be_imported_anew(company: Any) -> None:
    first = await _import(company, {"a": _account("a")})
    await company.do("ops", "delete_account", first.ids["a"])
    again = await _import(company, {"a": _account("a")})
    assert (again.created, again.ids["a"] != first.ids["a"]) == (1, True)


async def _chain(company: Any, length: int) -> list[UUID]:
    """Accounts below one another, the top first."""
    ids: list[UUID] = []
    for level in range(length):
        parent = {"parent_id": ids[-1]} if ids else {}
        ids.append(await company.do("ops", "create_account", name=f"level {level}", **parent))
    return ids


async def _accounts(company: Any, *worth: tuple[str, str | None]) -> None:
    """Accounts a, b, c… of these potentials and win probabilities."""
    for name, (potential, chance) in zip("abcde", worth, strict=False):
        await company.do("ops", "create_account", name=name, potential=potential, win_probability=chance)


async def _quadrants(company: Any) -> list[str | None]:
    return [item["quadrant"] for item in await company.page("ops", "account", ("sort", "created_at"))]


def _account(name: str, **fields: Any) -> CreateAccount:
    return CreateAccount.model_validate({"name": name} | fields)


async def _import(company: Any, rows: dict[str, CreateAccount], parents: dict[str, str] | None = None) -> Any:
    async with company.operations.transaction(company.actors["ops"]) as tx:
        return await upsert_accounts(tx, "crm", rows, parents)
