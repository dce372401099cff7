"""Templates, and what plans hold: validated against their template, seen along the owner's line."""

from typing import Any
from uuid import uuid4

import pytest

from app.domain.kernel.errors import DomainError
from app.domain.plans.templates import shipped
from tests.domain.plans.conftest import CONTENT

TEMPLATE = {
    "kind": "revenue_plan",
    "code": "short",
    "name": "Short",
    "sections": [{"key": "summary", "title": "Summary", "type": "text", "required": True}],
    "rubric": [{"key": "clarity", "title": "Clarity", "weight": "1", "max_score": "10"}],
    "minimum_quality": "0.5",
}


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


def findings(refused: DomainError) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in refused.errors]


async def test_shipped_templates_are_installed_once(desk: Any) -> None:
    again = await desk.company.do("ops", "install_plan_templates")
    assert [template.created for template in again.templates] == [False, False, False]
    assert {template.code for template in again.templates} == {template.code for template in shipped()}
    assert len(await desk.company.page("ops", "plan_template")) == 3


async def test_a_template_in_use_gets_a_new_version_instead_of_a_change(desk: Any) -> None:
    first = await desk.company.do("ops", "create_plan_template", **TEMPLATE)
    await desk.company.do("ops", "update_plan_template", first, name="Shorter")
    plan = await desk.company.do("bob", "create_plan", template_id=first, period_id=desk.period, title="Bob's")
    assert (await refusal(desk.company.do("ops", "update_plan_template", first, name="Long"))).code == "immutable"
    second = await desk.company.do("ops", "create_plan_template", **TEMPLATE)
    versions = [await desk.company.one("ops", "plan_template", id) for id in (first, second)]
    assert [(seen["template_version"], seen["name"]) for seen in versions] == [(1, "Shorter"), (2, "Short")]
    assert (await desk.show(plan))["template_id"] == str(first)


async def test_a_code_belongs_to_one_kind(desk: Any) -> None:
    refused = await refusal(desk.company.do("ops", "create_plan_template", **TEMPLATE | {"code": "account-plan"}))
    assert (refused.code, refused.errors[0].pointer) == ("already_exists", "/code")


async def test_a_template_makes_sense_or_is_refused(desk: Any) -> None:
    sections = [
        {"key": "summary", "title": "Summary", "type": "text", "columns": [{"key": "a", "title": "A"}]},
        {"key": "summary", "title": "People", "type": "table"},
    ]
    refused = await refusal(desk.company.do("ops", "create_plan_template", **TEMPLATE | {"sections": sections}))
    assert findings(refused) == [
        ("/sections/1/key", "duplicate_key"),
        ("/sections/0/columns", "table_columns"),
        ("/sections/1/columns", "table_columns"),
    ]


@pytest.mark.parametrize(
    ("section", "value", "pointer", "code"),
    [
        ("strategy", "x", "/sections/strategy", "unknown_section"),
        ("summary", 5, "/sections/summary", "string_type"),
        ("summary", "a\0b", "/sections/summary", "value_error"),
        (
            "revenue",
            {"2026-Q1": {"amount": 5, "currency": "EUR"}},
            "/sections/revenue/2026-Q1/amount",
            "number_as_string",
        ),
        ("revenue", {"2031": {"amount": "5", "currency": "EUR"}}, "/sections/revenue/2031", "unknown_reference"),
        ("assumptions", [{"hope": "x"}], "/sections/assumptions/0/hope", "unknown_column"),
        ("actions", [{"what": "x", "who": "Ada"}], "/sections/actions/0/due", "missing"),
        (
            "actions",
            [{"what": "x", "who": "Ada", "due": "soon"}],
            "/sections/actions/0/due",
            "date_parsing",
        ),
    ],
)
async def test_content_has_the_form_its_section_asks_for(
    desk: Any, section: str, value: Any, pointer: str, code: str
) -> None:
    plan = await desk.draft()
    before = await desk.show(plan)
    refused = await refusal(
        desk.company.do("bob", "update_plan", plan, sections={"bookings": {}, section: value}, title="Other")
    )
    assert findings(refused) == [(pointer, code)]
    assert await desk.show(plan) == before


async def test_sections_are_replaced_one_by_one_and_emptied_by_null(desk: Any) -> None:
    plan = await desk.draft()
    await desk.company.do("bob", "update_plan", plan, sections={"summary": None, "investments": "A fair."})
    shown = await desk.show(plan)
    assert set(shown["sections"]) == {"revenue", "margin", "assumptions", "investments", "actions"}
    assert shown["completeness"] == "0.80"
    assert shown["sections"]["revenue"] == CONTENT["revenue"]


async def test_accounts_of_a_plan_are_accounts_its_author_sees(desk: Any) -> None:
    own = await desk.company.do("bob", "create_account", name="Acme")
    other = await desk.company.do("dan", "create_account", name="Globex")
    refused = await refusal(desk.draft(kind="account_plan", sections={}, account_id=other))
    assert findings(refused) == [("/account_id", "unknown_reference")]
    plan = await desk.draft(kind="account_plan", sections={"related_accounts": [own]}, account_id=own)
    listed = {"related_accounts": [own, other]}
    refused = await refusal(desk.company.do("bob", "update_plan", plan, sections=listed))
    assert findings(refused) == [("/sections/related_accounts/1", "unknown_reference")]
    assert (await desk.show(plan, include="account"))["account"]["name"] == "Acme"


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("revenue_plan", ("account_id",), [("/account_id", "not_applicable")]),
        ("account_plan", (), [("/account_id", "missing")]),
        ("territory_plan", ("account_id",), [("/account_id", "not_applicable"), ("/territory_id", "missing")]),
    ],
)
async def test_a_plan_is_about_what_its_kind_says(
    desk: Any, kind: str, given: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    refused = await refusal(desk.draft(kind=kind, sections={}, **dict.fromkeys(given, uuid4())))
    assert sorted(findings(refused)) == expected


async def test_a_plan_needs_an_owner(desk: Any) -> None:
    assert findings(await refusal(desk.draft("ops"))) == [("/owner_id", "invalid_input")]
    plan = await desk.draft("ops", owner_id=desk.company.sellers["bob"])
    assert (await desk.show(plan, "bob", include="owner"))["owner"]["name"] == "bob"


async def test_plans_and_reviews_are_seen_along_the_owners_line(desk: Any) -> None:
    plan = await desk.draft()
    await desk.take(plan, "submit", "review")
    for who in ("ada", "bob", "finance"):
        assert len((await desk.show(plan, who, include="reviews"))["reviews"]["items"]) == 1
    for who in ("cleo", "dan"):
        assert await desk.show(plan, who) is None
        assert (await refusal(desk.company.do(who, "update_plan", plan, title="Mine"))).code == "not_found"
    assert (await refusal(desk.draft("cleo", owner_id=desk.company.sellers["bob"]))).code == "unknown_reference"
