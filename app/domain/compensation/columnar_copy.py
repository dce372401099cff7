"""The transactions of an organisation as Parquet, one file per fiscal month. Only the worker imports this.

A file is known by what is in it: the month, the ids of its transactions (which never change themselves), and what else
decides about its rows. So a month is read again only when a transaction came, was corrected or is left out, in whatever
order that was committed, and files that went missing are made again.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import RowMapping

from app.domain.compensation.calculation.inputs import RELATIONS, Copy
from app.domain.compensation.calculation.loading import write_copy
from app.domain.compensation.packed_columns import packed, unpacked
from app.domain.kernel.scope import Tx

# One deal may be booked, invoiced and paid: only the events some component names count, and what takes back. What is
# superseded is looked up among those ids; as an array they are gathered once, and of no size that a plan depends on.
COUNTS = (
    "t.org_id = :org_id and t.kind = any(:kinds) and t.id not in (select unnest(array("
    "select supersedes_id from transaction where org_id = :org_id and supersedes_id is not null)))"
)
_MONTHS = f"""
select m.start_date, m.end_date, found.*,
       (select coalesce(bit_xor(hashtextextended(id || ' ' || margin, 0)), 0) from product
        where org_id = :org_id and margin is not null) as margins
from fiscal_period m
cross join lateral (
  select count(*) as rows, bit_xor(uuid_hash_extended(t.id, 0)) as ids,
         bit_xor(uuid_hash_extended(t.id, 1)) as other_ids
  from transaction t
  where {COUNTS} and t.transaction_date >= greatest(m.start_date, :reach_start)
    and t.transaction_date < least(m.end_date, :end_date)
) found
where m.org_id = :org_id and m.kind = 'month' and m.fiscal_year <= :fiscal_year
  and m.end_date > :reach_start and m.start_date < :end_date and found.rows > 0
order by m.start_date
"""
# Without a margin of its own a sale has its product's.
_VALUES = {
    "transaction_id": "t.id",
    "kind": "case when t.returns_id is null then t.kind else 'takeback' end",
    "account_id": "t.account_id",
    "product_id": "t.product_id",
    "amount": "t.amount",
    "margin": "coalesce(t.margin, round(t.amount * sold.margin, 4))",
    "quantity": "t.quantity",
    "currency": "t.currency",
}
_PACKED = [column for column in RELATIONS["transaction"] if column.name in _VALUES]
# A block for each day: what it strings together stays in the cache of the processor.
_BLOCKS = f"""
select day.transaction_date, block.*
from (select cast(:start_date as date) + n as transaction_date
      from generate_series(0, cast(:end_date as date) - cast(:start_date as date) - 1) n) day
cross join lateral (
  select count(*) as rows, {", ".join(f"{packed(column, _VALUES[column.name])} as {column.name}" for column in _PACKED)}
  from transaction t
  left join product sold on sold.org_id = t.org_id and sold.id = t.product_id and sold.margin is not null
  where {COUNTS} and t.transaction_date = day.transaction_date
) block
where block.rows > 0
"""
PATIENCE = (
    "select set_config('statement_timeout', '0', true), set_config('idle_in_transaction_session_timeout', '0', true)"
)
"""For transactions that may read for longer than a request."""
_MANY = 100_000
"""Transactions that are worth another connection."""
_UNUSED_DAYS = 30


@dataclass(frozen=True)
class Month:
    """A month of the window that has transactions; `known_by` differs when they do."""

    start: date
    end: date
    rows: int
    known_by: str


async def months(tx: Tx, facts: Mapping[str, Any]) -> list[Month]:
    """The months of the window, in order; `facts` are those that `copied` reads."""
    named = ("kinds", "fiscal_year", "reach_start", "end_date")
    found = await tx.rows(_MONTHS, **{name: facts[name] for name in named})
    columns = ",".join(column.name for column in RELATIONS["transaction"])
    return [
        Month(row["start_date"], row["end_date"], row["rows"], _digest(_BLOCKS, columns, facts["kinds"], *row.values()))
        for row in found
    ]


async def copied(tx: Tx, facts: Mapping[str, Any], wanted: list[Month], artifacts: Path) -> Copy:
    """The transactions of some months as files; those that are not there yet are written.

    Raises:
        InvalidInputs: A month holds what cannot be calculated.
    """
    folder = artifacts / "transactions" / str(tx.org_id)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    files = tuple(folder / f"{month.start}-{month.known_by[:32]}.parquet" for month in wanted)
    missing = [
        (month, file)
        for month, file in zip(wanted, files, strict=True)
        if not await asyncio.to_thread(_still_there, file)
    ]
    left = iter(missing)

    async def read(reader: Tx) -> None:
        for month, file in left:
            blocks = await reader.rows(_BLOCKS, kinds=facts["kinds"], start_date=month.start, end_date=month.end)
            await asyncio.to_thread(_write, blocks, file)

    if sum(month.rows for month, _ in missing) < _MANY:
        await read(tx)
        return Copy(files)
    # One month is written while another is read.
    async with tx.beside() as other:
        if other:
            await other.execute(PATIENCE)
        failed = await asyncio.gather(*(read(reader) for reader in (tx, other) if reader), return_exceptions=True)
    for error in filter(None, failed):
        raise error
    return Copy(files)


def _write(blocks: Sequence[RowMapping], file: Path) -> None:
    with TemporaryDirectory(dir=file.parent) as scratch:
        written = Path(scratch) / file.name
        write_copy(_table(blocks), written)
        written.replace(file)
    _forget(file)


def _table(blocks: Sequence[RowMapping]) -> pa.Table:
    columns = {column.name: unpacked(column, [block[column.name] for block in blocks]) for column in _PACKED}
    days = np.array([block["transaction_date"] for block in blocks], "datetime64[D]")
    columns["transaction_date"] = pa.array(days.repeat([block["rows"] for block in blocks]))
    return pa.table({column.name: columns[column.name] for column in RELATIONS["transaction"]})


def _still_there(file: Path) -> bool:
    try:
        os.utime(file)
    except FileNotFoundError:
        return False
    return True


def _forget(file: Path) -> None:
    """Remove what the month was before; runs that used it hold it under a name of their own."""
    long_ago = time.time() - _UNUSED_DAYS * 86_400
    for other in file.parent.glob(f"{file.name[:10]}-*.parquet"):
        if other.stat().st_mtime < long_ago:
            other.unlink(missing_ok=True)


def _digest(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
