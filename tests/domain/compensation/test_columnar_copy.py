"""Transactions are read from the database once and kept as columns; a month is read again when it became another."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from tests.domain.compensation.desk import Desk
from tests.domain.compensation.test_crediting import patch
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
    await patch(desk, path, "sales_ops", margin="0.5")
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
