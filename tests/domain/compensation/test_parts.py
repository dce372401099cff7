"""Every cent of a line is on a transaction, and a transaction knows every cent it paid."""

from decimal import Decimal
from typing import Any

from tests.domain.compensation.desk import Desk


async def paid_by(desk: Desk, transaction: str, who: str = "finance") -> Decimal:
    found = await desk.items(who, "/v1/transaction-payouts", transaction_id=transaction)
    return sum((Decimal(one["amount"]["amount"]) for one in found), Decimal(0))


async def parts_of(desk: Desk, run: Any, who: str = "sam") -> tuple[Any, dict[str | None, str]]:
    (line,) = await desk.items(who, "/v1/earnings", run_id=run["id"], seller_id=desk.world.sellers["sam"], kind="base")
    found = await desk.items(who, "/v1/earning-parts", earning_id=line["id"])
    return line, {one["transaction_id"]: one["amount"]["amount"] for one in found}


async def test_the_deal_that_crosses_a_tier_shows_it_and_the_parts_add_up(desk: Desk) -> None:
    first = await desk.sell("2026-01-10", "100000.33", "sam")
    second = await desk.sell("2026-02-10", "40000", "sam")
    run = await desk.posted("2026-Q1")
    line, parts = await parts_of(desk, run)
    # 19,999.67 below quota at 5 % and 20,000.33 above it at 10 %.
    assert parts == {first: "5000.02", second: "3000.01"}
    assert sum(map(Decimal, parts.values())) == Decimal(line["amount"]["amount"])
    assert await paid_by(desk, second, "sam") == Decimal("3000.01")


async def test_a_later_line_pays_only_what_its_own_transactions_bring(desk: Desk) -> None:
    first = await desk.sell("2026-01-10", "100000", "sam")
    await desk.posted("2026-Q1")
    second = await desk.sell("2026-04-10", "40000", "sam")
    _, parts = await parts_of(desk, await desk.posted("2026-Q2"))
    assert parts == {second: "3000.00"}
    assert await paid_by(desk, first) == Decimal(5000)


async def test_a_transaction_that_came_late_has_the_cents_of_the_true_up(desk: Desk) -> None:
    first = await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    late = await desk.sell("2026-03-10", "2000", "sam")
    run = await desk.posted("2026-Q2")
    assert (await paid_by(desk, first), await paid_by(desk, late)) == (Decimal(500), Decimal(100))
    statement = await desk.statement("sam", run, "sam")
    assert statement["true_up"]["amount"] == "100.00"


async def test_nobody_sees_the_cents_of_another(desk: Desk) -> None:
    sale = await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    assert await desk.items("sue", "/v1/transaction-payouts", transaction_id=sale) == []
