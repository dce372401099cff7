"""What other contexts are told: who belonged where and who covered what, on every day."""

from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.territories.queries import COVERAGE_SQL, MEMBERSHIP_SQL


async def rows(company: Any, sql: str) -> Any:
    async with company.operations.transaction(company.actors["ops"]) as tx:
        return await tx.rows(sql.format(org=":org_id"))


async def test_membership_counts_only_while_a_model_is_in_force(company: Any, design: Any) -> None:
    acme = await design.account("Acme", country="FR")
    first, second, draft = await design.model("A"), await design.model("B", "2026-07-01"), await design.model("C")
    territories = {}
    for model in (first, second, draft):
        territories[model] = await design.territory(model, "FRANCE", rule={"countries": ["FR"]})
        await design.apply(model)
    await design.activate(first)
    await design.activate(second, supersede=True)
    await company.do("ops", "archive_territory_model", first)
    found = {tuple(row.values()) for row in await rows(company, MEMBERSHIP_SQL)}
    assert found == {
        (acme, territories[first], date(2026, 1, 1), date(2026, 7, 1)),
        (acme, territories[second], date(2026, 7, 1), None),
    }


async def test_coverage_is_cut_where_it_changes_and_tiles_from_zero(company: Any, design: Any) -> None:
    model = await design.model(ends_on="2027-01-01")
    north = await design.territory(model, "NORTH")
    await design.cover(north, "bob", "0.6", "2025-01-01", effective_to="2026-07-01")
    await design.cover(north, "cleo", "0.4", "2026-03-01")
    await design.propose(north, "dan", "0.6", "2026-07-01")
    await design.activate(model)
    found = await rows(company, COVERAGE_SQL)
    bob, cleo = company.sellers["bob"], company.sellers["cleo"]
    assert sorted(tuple(row.values())[1:] for row in found) == sorted(
        [
            (1, bob, Decimal(0), Decimal("0.6"), date(2026, 1, 1), date(2026, 3, 1)),
            (1, bob, Decimal(0), Decimal("0.6"), date(2026, 3, 1), date(2026, 7, 1)),
            (2, cleo, Decimal("0.6"), Decimal(1), date(2026, 3, 1), date(2026, 7, 1)),
            (1, cleo, Decimal(0), Decimal("0.4"), date(2026, 7, 1), date(2027, 1, 1)),
        ]
    )


async def test_an_ended_assignment_covers_until_its_end_and_an_open_one_without_end(company: Any, design: Any) -> None:
    model = await design.model()
    north = await design.territory(model, "NORTH")
    ended = await design.cover(north, "bob")
    await company.do("ops", "end_territory_assignment", ended, effective_to="2026-04-01")
    await design.cover(north, "cleo", start="2026-05-01")
    await design.activate(model)
    found = {(row["seller_id"], row["valid_from"], row["valid_to"]) for row in await rows(company, COVERAGE_SQL)}
    assert found == {
        (company.sellers["bob"], date(2026, 1, 1), date(2026, 4, 1)),
        (company.sellers["cleo"], date(2026, 5, 1), None),
    }
