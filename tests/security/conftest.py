from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from tests.security.rows import Rows


@pytest.fixture
async def rows(database: str) -> AsyncIterator[Rows]:
    owner = await asyncpg.connect(database)
    yield Rows(owner)
    await owner.close()


@pytest.fixture
async def app_connection(database: str) -> AsyncIterator[Any]:
    """A connection as requests have it: the role without ownership, and no organisation chosen."""
    connection = await asyncpg.connect(database, server_settings={"role": "palier_app"})
    yield connection
    await connection.close()
