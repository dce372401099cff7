"""A small demo: loaded once through the commands, with every workflow in every state."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from app.demo import load
from app.demo.keys import DemoKeys
from app.demo.load import NAME, load_demo
from app.demo.people import Demo
from app.demo.stages import organisation
from app.domain.catalogue import collect
from app.domain.compensation.contract.runs import CompensationRunState
from app.domain.kernel.permissions import Role
from app.main import create_app
from app.service import Service
from app.settings import Settings

PASSING = {"compensation_run": {CompensationRunState.QUEUED, CompensationRunState.CALCULATING}}
"""States that nothing stays in: the worker leads out of them. Their history shows that they were passed."""
SCALE = 0.02
MACHINES = collect().machines


class _Shown:
    """Remembers what a loading shows."""

    def __init__(self) -> None:
        self.steps: list[tuple[int, int, str]] = []

    def __call__(self, done: int, total: int, text: str) -> None:
        self.steps.append((done, total, text))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def shown(module_database: str, folder: Path) -> _Shown:
    """What the loading showed; everything below looks at what it left."""
    seen = _Shown()
    asyncio.run(_load(module_database, folder, seen))
    return seen


async def _load(dsn: str, folder: Path, show: Any) -> None:
    service = Service(Settings(data_dir=folder), dsn)
    try:
        await load_demo(service, DemoKeys(folder), show, scale=SCALE)
    finally:
        await service.close()


@pytest.fixture
async def connection(module_database: str, shown: _Shown) -> Any:
    connection = await asyncpg.connect(module_database)
    yield connection
    await connection.close()


@pytest.mark.parametrize(
    ("machine", "state"), [(machine.name, str(state)) for machine in MACHINES.values() for state in machine.states]
)
async def test_every_workflow_is_in_every_state_somewhere(connection: Any, machine: str, state: str) -> None:
    if state in PASSING.get(machine, ()):
        sql = "select 1 from transition where machine = $1 and to_state = $2"
        assert await connection.fetchval(sql, machine, state)
    else:
        assert await connection.fetchval(f"select 1 from {machine} where state = $1", state)


async def test_progress_only_grows_and_ends_at_the_whole(shown: _Shown) -> None:
    done = [step[0] for step in shown.steps]
    assert done == sorted(done)
    assert shown.steps[-1][0] == shown.steps[-1][1]


async def test_every_job_came_to_its_end(connection: Any) -> None:
    found = {row["state"] for row in await connection.fetch("select state from job")}
    assert found == {"succeeded", "cancelled"}


async def test_quotas_add_up_to_what_was_cut(connection: Any) -> None:
    found = await connection.fetch(
        "select a.assigned, sum(r.amount_after) as amounts from allocation a join quota q on q.allocation_id = a.id"
        " join quota_revision r on r.quota_id = q.id and r.action = 'allocate' group by a.id, a.assigned"
    )
    assert len(found) == 3
    assert all(row["assigned"] == row["amounts"] for row in found)


async def test_most_of_what_was_sold_is_credited(connection: Any) -> None:
    sql = """
        with paid as (
          select run.id, period.end_date from compensation_run run
          join fiscal_period period on period.id = run.period_id where run.state = 'posted'
        ), sold as (
          select t.id, t.amount from transaction t join paid on t.transaction_date < paid.end_date
          where t.currency = 'EUR' and not exists (select from transaction later where later.supersedes_id = t.id)
        )
        select (select sum(credit.amount) from credit join paid on paid.id = credit.run_id
                join sold on sold.id = credit.transaction_id) / (select sum(amount) from sold)
    """
    assert 0.9 < await connection.fetchval(sql) <= 1


async def test_what_an_inquiry_came_to_is_on_the_next_statement(connection: Any) -> None:
    sql = "select sum(s.adjustments) from statement s join fiscal_period p on p.id = s.period_id where p.code like $1"
    assert [await connection.fetchval(sql, f"%-Q{n}") for n in (1, 2)] == [0, 960]


async def test_a_second_load_does_nothing(module_database: str, folder: Path, connection: Any) -> None:
    count = "select (select count(*) from event) + (select count(*) from organisation)"
    before, keys = await connection.fetchval(count), DemoKeys(folder).read()
    again = _Shown()
    await _load(module_database, folder, again)
    assert (await connection.fetchval(count), DemoKeys(folder).read(), again.steps) == (before, keys, [])


async def test_each_role_has_a_key_that_opens_its_door(module_database: str, folder: Path, shown: _Shown) -> None:
    service = Service(Settings(data_dir=folder, rate_limit=0), module_database)
    transport = httpx.ASGITransport(create_app(service))
    keys = DemoKeys(folder).read()
    assert list(keys) == [role for role in Role if role is not Role.INTEGRATION]
    async with httpx.AsyncClient(transport=transport, base_url="http://palier.test") as client:
        for key in keys.values():
            answer = await client.get("/v1/sellers", headers={"authorization": f"Bearer {key}"})
            assert (answer.status_code, bool(answer.json()["items"])) == (200, True)
        # The manager leads somebody; the seller has a quota and has been paid.
        theirs = await client.get("/v1/sellers", headers={"authorization": f"Bearer {keys['manager']}"})
        assert len(theirs.json()["items"]) > 1
        paid = await client.get("/v1/statements", headers={"authorization": f"Bearer {keys['seller']}"})
        assert len(paid.json()["items"]) == 2
        promised = await client.get("/v1/quotas?measure=revenue", headers={"authorization": f"Bearer {keys['seller']}"})
        assert [quota["state"] in ("accepted", "locked") for quota in promised.json()["items"]] == [True]
    await service.close()


async def test_a_lost_key_file_is_written_anew_without_another_demo(
    module_database: str, tmp_path: Path, connection: Any
) -> None:
    await _load(module_database, tmp_path, _Shown())
    assert len(DemoKeys(tmp_path).read()) == 7
    assert await connection.fetchval("select count(*) from organisation where name = $1", NAME) == 1


async def test_keys_of_another_database_are_replaced(module_database: str, tmp_path: Path, connection: Any) -> None:
    stale = dict.fromkeys(("admin", "sales_ops", "finance", "comp_admin", "manager", "seller", "viewer"), "palier_x")
    DemoKeys(tmp_path).write(stale)
    await _load(module_database, tmp_path, _Shown())
    assert "palier_x" not in DemoKeys(tmp_path).read().values()


async def test_after_a_loader_that_broke_off_the_next_one_begins_again(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(demo: Demo) -> None:
        raise RuntimeError

    stages = ((1, "hiring sellers", organisation.found),)
    monkeypatch.setattr(load, "_STAGES", (*stages, (1, "being killed", killed)))
    with pytest.raises(RuntimeError):
        await _load(database, tmp_path, _Shown())
    assert DemoKeys(tmp_path).read() == {}
    monkeypatch.setattr(load, "_STAGES", stages)
    await _load(database, tmp_path, _Shown())
    assert len(DemoKeys(tmp_path).read()) == 7
    connection = await asyncpg.connect(database)
    names = [row["name"] for row in await connection.fetch("select name from organisation order by created_at")]
    await connection.close()
    assert names == [f"{NAME} (unfinished)", NAME]
