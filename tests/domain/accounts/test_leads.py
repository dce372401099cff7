"""Leads: worked on, converted whole or not at all."""

from typing import Any

import pytest

from app.domain.kernel.errors import DomainError


async def refusal(awaitable: Any) -> tuple[str, str]:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value.code, refused.value.errors[0].pointer if refused.value.errors else ""


async def qualified(company: Any, who: str = "bob", /, **more: Any) -> Any:
    id = await company.do(who, "create_lead", **{"name": "Ada Byron", "company": "Engines", **more})
    await company.do(who, "qualify_lead", id)
    return id


async def test_a_lead_belongs_to_whom_adds_it_and_its_line_sees_it(company: Any) -> None:
    id = await company.do("bob", "create_lead", name="Ada Byron", score=80)
    assert (await company.one("bob", "lead", id))["owner_id"] == str(company.sellers["bob"])
    seen = {who: await company.one(who, "lead", id) is not None for who in ("ada", "cleo", "dan", "ops")}
    assert seen == {"ada": True, "cleo": False, "dan": False, "ops": True}
    refused = await refusal(company.do("bob", "create_lead", name="X", owner_id=company.sellers["dan"]))
    assert refused == ("unknown_reference", "/owner_id")


async def test_conversion_makes_an_account_of_the_leads_facts_and_a_deal_with_it(company: Any) -> None:
    facts = {"city": "Lyon", "country": "FR", "industry": "Software", "employees": 12}
    id = await qualified(company, **facts, job_function="Purchasing")
    await company.do("bob", "convert_lead", id, opportunity={"name": "First order", "amount": "100"})
    lead = await company.one("bob", "lead", id, include="account,opportunity")
    assert lead["state"] == "converted"
    assert lead["converted_at"]
    account = lead["account"]
    assert account["name"] == "Engines"
    assert {name: account[name] for name in facts} == facts
    assert account["owner_id"] == str(company.sellers["bob"])
    deal = lead["opportunity"]
    assert (deal["name"], deal["amount"]["amount"]) == ("First order", "100.00")
    assert (deal["account_id"], deal["seller_id"]) == (account["id"], str(company.sellers["bob"]))
    assert await company.events("account.created") == [{"lead_id": str(id)}]


async def test_conversion_links_an_account_that_exists(company: Any) -> None:
    account = await company.do("bob", "create_account", name="Engines Ltd")
    id = await qualified(company)
    await company.do("bob", "convert_lead", id, account_id=account)
    lead = await company.one("bob", "lead", id)
    assert (lead["account_id"], lead["opportunity_id"]) == (str(account), None)
    assert len(await company.page("bob", "account")) == 1


async def test_a_conversion_that_is_refused_leaves_nothing_behind(company: Any) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    foreign = await company.do("dan", "create_account", name="Foreign")
    id = await qualified(company)
    deal = {"name": "Deal", "product_id": nobody}
    for body, expected in (
        ({"account_id": foreign}, ("unknown_reference", "/account_id")),
        ({"opportunity": deal}, ("unknown_reference", "/opportunity/product_id")),
    ):
        assert await refusal(company.do("bob", "convert_lead", id, **body)) == expected
    assert (await company.one("bob", "lead", id))["state"] == "qualified"
    assert await company.page("bob", "account") == []
    bare = await qualified(company, company=None)
    assert await refusal(company.do("bob", "convert_lead", bare)) == ("lead_without_company", "/account_id")
    ownerless = await qualified(company, "ops")
    refused = await refusal(company.do("ops", "convert_lead", ownerless, opportunity={"name": "Deal"}))
    assert refused == ("owner_required", "/opportunity")


async def test_only_a_qualified_lead_is_converted_and_a_converted_one_stays_as_it_is(company: Any) -> None:
    id = await company.do("bob", "create_lead", name="Ada", company="Engines")
    assert (await refusal(company.do("bob", "convert_lead", id)))[0] == "illegal_transition"
    await company.do("bob", "qualify_lead", id)
    await company.do("bob", "convert_lead", id)
    assert (await refusal(company.do("bob", "update_lead", id, score=1)))[0] == "immutable"
    assert (await refusal(company.do("bob", "reopen_lead", id, comment="Again.")))[0] == "illegal_transition"


async def test_a_disqualified_lead_says_why_until_it_is_reopened(company: Any) -> None:
    id = await company.do("bob", "create_lead", name="Ada")
    await company.do("bob", "disqualify_lead", id, reason="no_budget")
    lead = await company.one("bob", "lead", id)
    assert (lead["state"], lead["disqualified_for"]) == ("disqualified", "no_budget")
    await company.do("bob", "reopen_lead", id, comment="They have money now.")
    lead = await company.one("bob", "lead", id)
    assert (lead["state"], lead["disqualified_for"]) == ("new", None)
