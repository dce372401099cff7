"""A PostgreSQL server of its own for one run: the embedded one, in a temporary folder."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from app.database import migrate
from app.database.embedded import EmbeddedServer


@contextmanager
def fresh_database(*, durable: bool) -> Iterator[tuple[str, Path]]:
    """The address of a migrated empty database, and a folder for whatever else the run needs.

    Not `durable`, a commit does not wait for the disk: what is left is the work of the peers.
    """
    with tempfile.TemporaryDirectory(prefix="palier-bench-") as name, EmbeddedServer(Path(name)) as server:
        dsn = server.dsn("benchmark")
        asyncio.run(migrate.ensure_database(dsn))
        asyncio.run(migrate.upgrade(dsn))
        # As the product's own sessions have it; the peers shall not plan worse.
        asyncio.run(_set(dsn, "random_page_cost = 1.1"))
        if not durable:
            asyncio.run(_set(dsn, "synchronous_commit = off"))
        yield dsn, Path(name)


async def _set(dsn: str, setting: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(f"alter database benchmark set {setting}")
    finally:
        await connection.close()
