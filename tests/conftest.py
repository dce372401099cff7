"""Databases for tests: real PostgreSQL, built by the real migrations, a fresh clone for whoever asks.

The server is an embedded one in a temporary folder, or the one `PALIER_TEST_DATABASE_URL` names. Under pytest-xdist the
main process owns it and hands its address to the workers.
"""

import asyncio
import functools
import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import starlette.routing
from hypothesis import HealthCheck, settings

from app.database import migrate
from app.database.embedded import EmbeddedServer

pytest_plugins = ("tests.filled",)

# A busy machine is no failure.
settings.register_profile("palier", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("palier")

# Every world has an application of its own, with the same six hundred paths.
starlette.routing.compile_path = functools.cache(starlette.routing.compile_path)

_LONGEST = {
    *("test_readme.py", "test_contract.py", "test_oracle.py", "test_planning_season.py"),
    *("test_engines.py", "test_slices.py", "test_trace.py", "test_differences.py"),
}
_MEMORY, _ROOM = "/dev/shm", 6 * 1024**3  # noqa: S108

# The key of the lock that lets one worker build the template while the others wait.
_TEMPLATE_LOCK = 4_180_226_907


def pytest_configure(config: pytest.Config) -> None:
    """Leave a place where the server is kept for the length of the session."""
    config.stash[_servers] = ExitStack()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker waits for it at the end."""
    items.sort(key=lambda item: item.path.name not in _LONGEST)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server, if this process started one."""
    config.stash[_servers].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Before xdist starts a worker, in the main process: give it the address of the template."""
    node.workerinput["template"] = _template_dsn(node.config)  # type: ignore[attr-defined]


_servers = pytest.StashKey[ExitStack]()
_template = pytest.StashKey[str]()


def _template_dsn(config: pytest.Config) -> str:
    """Address of this session's template database, which may not exist yet; starts the server the first time."""
    if hasattr(config, "workerinput"):
        return str(config.workerinput["template"])
    if _template not in config.stash:
        stack = config.stash[_servers]
        name = f"palier_test_{uuid.uuid4().hex[:12]}"
        given = os.environ.get("PALIER_TEST_DATABASE_URL")
        if given:
            config.stash[_template] = _renamed(given, name)
            stack.callback(lambda: asyncio.run(_drop(config.stash[_template])))
        else:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="palier-test-", dir=_in_memory()))
            server = stack.enter_context(EmbeddedServer(Path(folder), fast_unsafe=True))
            config.stash[_template] = server.dsn(name)
    return config.stash[_template]


def _in_memory() -> str | None:
    """Where files stay in memory, if there is room: most of a test's time went into copying its database."""
    return _MEMORY if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM else None


@pytest.fixture(scope="session")
def template_database(pytestconfig: pytest.Config) -> str:
    """DSN of an empty database at the newest migration. Clone it, do not connect to it."""
    dsn = _template_dsn(pytestconfig)
    asyncio.run(_build_template(dsn))
    return dsn


@pytest.fixture
def database(template_database: str) -> Iterator[str]:
    """DSN of a migrated empty database for one test."""
    with _clone(template_database) as dsn:
        yield dsn


@pytest.fixture(scope="module")
def module_database(template_database: str) -> Iterator[str]:
    """DSN of a migrated empty database shared by the tests of one module."""
    with _clone(template_database) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def session_database(template_database: str) -> Iterator[str]:
    """DSN of a migrated empty database shared by all tests; what uses it leaves it as it was."""
    with _clone(template_database) as dsn:
        yield dsn


@pytest.fixture
def empty_database(template_database: str) -> Iterator[str]:
    """DSN of a database without any schema, for tests of the migrations themselves."""
    dsn = _renamed(template_database, f"palier_test_{uuid.uuid4().hex[:12]}")
    asyncio.run(_execute(dsn, f"CREATE DATABASE {_name(dsn)} TEMPLATE template0"))
    yield dsn
    asyncio.run(_drop(dsn))


@contextmanager
def _clone(template: str) -> Iterator[str]:
    dsn = _renamed(template, f"palier_test_{uuid.uuid4().hex[:12]}")
    # Copying files is the quicker strategy for a small template on a server that does not sync.
    asyncio.run(_execute(dsn, f"CREATE DATABASE {_name(dsn)} TEMPLATE {_name(template)} STRATEGY file_copy"))
    try:
        yield dsn
    finally:
        asyncio.run(_drop(dsn))


async def _build_template(dsn: str) -> None:
    connection = await asyncpg.connect(dsn, database="postgres")
    try:
        await connection.execute(f"SELECT pg_advisory_lock({_TEMPLATE_LOCK})")
        if await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", _name(dsn)):
            return
        await connection.execute(f"CREATE DATABASE {_name(dsn)} TEMPLATE template0")
        try:
            await migrate.upgrade(dsn)
        except BaseException:
            await connection.execute(f"DROP DATABASE {_name(dsn)} WITH (FORCE)")
            raise
    finally:
        await connection.close()


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn, database="postgres")
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _drop(dsn: str) -> None:
    await _execute(dsn, f"DROP DATABASE IF EXISTS {_name(dsn)} WITH (FORCE)")


def _name(dsn: str) -> str:
    return urlsplit(dsn).path.lstrip("/")


def _renamed(dsn: str, name: str) -> str:
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


def pytest_collection_finish() -> None:
    """What is imported by now stays: collecting garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()
