"""Sections filled from accounts, whitespace, contacts and cadence, as the plan's owner sees them."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from app.domain.kernel.errors import DomainError


async def account(desk: Any, name: str, potential: str, chance: str, who: str = "bob", **more: Any) -> str:
    body = {"name": name, "potential": potential, "win_probability": chance, **more}
    return str(await desk.company.do(who, "create_account", **body))


async def pin(desk: Any, dsn: str, accounts: list[str]) -> str:
    """A territory of Bob's with accounts."""
    model = await desk.company.do(
        "ops", "create_territory_model", code="M", name="M", starts_on="2026-01-01", ends_on="2027-01-01"
    )
    territory = await desk.company.do("ops", "create_territory", code="NORTH", name="North", model_id=model)
    for id in accounts:
        await desk.company.do("ops", "pin_account", territory, account_id=id)
    return str(territory)


async def test_a_territory_plan_begins_with_its_key_accounts_their_quadrants_and_whitespace(
    desk: Any, database: str
) -> None:
    await desk.company.do("ops", "set_prioritisation", basis="fixed", potential_threshold="100",
                          win_probability_threshold="0.5")  # fmt: skip
    big = await account(desk, "Big bet", "900", "0.1")
    best = await account(desk, "Priority", "500", "0.9")
    quick = await account(desk, "Quick win", "50", "0.9")
    foreign = await account(desk, "Of another line", "9999", "0.9", "dan")
    await account(desk, "Elsewhere", "700", "0.9")
    territory = await pin(desk, database, [big, best, quick, foreign])
    product = await desk.company.do(
        "ops", "create_product", code="P", name="P", effective_from="2026-01-01", list_price="1.00"
    )
    for unit, potential in ((big, "80.00"), (best, "70.00")):
        cell = {"account_id": unit, "product_id": product, "status": "open", "potential": potential}
        await desk.company.do("bob", "create_holding", **cell)
    plan = await desk.draft(kind="territory_plan", sections={"channel": "None."}, territory_id=territory)
    await desk.company.do("bob", "prefill_plan", plan)
    sections = (await desk.show(plan))["sections"]
    assert sections["key_accounts"] == [best, big, quick]
    assert [(row["quadrant"], row["accounts"], row["potential"]["amount"]) for row in sections["quadrants"]] == [
        ("priority", "1.00", "500.00"), ("big_bet", "1.00", "900.00"), ("quick_win", "1.00", "50.00"),
    ]  # fmt: skip
    assert [(row["account_id"], row["potential"]["amount"]) for row in sections["whitespace"]] == [
        (best, "70.00"), (big, "80.00"),
    ]  # fmt: skip
    assert sections["channel"] == "None."
    await desk.company.do("bob", "update_plan", plan, sections={"key_accounts": [quick]})
    await desk.company.do("bob", "prefill_plan", plan)
    assert (await desk.show(plan))["sections"]["key_accounts"] == [quick]
    await desk.company.do("bob", "prefill_plan", plan, sections=["key_accounts"])
    assert (await desk.show(plan))["sections"]["key_accounts"] == [best, big, quick]


async def test_an_account_plan_begins_with_whom_one_knows_and_whom_to_touch(desk: Any, database: str) -> None:
    unit = await account(desk, "Northwind", "500", "0.9")
    child = await account(desk, "Northwind South", "5", "0.9", parent_id=unit)
    boss = await desk.company.do("bob", "create_contact", account_id=unit, name="Bea", decision_role="decision_maker")
    user = await desk.company.do("bob", "create_contact", account_id=child, name="Ugo", relation_strength=4)
    await desk.company.do("bob", "create_contact", account_id=unit, name="Gone", left_on="2020-01-01")
    await desk.company.do("ops", "create_cadence_policy", name="All", interval_days=30)
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("update account set created_at = now() - interval '60 days' where name = 'Northwind'")
    finally:
        await connection.close()
    plan = await desk.draft(kind="account_plan", sections={}, account_id=unit)
    await desk.company.do("bob", "prefill_plan", plan)
    sections = (await desk.show(plan))["sections"]
    assert [(entry["contact_id"], entry["relation_strength"]) for entry in sections["people"]] == [
        (str(boss), 0), (str(user), 4),
    ]  # fmt: skip
    assert [(action["what"], action["who"]) for action in sections["actions"]] == [("Touch Northwind", "bob")]
    assert "whitespace" not in sections


async def test_only_sections_with_a_source_of_a_draft_are_filled(desk: Any) -> None:
    plan = await desk.draft()
    with pytest.raises(DomainError) as refused:
        await desk.company.do("bob", "prefill_plan", plan, sections=["summary"])
    assert refused.value.errors[0].pointer == "/sections/0"
    await desk.take(plan, "submit")
    with pytest.raises(DomainError) as refused:
        await desk.company.do("bob", "prefill_plan", plan)
    assert refused.value.code == "immutable"


@pytest.mark.parametrize(
    ("section", "code"),
    [
        ({"type": "text", "source": "key_accounts"}, "source_type"),
        ({"type": "table", "source": "quadrants", "columns": [{"key": "quadrant", "title": "Q"}]}, "source_columns"),
        ({"type": "table", "columns": [{"key": "a", "title": "A", "type": "choice"}]}, "column_choices"),
    ],
)
async def test_a_source_fits_what_its_section_holds(desk: Any, section: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        await desk.company.do(
            "ops", "create_plan_template", kind="territory_plan", code="odd", name="Odd", minimum_quality="0",
            sections=[{"key": "odd", "title": "Odd", **section}],
            rubric=[{"key": "all", "title": "All", "weight": "1", "max_score": "1"}],
        )  # fmt: skip
    assert code in {error.code for error in refused.value.errors}
