"""The lean pool: never another tenant's row, no hang, and no request lost to a server that was restarted."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from app.database.pool import ReadPool
from app.domain.kernel.errors import DomainError

A, B = UUID(int=1), UUID(int=2)
ROLE = {"role": "palier_app"}
NAMES = "select coalesce(string_agg(name, ',' order by name), '') from organisation"
OTHERS = "from pg_stat_activity where pid <> pg_backend_pid()"
PID = "select pg_backend_pid()"


@pytest.fixture
async def owner(database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database)
    await connection.executemany(
        "insert into organisation (org_id, name, currency) values ($1, $2, 'EUR')", [(A, "a"), (B, "b")]
    )
    yield connection
    await connection.close()


@pytest.fixture
async def pool(database: str, owner: asyncpg.Connection) -> AsyncIterator[ReadPool]:
    pool = ReadPool(database, size=2, settings=ROLE, wait_timeout=1, statements=3)
    yield pool
    await pool.close()


async def value(pool: ReadPool, org: UUID, sql: str, *arguments: object) -> object:
    row = await pool.row(org, sql, arguments)
    assert row is not None
    return row[0]


@pytest.mark.parametrize("prepared", [True, False])
async def test_a_connection_shows_only_the_tenant_it_is_used_for(
    database: str, owner: asyncpg.Connection, prepared: bool
) -> None:
    pool = ReadPool(database, size=1, settings=ROLE, prepared=prepared)
    seen = [await value(pool, org, NAMES) for org in (A, A, B, A, UUID(int=3), B)]
    assert seen == ["a", "a", "b", "a", "", "b"]
    assert pool.open_connections == 1
    await pool.close()


async def test_the_tenant_is_right_under_concurrency(pool: ReadPool) -> None:
    orgs = [A, B, B, A, A, B] * 20
    assert await asyncio.gather(*(value(pool, org, NAMES) for org in orgs)) == [
        "a" if org == A else "b" for org in orgs
    ]
    assert pool.open_connections == 2


async def test_a_tenant_that_could_not_be_set_is_never_read_as(
    database: str, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = ReadPool(database, size=1, settings=ROLE)
    assert await value(pool, A, NAMES) == "a"
    lane = pool._free[0]
    with monkeypatch.context() as broken:
        broken.setattr("app.database.pool._SET_TENANT", "select 1 / (length($1) - length($1))")
        with pytest.raises(asyncpg.DivisionByZeroError):
            await value(pool, B, NAMES)
    assert lane.tenant is None
    assert await value(pool, B, NAMES) == "b"
    await pool.close()


@pytest.mark.parametrize("prepared", [True, False])
async def test_reads_are_in_utc_as_the_application_role_and_change_nothing(
    database: str, owner: asyncpg.Connection, prepared: bool
) -> None:
    pool = ReadPool(database, size=1, settings={**ROLE, "statement_timeout": "150"}, prepared=prepared)
    assert await value(pool, A, "select current_user || current_setting('timezone')") == "palier_appUTC"
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await pool.row(A, "with gone as (delete from principal returning 1) select count(*) from gone", ())
    with pytest.raises(asyncpg.QueryCanceledError):
        await pool.row(A, "select pg_sleep(5)", ())
    assert await value(pool, A, NAMES) == "a"
    assert pool.open_connections == 1
    await pool.close()


async def test_a_refused_statement_leaves_the_connection_as_good_as_before(pool: ReadPool) -> None:
    before = await value(pool, A, PID)
    with pytest.raises(asyncpg.UndefinedTableError):
        await pool.row(A, "select * from nowhere", ())
    with pytest.raises(asyncpg.DataError):
        await pool.row(A, "select $1::int", ("text",))
    assert await value(pool, A, PID) == before


async def test_connections_cut_by_the_server_are_replaced_without_the_caller_noticing(
    pool: ReadPool, owner: asyncpg.Connection
) -> None:
    await asyncio.gather(*(pool.row(A, "select pg_sleep(0.05)", ()) for _ in range(2)))
    cut = f"select count(pg_terminate_backend(pid)) {OTHERS} and datname = current_database()"
    assert await owner.fetchval(cut) == 2
    assert await asyncio.gather(*(value(pool, org, NAMES) for org in (A, B))) == ["a", "b"]
    assert pool.open_connections <= 2


async def test_a_read_cut_in_the_middle_is_asked_again_once(pool: ReadPool, owner: asyncpg.Connection) -> None:
    cut = f"select pg_terminate_backend(pid) {OTHERS} and query like '%pg_sleep(0.4)%'"
    slow = asyncio.create_task(pool.row(A, "select 7 from pg_sleep(0.4)", ()))
    await asyncio.sleep(0.15)
    await owner.execute(cut)
    row = await slow
    assert row is not None
    assert row[0] == 7
    slow = asyncio.create_task(pool.row(A, "select 7 from pg_sleep(0.4)", ()))
    for _ in range(2):
        await asyncio.sleep(0.15)
        await owner.execute(cut)
    with pytest.raises(DomainError) as refused:
        await slow
    assert refused.value.code == "unavailable"
    assert await value(pool, A, NAMES) == "a"


async def test_a_server_out_of_reach_is_unavailable(database: str) -> None:
    pool = ReadPool("postgresql://nobody@127.0.0.1:1/none", connect_timeout=1)
    with pytest.raises(DomainError) as refused:
        await pool.row(A, PID, ())
    assert refused.value.code == "unavailable"
    assert pool.open_connections == 0


async def test_waiting_for_a_connection_ends_in_time(database: str, owner: asyncpg.Connection) -> None:
    pool = ReadPool(database, size=1, wait_timeout=0.2)
    slow = asyncio.create_task(pool.row(A, "select pg_sleep(0.6)", ()))
    await asyncio.sleep(0.1)
    with pytest.raises(DomainError) as refused:
        await pool.row(A, PID, ())
    assert refused.value.code == "unavailable"
    await slow
    assert await pool.row(A, PID, ()) is not None
    await pool.close()


async def test_whoever_gives_up_waiting_or_reading_loses_no_connection(pool: ReadPool) -> None:
    for delay in (0, 0.001, 0.01, 0.02):
        tasks = [asyncio.create_task(pool.row(A, "select pg_sleep(0.02)", ())) for _ in range(8)]
        await asyncio.sleep(delay)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert await asyncio.gather(*(value(pool, org, NAMES) for org in (A, B) * 4)) == ["a", "b"] * 4
    assert pool.open_connections <= 2


async def test_the_connection_used_last_or_in_the_tenant_is_used_next(pool: ReadPool) -> None:
    slow = f"{PID} from pg_sleep(0.05)"
    pids = await asyncio.gather(*(value(pool, org, slow) for org in (A, B)))
    assert len(set(pids)) == 2
    for _ in range(2):
        assert [await value(pool, A, PID), await value(pool, B, PID)] == pids


async def test_prepared_statements_are_kept_and_bounded(pool: ReadPool) -> None:
    count = "select count(*) from pg_prepared_statements"
    for n in range(10):
        assert await value(pool, A, f"select {n}") == n
    assert len(pool._free[0].statements) == 3
    assert int(str(await value(pool, A, count))) <= 4


async def test_a_closed_pool_refuses(database: str, owner: asyncpg.Connection) -> None:
    pool = ReadPool(database, size=1)
    slow = asyncio.create_task(pool.row(A, "select pg_sleep(0.2)", ()))
    await asyncio.sleep(0.1)
    waiting = asyncio.create_task(pool.row(A, PID, ()))
    await asyncio.sleep(0)
    await pool.close()
    with pytest.raises(DomainError):
        await waiting
    assert await slow is not None
    assert pool.open_connections == 0
    with pytest.raises(DomainError):
        await pool.row(A, PID, ())
