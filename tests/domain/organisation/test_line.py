"""The reporting line when two people change it at once."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from app.domain.organisation.contract import MoveSeller


def under(manager: Any, year: int) -> MoveSeller:
    return MoveSeller(job_role="Executive", team="Paris", manager_id=manager, effective_from=date(year, 1, 1))


async def test_moves_at_the_same_time_end_in_the_line_that_both_made(company: Any) -> None:
    bob, cleo, dan, ada = (company.sellers[name] for name in ("bob", "cleo", "dan", "ada"))
    spec = company.operations.catalogue.commands["move_seller"]
    # Dan stands under Cleo; Cleo moves from Ada to Bob while Dan's own line is made anew.
    async with company.operations.transaction(company.actors["admin"]) as tx:
        await spec.handler(tx, dan, under(cleo, 2023))
    async with company.operations.transaction(company.actors["admin"]) as tx:
        await spec.handler(tx, cleo, under(bob, 2025))

        async def second() -> None:
            async with company.operations.transaction(company.actors["admin"]) as other:
                await spec.handler(other, dan, under(cleo, 2024))

        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.3)
        assert not waiting.done()
    await waiting
    async with company.operations.transaction(company.actors["admin"]) as tx:
        rows = await tx.rows(
            "select ancestor_id from reporting_closure where org_id = :org_id and descendant_id = :dan"
            " and valid_from <= :today and valid_to > :today",
            dan=dan,
            today=tx.today,
        )
    assert {row["ancestor_id"] for row in rows} == {dan, cleo, bob, ada}


async def test_a_move_counts_as_a_change_of_the_seller_it_is_read_with(company: Any) -> None:
    dan = company.sellers["dan"]
    before = await company.one("admin", "seller", dan)
    await company.do("admin", "move_seller", dan, **under(company.sellers["ada"], 2025).model_dump(mode="json"))
    after = await company.one("admin", "seller", dan)
    assert (after["manager_id"], after["version"]) == (str(company.sellers["ada"]), before["version"] + 1)
