"""Transactions are read from the database once and kept as columns; a month is read again when it became another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.domain.compensation import columnar_copy
from tests.domain.compensation.desk import Desk
from tests.domain.compensation.upheaval import correct


class Copies:
    """The files of the copy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self) -> list[Path]:
        """Oldest first."""
        return sorted(self._folder.rglob("transactions/*/*.parquet"), key=lambda file: file.stat().st_mtime)

    def now(self) -> dict[str, tuple[str, int]]:
        """Of each month the name of the file used last, and what tells that it was written anew."""
        return {file.name[:7]: (file.name, file.stat().st_ino) for file in self.files()}

    def remove(self) -> None:
        for file in self.files():
            file.unlink()


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    return Copies(tmp_path)


async def test_only_months_that_became_others_are_read_again(desk: Desk, copies: Copies) -> None:
    deal = await desk.sell("2026-01-10", "1000.0001", "sam", "sue", shares=("0.3", "0.7"), quantity="3")
    await desk.sell("2026-02-10", "2000", "sam")
    await desk.calculate("2026-M02", "preview")
    first = copies.now()
    await desk.sell("2026-02-11", "3000", "sue")
    await desk.calculate("2026-M02", "preview")
    longer = copies.now()
    await correct(desk, deal)
    before = await desk.calculate("2026-M02", "preview")
    corrected = copies.now()
    copies.remove()
    after = await desk.calculate("2026-M02", "preview")

    assert list(first) == ["2026-01", "2026-02"]
    assert (longer["2026-01"], longer["2026-02"] == first["2026-02"]) == (first["2026-01"], False)
    assert (corrected["2026-01"] == first["2026-01"], corrected["2026-02"]) == (False, longer["2026-02"])
    assert after["digests"] == before["digests"]
    assert {file.parent.name for file in copies.files()} == {str(desk.world.org_id)}


async def test_a_month_is_another_with_other_margins_and_with_what_was_committed_late(
    desk: Desk, copies: Copies
) -> None:
    product = {"code": "P", "name": "P", "margin": "0.4", "effective_from": "2026-01-01"}
    path = f"/v1/products/{(await desk.world.post('sales_ops', '/v1/products', product))['id']}"
    await desk.sell("2026-01-10", "1000", "sam", product_id=path.rsplit("/", 1)[1])
    first = await desk.calculate("2026-M01", "preview")
    await desk.change("sales_ops", path, margin="0.5")
    # Ids say when a transaction was begun, not when it was committed.
    async with desk.world.operations.transaction(desk.world.actor("comp_admin")) as tx:
        row = "'00000000-0000-7000-8000-000000000001', 'booking', date '2026-01-05', 500, 'EUR'"
        columns = "org_id, id, kind, transaction_date, amount, currency"
        await tx.session.execute(
            sa.text(f"insert into transaction ({columns}) values (:org, {row})"), {"org": tx.org_id}
        )
    second = await desk.calculate("2026-M01", "preview")
    assert (first["counts"]["snapshot"], second["counts"]["snapshot"]) == (1, 2)
    assert [set(pq.read_table(file).column("margin").to_pylist()) for file in copies.files()] == [
        {Decimal(400)},
        {Decimal(500), None},
    ]


ACCOUNTS, PRODUCTS = [uuid4() for _ in range(3)], [uuid4() for _ in range(3)]
AMOUNTS = st.one_of(
    st.sampled_from([Decimal(text) for text in ("0", "-0.0001", "10000000000000", "1E+2", "-99999999999999.9999")]),
    st.decimals(Decimal("-99999999999999.9999"), Decimal("99999999999999.9999"), places=4),
)
ROWS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["booking", "invoice", "payment", "return", "takeback"]),
        "account_id": st.sampled_from([None, *ACCOUNTS]),
        "product_id": st.sampled_from([None, *PRODUCTS]),
        "transaction_date": st.dates(date(2026, 1, 1), date(2026, 4, 30)),
        "amount": AMOUNTS,
        "margin": st.none() | AMOUNTS,
        "quantity": st.none() | AMOUNTS,
        "currency": st.sampled_from(["EUR", "USD", "JPY"]),
    }
)
FACTS: dict[str, Any] = {
    "kinds": ["booking", "invoice", "payment", "return"],
    "fiscal_year": 2026,
    "reach_start": date(2026, 1, 1),
    "end_date": date(2026, 4, 1),
}

INSERT = """
insert into transaction (org_id, id, kind, account_id, product_id, transaction_date, amount, margin, quantity, currency,
                         supersedes_id, correction_reason, returns_id)
values (:org_id, :transaction_id, :kind, :account_id, :product_id, :transaction_date, :amount, :margin, :quantity,
        :currency, :old, :reason, :back)
"""


@pytest.mark.parametrize("connections", [1, 2])
async def test_every_value_arrives_as_it_is_stored_but_for_what_is_superseded_or_later(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, connections: int
) -> None:
    monkeypatch.setattr(columnar_copy, "_MANY", 0 if connections == 2 else 10**9)
    rows: list[dict[str, Any]] = []

    @settings(max_examples=400, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(ROWS)
    def collect(row: dict[str, Any]) -> None:
        rows.append({"transaction_id": uuid4(), **row})

    collect()
    corrected = rows[:20]
    rows += [row | {"transaction_id": uuid4(), "amount": -row["amount"]} for row in corrected]
    supersedes = {row["transaction_id"]: old["transaction_id"] for row, old in zip(rows[-20:], corrected, strict=True)}
    async with desk.world.operations.transaction(desk.world.actor("comp_admin")) as tx:
        for id in ACCOUNTS:
            await tx.execute(
                "insert into account (org_id, id, name, currency) values (:org_id, :id, 'A', 'EUR')", id=id
            )
        for id in PRODUCTS:
            await tx.execute(
                "insert into product (org_id, id, code, name, currency, effective_from)"
                " values (:org_id, :id, :code, 'P', 'EUR', date '2020-01-01')",
                id=id,
                code=str(id)[:8],
            )
        for row in rows:
            old = supersedes.get(row["transaction_id"])
            back = row["kind"] == "takeback"
            values = {**row, "kind": "return" if back else row["kind"], "old": old, "reason": old and "Typo"}
            await tx.execute(INSERT, **values, back=rows[0]["transaction_id"] if back else None)
    async with desk.world.operations.transaction(desk.world.actor("comp_admin"), snapshot=True) as tx:
        copy = await columnar_copy.copied(tx, FACTS, await columnar_copy.months(tx, FACTS), tmp_path)
    found = pa.concat_tables([pq.read_table(file) for file in copy.files]).to_pylist()
    wanted = [row for row in rows[20:] if row["transaction_date"] < FACTS["end_date"]]
    assert len(copy.files) == 3
    assert {row["transaction_id"]: row for row in found} == {row["transaction_id"]: row for row in wanted}
    assert len(found) == len(wanted)


async def test_a_connection_beside_sees_the_same_instant_and_no_other_organisation(desk: Desk) -> None:
    await desk.sell("2026-01-10", "1000", "sam")
    actor = desk.world.actor("comp_admin")
    stranger = replace(actor, org_id=uuid4())
    count = "select count(*) from transaction"
    async with desk.world.operations.transaction(actor, snapshot=True) as tx:
        assert await tx.value(count) == 1
        await desk.sell("2026-01-11", "2000", "sam")
        async with tx.beside() as other:
            assert other is not None
            assert await other.value(count) == 1
    async with desk.world.operations.transaction(stranger, snapshot=True) as tx, tx.beside() as other:
        assert other is not None
        assert await other.value(count) == 0
