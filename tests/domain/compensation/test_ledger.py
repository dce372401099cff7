"""What the database itself guarantees of the ledger, whoever writes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from app.domain.kernel.errors import DomainError
from tests.domain.compensation.desk import Desk


@asynccontextmanager
async def refused(code: str) -> AsyncIterator[None]:
    with pytest.raises((DomainError, IntegrityError)) as caught:
        yield
    assert code in str(getattr(caught.value, "facts", "")) + str(caught.value)


async def run_of(desk: Desk) -> Any:
    await desk.sell("2026-02-10", "10000", "sam")
    return await desk.posted("2026-Q1")


async def execute(desk: Desk, sql: str) -> None:
    async with desk.world.operations.transaction(desk.world.actor("finance")) as tx:
        await tx.execute(sql)


async def test_debit_and_credit_of_a_journal_are_equal(desk: Desk) -> None:
    await run_of(desk)
    async with refused("journal_balances"):
        await execute(
            desk,
            "insert into ledger_entry (org_id, journal_id, seller_id, account, debit, credit, currency)"
            " select org_id, journal_id, seller_id, account, 1, 0, currency from ledger_entry"
            " where org_id = :org_id and account = 'commission_expense'",
        )


@pytest.mark.parametrize("table", ["ledger_entry", "journal", "statement", "earning", "credit", "run_finding"])
async def test_what_was_posted_is_neither_changed_nor_deleted(desk: Desk, table: str) -> None:
    await run_of(desk)
    for change in (f"update {table} set id = id", f"delete from {table}"):
        # The application's role lacks the privilege; the owner would meet the trigger.
        with pytest.raises(DomainError) as caught:
            await execute(desk, f"{change} where org_id = :org_id")
        assert caught.value.code == "not_found"


async def test_a_posted_run_stays_as_it_is(desk: Desk) -> None:
    run = await run_of(desk)
    for change in ("digest = 'other'", "state = 'approved'", "kind = 'preview'"):
        async with refused("compensation_run_immutable"):
            await execute(desk, f"update compensation_run set {change} where org_id = :org_id")
    again = await desk.world.post("finance", f"/v1/compensation-runs/{run['id']}/post", expect=409)
    assert again["code"] == "illegal_transition"


async def test_a_return_that_takes_back_what_was_posted_stands_on_the_other_side_and_is_carried(desk: Desk) -> None:
    await run_of(desk)
    await desk.sell("2026-05-01", "-10000", "sam")
    run = await desk.take(await desk.posted("2026-Q2"), "pay")
    (journal,) = await desk.items("finance", "/v1/journals", run_id=run["id"], kind="posting")
    entries = await desk.items("finance", "/v1/ledger-entries", journal_id=journal["id"])
    told = {(entry["account"], entry["debit"]["amount"], entry["credit"]["amount"]) for entry in entries}
    assert told == {
        ("commission_expense", "0.00", "500.00"),
        ("commissions_payable", "500.00", "0.00"),
        ("clawback_receivable", "500.00", "0.00"),
        ("commissions_payable", "0.00", "500.00"),
    }
    assert await desk.items("finance", "/v1/payments", run_id=run["id"]) == []
