"""Opportunities: their stages, the history of these, visibility, import."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.domain.accounts.commands.opportunities import upsert_opportunities
from app.domain.accounts.contract.opportunities import STAGE_PROBABILITY, CreateOpportunity, OpportunityStage
from app.domain.kernel.errors import DomainError


async def refusal(awaitable: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        await awaitable
    return refused.value


async def test_a_deal_belongs_to_the_acting_seller_and_its_line_sees_it(company: Any) -> None:
    id = await company.do("bob", "create_opportunity", name="Deal")
    assert (await company.one("bob", "opportunity", id))["seller_id"] == str(company.sellers["bob"])
    seen = {who: await company.one(who, "opportunity", id) is not None for who in ("ada", "cleo", "dan", "finance")}
    assert seen == {"ada": True, "cleo": False, "dan": False, "finance": True}


async def test_a_deal_needs_a_seller(company: Any) -> None:
    refused = await refusal(company.do("ops", "create_opportunity", name="Deal"))
    assert (refused.code, refused.errors[0].pointer) == ("owner_required", "/seller_id")
    refused = await refusal(company.do("bob", "create_opportunity", name="Deal", seller_id=company.sellers["dan"]))
    assert (refused.code, refused.errors[0].pointer) == ("unknown_reference", "/seller_id")


async def test_a_deal_refers_only_to_what_its_seller_sees(company: Any) -> None:
    account = await company.do("dan", "create_account", name="Acme")
    refused = await refusal(company.do("bob", "create_opportunity", name="Deal", account_id=account))
    assert (refused.code, refused.errors[0].pointer) == ("unknown_reference", "/account_id")


@pytest.mark.parametrize("stage", OpportunityStage)
async def test_the_pipeline_is_weighed_by_the_stage(company: Any, stage: OpportunityStage) -> None:
    closed = {"closed_on": "2026-03-01"} if stage in ("won", "lost") else {}
    id = await company.do("bob", "create_opportunity", name="Deal", stage=stage, amount="1000.01", **closed)
    seen = await company.one("bob", "opportunity", id)
    assert Decimal(seen["probability"]) == STAGE_PROBABILITY[stage]
    assert Decimal(seen["weighted_amount"]["amount"]) == Decimal("1000.01") * STAGE_PROBABILITY[stage]


async def test_every_stage_is_kept_in_the_history(company: Any) -> None:
    id = await company.do("bob", "create_opportunity", name="Deal", amount="10")
    await company.do("bob", "change_opportunity_stage", id, stage="engaging")
    await company.do("ada", "change_opportunity_stage", id, stage="won", amount="12.50", closed_on="2026-03-01")
    await company.do("bob", "change_opportunity_stage", id, stage="proposal", comment="The order was cancelled.")
    steps = (await company.one("bob", "opportunity", id, include="stage_changes"))["stage_changes"]["items"]
    assert [(step["from_stage"], step["to_stage"], step["amount"]["amount"], step["actor_name"]) for step in steps] == [
        (None, "prospecting", "10.00", "bob"),
        ("prospecting", "engaging", "10.00", "bob"),
        ("engaging", "won", "12.50", "ada"),
        ("won", "proposal", "12.50", "bob"),
    ]
    assert steps[-1]["comment"] == "The order was cancelled."
    assert (await company.one("bob", "opportunity", id))["closed_on"] is None
    assert (await company.events("opportunity.stage_changed"))[-1] == {"from_stage": "won", "to_stage": "proposal"}
    assert await company.page("dan", "opportunity_stage_change") == []


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"stage": "won", "closed_on": "2026-03-01"}, "opportunity_incomplete", "/amount"),
        ({"stage": "won", "amount": "1"}, "opportunity_incomplete", "/closed_on"),
        ({"stage": "lost"}, "opportunity_incomplete", "/closed_on"),
        ({"stage": "engaging", "closed_on": "2026-03-01"}, "opportunity_incomplete", "/closed_on"),
        ({"stage": "lost", "closed_on": "2025-12-31"}, "opportunity_incomplete", "/closed_on"),
        ({"stage": "prospecting"}, "illegal_transition", "/stage"),
        ({"stage": "forgotten"}, "invalid_input", "/stage"),
    ],
)
async def test_a_stage_that_does_not_fit_changes_nothing(
    company: Any, body: dict[str, Any], code: str, pointer: str
) -> None:
    id = await company.do("bob", "create_opportunity", name="Deal", opened_on="2026-01-01")
    refused = await refusal(company.do("bob", "change_opportunity_stage", id, **body))
    assert (refused.code, refused.errors[0].pointer) == (code, pointer)
    seen = await company.one("bob", "opportunity", id, include="stage_changes")
    assert (seen["stage"], seen["version"], len(seen["stage_changes"]["items"])) == ("prospecting", 1, 1)


async def test_reopening_a_closed_deal_needs_a_comment(company: Any) -> None:
    id = await company.do("bob", "create_opportunity", name="Deal", stage="lost", closed_on="2026-03-01")
    refused = await refusal(company.do("bob", "change_opportunity_stage", id, stage="engaging"))
    assert (refused.code, refused.errors[0].pointer) == ("comment_required", "/comment")


async def test_details_of_a_won_deal_keep_it_complete(company: Any) -> None:
    id = await company.do("bob", "create_opportunity", name="Deal", stage="won", closed_on="2026-03-01", amount="1")
    refused = await refusal(company.do("bob", "update_opportunity", id, amount=None))
    assert (refused.code, refused.errors[0].pointer) == ("opportunity_incomplete", "/amount")
    await company.do("bob", "update_opportunity", id, amount="2", closed_on="2026-03-02")
    seen = await company.one("bob", "opportunity", id)
    assert (seen["amount"]["amount"], seen["closed_on"], seen["version"]) == ("2.00", "2026-03-02", 2)


async def test_history_is_only_added_to(company: Any) -> None:
    await company.do("bob", "create_opportunity", name="Deal")
    for change in ("update opportunity_stage_change set to_stage = 'won'", "delete from opportunity_stage_change"):
        with pytest.raises(DomainError):
            async with company.operations.transaction(company.actors["ops"]) as tx:
                await tx.execute(change)


async def test_importing_deals_again_changes_nothing_and_new_stages_join_the_history(company: Any) -> None:
    bob = company.sellers["bob"]
    rows = {"1": _deal(bob, name="one"), "2": _deal(bob, name="two", stage="won", closed_on="2026-03-01", amount="5")}
    first = await _import(company, rows)
    again = await _import(company, rows)
    assert (first.created, again.created, again.changed, again.unchanged) == (2, 0, 0, 2)
    moved = await _import(company, rows | {"1": _deal(bob, name="one", stage="engaging")})
    assert (moved.created, moved.changed, moved.unchanged) == (0, 1, 1)
    steps = (await company.one("ops", "opportunity", first.ids["1"], include="stage_changes"))["stage_changes"]["items"]
    assert [(step["from_stage"], step["to_stage"]) for step in steps] == [
        (None, "prospecting"),
        ("prospecting", "engaging"),
    ]
    assert len(await company.page("ops", "opportunity_stage_change")) == 3
    [found] = await company.page("bob", "opportunity", ("external_id", "crm:2"))
    assert (found["name"], found["version"]) == ("two", 1)


async def test_import_refuses_incomplete_deals_by_key(company: Any) -> None:
    rows = {"ok": _deal(company.sellers["bob"]), "bad": _deal(company.sellers["bob"], stage="won")}
    refused = await refusal(_import(company, rows))
    assert [error.pointer for error in refused.errors] == ["/bad/closed_on", "/bad/amount"]
    assert await company.page("ops", "opportunity") == []


async def test_the_number_of_statements_of_an_import_does_not_grow(company: Any) -> None:
    rows = {str(n): _deal(company.sellers["bob"], name=f"deal {n}") for n in range(500)}
    few = await _statements(company, dict(list(rows.items())[:1]))
    assert await _statements(company, {f"x{key}": row for key, row in rows.items()}) == few


def _deal(seller: UUID, **fields: Any) -> CreateOpportunity:
    return CreateOpportunity.model_validate({"name": "Deal", "seller_id": seller} | fields)


async def _import(company: Any, rows: dict[str, CreateOpportunity]) -> Any:
    async with company.operations.transaction(company.actors["ops"]) as tx:
        return await upsert_opportunities(tx, "crm", rows)


async def _statements(company: Any, rows: dict[str, CreateOpportunity]) -> int:
    seen: list[str] = []
    engine = company.operations.engine.sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        await _import(company, rows)
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)
