"""A pay desk per test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.domain.compensation.desk import Desk
from tests.world import fiscal_year, make_world


@pytest.fixture
async def desk(database: str, tmp_path: Path) -> AsyncIterator[Desk]:
    async with make_world(database, tmp_path) as world:
        desk = Desk(world, await fiscal_year(world))
        await desk.publish()
        await desk.quota("sam", "120000")
        await desk.quota("sue", "120000")
        yield desk
