"""How fast transactions leave the database: into the copy that runs read, and row by row as programs usually read."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import sqlalchemy as sa

from app.domain.compensation import columnar_copy
from app.domain.kernel.scope import Actor
from app.domain.organisation.founding import found_organisation
from app.operations import trusted
from app.service import Service
from app.settings import Settings

_YEAR = 2026
_NEW = 10_000
_FACTS: Mapping[str, Any] = {
    "kinds": ["booking", "return"],
    "fiscal_year": _YEAR,
    "reach_start": date(_YEAR, 1, 1),
    "end_date": date(_YEAR + 1, 1, 1),
}
_FILL = """
insert into transaction (org_id, id, kind, account_id, product_id, transaction_date, amount, quantity, currency)
select $1, uuidv7(), case when n % 33 = 0 then 'return' else 'booking' end, cast(md5('a' || n % 200000) as uuid),
       cast(md5('p' || n % 400) as uuid), date '2026-01-01' + cast(n * 365 / $2 as int),
       (100 + n * 7919 % 100000) / 100.0, 1 + n % 9, 'EUR'
from generate_series(cast(0 as bigint), cast($2 as bigint) - 1) n
"""
_MORE = """
insert into transaction (org_id, id, kind, transaction_date, amount, currency)
select $1, uuidv7(), 'booking', date '2026-12-30', n, 'EUR' from generate_series(1, $2) n
"""


@dataclass(frozen=True)
class Extraction:
    """Seconds to read all transactions, to read again after some more, and a row's by the ordinary way."""

    whole: float
    after_new: float
    ordinary_row: float


async def measured(dsn: str, folder: Path, count: int) -> Extraction:
    """Fill an empty database and read it."""
    service = Service(Settings(data_dir=folder, rate_limit=0, statement_timeout=600), dsn)
    actor = (await found_organisation(service.operations.transaction, "Benchmark", "EUR")).actor
    year = service.catalogue.commands["create_fiscal_year"]
    terms = year.body.model_validate({"fiscal_year": _YEAR, "start_date": _FACTS["reach_start"]})
    await service.operations.perform(actor, trusted(year, terms))
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("select set_config('palier.org_id', $1, false)", str(actor.org_id))
        # The rules of the tables are not what is measured.
        await connection.execute("set session_replication_role = replica")
        await connection.execute(_FILL, actor.org_id, count)
        await connection.execute("vacuum analyze transaction")
        whole = await _copied(service, actor, folder)
        await connection.execute(_MORE, actor.org_id, _NEW)
        after_new = await _copied(service, actor, folder)
        return Extraction(whole, after_new, await _row_by_row(service, actor, count // 12))
    finally:
        await connection.close()
        await service.close()


async def _copied(service: Service, actor: Actor, folder: Path) -> float:
    begun = time.perf_counter()
    async with service.operations.transaction(actor, snapshot=True) as tx:
        await tx.execute("set local statement_timeout = 0")
        await columnar_copy.copied(tx, _FACTS, await columnar_copy.months(tx, _FACTS), folder)
    return time.perf_counter() - begun


async def _row_by_row(service: Service, actor: Actor, count: int) -> float:
    """Seconds a row takes that becomes a mapping, in portions of a server-side cursor."""
    columns = "id, kind, account_id, product_id, transaction_date, amount, margin, quantity, currency"
    begun = time.perf_counter()
    async with service.operations.transaction(actor) as tx:
        found = await tx.session.stream(sa.text(f"select {columns} from transaction limit {count}"))
        async for rows in found.mappings().partitions(20_000):
            _ = [dict(row) for row in rows]
    return (time.perf_counter() - begun) / count
