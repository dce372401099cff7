"""Every cent of a line is on a transaction, and a transaction knows every cent it paid."""

from decimal import Decimal
from typing import Any

from tests.domain.compensation.desk import COMMISSION, Desk


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


async def test_a_month_paid_by_itself_is_laid_on_the_deals_of_that_month(desk: Desk) -> None:
    monthly = {
        **COMMISSION,
        "window": {"over": "month", "paid": "each_period"},
        "rate": {"flat": {"pays": "rate", "value": "0.1"}},
        "limits": [{"kind": "cap", "per": "window", "amount": "1000"}],
        "proration": {"quota": "none", "target": "none"},
    }
    await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/retire")
    await desk.publish("MONTHLY", components=(monthly,))
    first = await desk.sell("2026-01-10", "30000", "sam")
    _, january = await parts_of(desk, await desk.posted("2026-M01"))
    returned = await desk.sell("2026-02-10", "-5000", "sam")
    second = await desk.sell("2026-02-11", "2000", "sam")
    _, february = await parts_of(desk, await desk.posted("2026-M02"))
    third = await desk.sell("2026-03-10", "4000", "sam")
    late = await desk.sell("2026-02-12", "1000", "sam")
    _, march = await parts_of(desk, await desk.posted("2026-M03"))
    assert january == {first: "1000.00"}
    # What January's cap left out is not February's, nor is January's pay taken back for what February lacks.
    assert february == {returned: "-500.00", second: "200.00"}
    assert (march, await paid_by(desk, late)) == ({third: "400.00"}, Decimal(100))


async def test_what_later_deals_take_of_a_shared_budget_is_no_part_of_theirs(desk: Desk) -> None:
    promotion = {
        "kind": "spif",
        "code": "PROMO",
        "name": "Promotion",
        "trigger": "booking",
        "measure": {"of": "revenue", "whose": "own"},
        "window": {"over": "transaction", "paid": "each_period"},
        "rate": {"flat": {"pays": "rate", "value": "0.1"}},
        "budget": {"amount": "1000", "when_exhausted": "pro_rata"},
        "proration": {"quota": "none", "target": "none"},
    }
    await desk.world.post("comp_admin", f"/v1/compensation-plans/{desk.plan}/retire")
    await desk.publish("PROMO", components=(promotion,))
    await desk.sell("2026-01-10", "30000", "sam")
    await desk.posted("2026-M01")
    second = await desk.sell("2026-02-10", "10000", "sam")
    await desk.sell("2026-02-10", "60000", "sue")
    line, parts = await parts_of(desk, await desk.posted("2026-M02"))
    # Of 1,000 the three deals have 300, 100 and 600: Sam had 1,000 in January and has 400 in February.
    assert (line["amount"]["amount"], parts) == ("-600.00", {second: "100.00", None: "-700.00"})


async def test_nobody_sees_the_cents_of_another(desk: Desk) -> None:
    sale = await desk.sell("2026-02-10", "10000", "sam")
    await desk.posted("2026-Q1")
    assert await desk.items("sue", "/v1/transaction-payouts", transaction_id=sale) == []


async def test_only_what_a_component_counts_has_a_part_in_it(desk: Desk) -> None:
    spif = {
        "kind": "spif",
        "code": "BIG",
        "name": "Big deals",
        "trigger": "booking",
        "measure": {"of": "deals", "whose": "own", "only": {"minimum_deal": "5000"}},
        "window": {"over": "transaction", "paid": "each_period"},
        "rate": {"flat": {"pays": "amount", "value": "500"}},
        "proration": {"quota": "none", "target": "none"},
    }
    await desk.publish("SPIF-2026", components=[spif])
    small = await desk.sell("2026-01-10", "4999", "sam")
    shared = await desk.sell("2026-02-10", "8000", "sam", "sue", shares=("0.75", "0.25"))
    large = await desk.sell("2026-03-10", "60000", "sam")
    run = await desk.posted("2026-Q1")
    lines = await desk.items("sam", "/v1/earnings", run_id=run["id"], kind="base")
    parts = {}
    for line in lines:
        for one in await desk.items("sam", "/v1/earning-parts", earning_id=line["id"]):
            parts[one["component_code"], one["transaction_id"]] = one["amount"]["amount"]
    assert parts == {
        ("BIG", shared): "500.00",
        ("BIG", large): "500.00",
        ("REVENUE", small): "249.95",
        ("REVENUE", shared): "300.00",
        ("REVENUE", large): "3000.00",
    }


async def test_deals_beyond_a_cap_bring_nothing_and_those_before_keep_what_they_brought(desk: Desk) -> None:
    capped = COMMISSION | {"code": "CAPPED", "limits": [{"kind": "cap", "per": "year", "amount": "4000"}]}
    await desk.publish("CAP-2026", components=[capped])
    await desk.sell("2026-01-10", "60000", "sam")
    await desk.posted("2026-Q1")
    second, third = await desk.sell("2026-04-10", "40000", "sam"), await desk.sell("2026-05-10", "10000", "sam")
    run = await desk.posted("2026-Q2")
    lines = await desk.items("sam", "/v1/earnings", run_id=run["id"], kind="base")
    (line,) = [line for line in lines if line["component_code"] == "CAPPED"]
    parts = await desk.items("sam", "/v1/earning-parts", earning_id=line["id"])
    assert {one["transaction_id"]: one["amount"]["amount"] for one in parts} == {second: "1000.00", third: "0.00"}
