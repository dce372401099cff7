"""A PostgreSQL server of its own for one run: the embedded one, as durable as in production, in a temporary folder."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.database import migrate
from app.database.embedded import EmbeddedServer


@contextmanager
def fresh_database() -> Iterator[tuple[str, Path]]:
    """The address of a migrated empty database, and a folder for whatever else the run needs."""
    with tempfile.TemporaryDirectory(prefix="palier-bench-") as name, EmbeddedServer(Path(name)) as server:
        dsn = server.dsn("benchmark")
        asyncio.run(migrate.ensure_database(dsn))
        asyncio.run(migrate.upgrade(dsn))
        yield dsn, Path(name)
