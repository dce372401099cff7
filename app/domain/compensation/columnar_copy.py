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
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.domain.compensation.bulk_reading import write_csv
from app.domain.compensation.calculation.inputs import RELATIONS, Copy
from app.domain.compensation.calculation.loading import write_copy
from app.domain.kernel.scope import Tx

# One deal may be booked, invoiced and paid: only the events some component names count, and what takes back.
# Few are superseded: saying that those are meant spares looking at all others.
COUNTS = (
    "t.org_id = :org_id and t.kind = any(:kinds) and not exists (select from transaction later"
    " where later.org_id = t.org_id and later.supersedes_id = t.id and later.supersedes_id is not null)"
)
_MONTHS = f"""
select m.start_date, m.end_date, count(*) as rows, bit_xor(uuid_hash_extended(t.id, 0)) as ids,
       bit_xor(uuid_hash_extended(t.id, 1)) as other_ids,
       (select coalesce(bit_xor(hashtextextended(id || ' ' || margin, 0)), 0) from product
        where org_id = :org_id and margin is not null) as margins
from transaction t
join fiscal_period m on m.org_id = t.org_id and m.kind = 'month' and m.fiscal_year <= :fiscal_year
 and t.transaction_date >= m.start_date and t.transaction_date < m.end_date
where {COUNTS} and t.transaction_date >= :reach_start and t.transaction_date < :end_date
group by m.start_date, m.end_date order by m.start_date
"""
# Without a margin of its own a sale has its product's.
_ROWS = f"""
select t.id as transaction_id, case when t.returns_id is null then t.kind else 'takeback' end as kind, t.account_id,
       t.product_id, t.transaction_date, t.amount, coalesce(t.margin, round(t.amount * sold.margin, 4)) as margin,
       t.quantity, t.currency
from transaction t
left join product sold on sold.org_id = t.org_id and sold.id = t.product_id
where {COUNTS} and t.transaction_date >= :start_date and t.transaction_date < :end_date
"""
_UNUSED_DAYS = 30


@dataclass(frozen=True)
class Month:
    """A month of the window that has transactions; `known_by` differs when they do."""

    start: date
    end: date
    known_by: str


async def months(tx: Tx, facts: Mapping[str, Any]) -> list[Month]:
    """The months of the window, in order; `facts` are those that `copied` reads."""
    named = ("kinds", "fiscal_year", "reach_start", "end_date")
    found = await tx.rows(_MONTHS, **{name: facts[name] for name in named})
    columns = ",".join(column.name for column in RELATIONS["transaction"])
    return [
        Month(row["start_date"], row["end_date"], _digest(_ROWS, columns, facts["kinds"], *row.values()))
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
    with TemporaryDirectory(dir=folder) as scratch:
        writing: asyncio.Future[None] | None = None
        try:
            for number, (month, file) in enumerate(missing):
                rows = Path(scratch) / f"{number}.csv"
                values = {"kinds": facts["kinds"], "start_date": month.start, "end_date": month.end}
                await write_csv(tx, _ROWS, values, rows)
                # One month is written while the next is read.
                if writing:
                    await writing
                writing = asyncio.ensure_future(asyncio.to_thread(_write, rows, file))
        finally:
            if writing:
                await writing
    return Copy(files)


def _write(rows: Path, file: Path) -> None:
    written = rows.with_suffix(".parquet")
    write_copy(rows, written)
    rows.unlink()
    written.replace(file)
    _forget(file)


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
