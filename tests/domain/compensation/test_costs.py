"""Commissions paid to win contracts are an asset that is used up over their time."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from tests.domain.compensation.desk import COMMISSION, Desk

POLICY: dict[str, Any] = {
    "effective_from": "2026-01-01",
    "kinds": ["commission"],
    "default_term_months": 12,
    "customer_life_months": 36,
    "renewals_commensurate": False,
    "expense_within_a_year": True,
}


async def capitalised(desk: Desk, **policy: Any) -> Any:
    """The costs of a first quarter that is paid and capitalised."""
    await desk.world.post("finance", "/v1/cost-policies", {**POLICY, **policy})
    run = await desk.take(await desk.posted("2026-Q1"), "pay")
    await desk.world.post("finance", f"/v1/compensation-runs/{run['id']}/capitalise")
    return run


async def costs(desk: Desk) -> dict[str, tuple[str, int]]:
    found = await desk.items("finance", "/v1/contract-costs")
    return {cost["transaction_id"]: (cost["amount"]["amount"], cost["months"]) for cost in found}


async def amortise(desk: Desk, period: str, *, expect: int | None = None) -> Any:
    body = {"period_id": desk.periods[period]}
    path = "/v1/contract-costs/amortise"
    return await desk.world.post("finance", path, body, expect=expect, idempotency_key=str(uuid4()))


async def carried(desk: Desk) -> list[str]:
    return [cost["carrying"]["amount"] for cost in await desk.items("finance", "/v1/contract-costs", sort="starts_on")]


async def test_each_contract_bears_its_part_of_the_commission_over_its_time(desk: Desk) -> None:
    new = await desk.sell("2026-01-10", "10000", "sam")
    renewal = await desk.sell("2026-02-10", "20000", "sam", renewal=True, term_months=24)
    short = await desk.sell("2026-02-10", "3000", "sam", renewal=True)
    await capitalised(desk)
    # A renewal is used up in its own term, a new contract in the time the customer stays; up to a year is an expense.
    assert await costs(desk) == {new: ("500.00", 36), renewal: ("1000.00", 24)}
    assert short not in await costs(desk)
    entries = await desk.items("finance", "/v1/ledger-entries", account="contract_cost_asset")
    assert sum(Decimal(entry["debit"]["amount"]) for entry in entries) == Decimal(1500)


async def test_a_contract_bears_only_what_counts_it(desk: Desk) -> None:
    invoiced = {**COMMISSION, "trigger": "invoice", "rate": {"flat": {"pays": "rate", "value": "0.1"}}}
    await desk.publish("INVOICED", components=(invoiced,))
    booked = await desk.sell("2026-01-10", "10000", "sam")
    billed = await desk.sell("2026-02-10", "30000", "sam", kind="invoice")
    await capitalised(desk)
    assert await costs(desk) == {booked: ("500.00", 36), billed: ("3000.00", 36)}


async def test_where_renewals_are_commensurate_a_new_contract_is_used_up_in_its_term(desk: Desk) -> None:
    new = await desk.sell("2026-01-10", "10000", "sam", term_months=24)
    await capitalised(desk, renewals_commensurate=True)
    assert await costs(desk) == {new: ("500.00", 24)}


async def test_parts_add_up_to_the_cent_and_a_month_is_charged_once(desk: Desk) -> None:
    await desk.sell("2026-01-10", "20000", "sam")
    await capitalised(desk, customer_life_months=3, expense_within_a_year=False)
    charged = []
    for month in ("2026-M01", "2026-M02", "2026-M03"):
        journal = await amortise(desk, month)
        entries = await desk.items("finance", "/v1/ledger-entries", journal_id=journal["id"])
        charged.append({entry["account"]: entry["debit"]["amount"] for entry in entries}["amortisation_expense"])
        assert (await amortise(desk, month, expect=409))["code"] == "nothing_to_charge"
    assert charged == ["333.33", "333.34", "333.33"]
    assert await carried(desk) == ["0.00"]


async def test_what_months_left_uncharged_is_charged_with_the_next(desk: Desk) -> None:
    await desk.sell("2026-01-10", "24000", "sam")
    await capitalised(desk, customer_life_months=24)
    await amortise(desk, "2026-M06")
    assert await carried(desk) == ["900.00"]
    (row,) = await desk.items("finance", "/v1/cost-roll-forward", period_id=desk.periods["2026-H1"])
    assert [row[name]["amount"] for name in ("opening", "capitalised", "amortised", "impaired", "closing")] == [
        "0.00",
        "1200.00",
        "300.00",
        "0.00",
        "900.00",
    ]


async def test_an_impaired_cost_is_charged_at_once(desk: Desk) -> None:
    await desk.sell("2026-01-10", "24000", "sam")
    await capitalised(desk, customer_life_months=24)
    (cost,) = await desk.items("finance", "/v1/contract-costs")
    body = {"period_id": desk.periods["2026-M02"], "reason": "The customer left."}
    told = await desk.world.post("finance", f"/v1/contract-costs/{cost['id']}/impair", body)
    assert (told["impaired"]["amount"], told["carrying"]["amount"]) == ("1200.00", "0.00")
    again = await desk.world.post("finance", f"/v1/contract-costs/{cost['id']}/impair", body, expect=409)
    assert again["code"] == "nothing_to_charge"
    assert (await amortise(desk, "2026-M06", expect=409))["code"] == "nothing_to_charge"


async def test_a_run_is_capitalised_once_when_it_is_posted_and_a_policy_stands(desk: Desk) -> None:
    await desk.sell("2026-01-10", "10000", "sam")
    run = await desk.posted("2026-Q1")
    path = f"/v1/compensation-runs/{run['id']}/capitalise"
    assert (await desk.world.post("finance", path, expect=409))["code"] == "no_cost_policy"
    await desk.world.post("finance", "/v1/cost-policies", POLICY)
    await desk.world.post("finance", path)
    assert (await desk.world.post("finance", path, expect=409))["code"] == "already_exists"
    other = await desk.calculate("2026-Q2")
    refused = await desk.world.post("finance", f"/v1/compensation-runs/{other['id']}/capitalise", expect=409)
    assert refused["code"] == "run_not_posted"
