"""A lean pool for compiled reads: one round trip per read, and never a row of another tenant.

Unlike asyncpg's pool it runs no reset query, keeps prepared statements with their connection, and remembers which
tenant a connection is in, so that the tenant is set only when it changes. The connection used last is used next:
its statements and its caches are warm.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from app.domain.kernel.errors import refuse

_log = logging.getLogger(__name__)

_SET_TENANT = "select set_config('palier.org_id', $1, false)"
_ENTER_TRANSACTION = "select set_config('palier.org_id', $1, true)"

_GOING = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    # What asyncpg says of a connection whose end it has been told of but not seen yet.
    asyncpg.InternalClientError,
    OSError,
)


class _LostError(Exception):
    """The server or the way to it is gone: the read did not happen or its answer is lost, and may be asked again."""


class _Lane:
    """A connection, the tenant it is in (None: not known), and its prepared statements, least used first."""

    __slots__ = ("connection", "statements", "tenant")

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.tenant: UUID | None = None
        self.statements: OrderedDict[str, Any] = OrderedDict()


class ReadPool:
    """Connections opened when needed, up to `size`.

    Args:
        dsn: address of the database.
        size: most connections.
        settings: settings of every connection, such as `role`, `timezone` and `statement_timeout`.
        prepared: False behind a pooler in transaction mode: no prepared statements, and every read is a transaction
            of its own that sets all it needs.
        wait_timeout: seconds to wait for a free connection.
        connect_timeout: seconds to wait for a new one.
        statements: most prepared statements kept by a connection.
    """

    def __init__(
        self,
        dsn: str,
        *,
        size: int = 8,
        settings: Mapping[str, str] | None = None,
        prepared: bool = True,
        wait_timeout: float = 5.0,
        connect_timeout: float = 5.0,
        statements: int = 256,
    ) -> None:
        self._dsn = dsn
        self._size = size
        # A read compiles no machine code worth its while, and changes nothing.
        self._settings = {"timezone": "UTC", "jit": "off", "default_transaction_read_only": "on", **(settings or {})}
        self._prepared = prepared
        self._wait_timeout = wait_timeout
        self._connect_timeout = connect_timeout
        self._statements = statements
        self._free: list[_Lane] = []
        self._waiting: deque[asyncio.Future[_Lane | None]] = deque()
        self._open = 0
        self._closed = False

    @property
    def open_connections(self) -> int:
        """Connections open or being opened."""
        return self._open

    async def row(self, org_id: UUID, sql: str, arguments: Sequence[Any]) -> Sequence[Any] | None:
        """The first row of a reading statement, run as the tenant; a lost connection is replaced once.

        Raises:
            DomainError: `unavailable` when no connection is to be had in time.
            asyncpg.PostgresError: what the server said about the statement.
        """
        try:
            return await self._use(await self._take(org_id), org_id, sql, arguments)
        except _LostError as lost:
            _log.warning("a connection to the database was lost: %s", lost)
        # A server that went away took the others with it.
        for _ in range(len(self._free)):
            self._drop(self._free.pop())
        try:
            return await self._use(await self._take(org_id), org_id, sql, arguments)
        except _LostError as lost:
            raise refuse("unavailable") from lost

    async def close(self) -> None:
        """Close the connections that are free; those in use close when they are given back. No more are opened."""
        self._closed = True
        while self._waiting:
            _wake(self._waiting.popleft(), None)
        free, self._free = self._free, []
        self._open -= len(free)
        for lane in free:
            with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await lane.connection.close(timeout=2)

    # ---- one read ----------------------------------------------------------------------------------------------------

    async def _use(self, lane: _Lane, org_id: UUID, sql: str, arguments: Sequence[Any]) -> Sequence[Any] | None:
        try:
            run = self._run if self._prepared else self._run_in_transaction
            row = await run(lane, org_id, sql, arguments)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            if isinstance(error, _GOING) or lane.connection.is_closed():
                self._drop(lane)
                raise _LostError(str(error)) from error
            # The statement was refused; the connection is as good as before.
            self._give_back(lane)
            raise
        except BaseException:
            # Cut off in the middle (timeout, cancellation): what the connection is doing is not known.
            self._drop(lane)
            raise
        self._give_back(lane)
        return row

    async def _run(self, lane: _Lane, org_id: UUID, sql: str, arguments: Sequence[Any]) -> Sequence[Any] | None:
        if lane.tenant != org_id:
            lane.tenant = None
            await (await self._statement(lane, _SET_TENANT)).fetchval(str(org_id))
            lane.tenant = org_id
        row: Sequence[Any] | None = await (await self._statement(lane, sql)).fetchrow(*arguments)
        return row

    async def _statement(self, lane: _Lane, sql: str) -> Any:
        found = lane.statements.get(sql)
        if found is None:
            found = lane.statements[sql] = await lane.connection.prepare(sql)
            if len(lane.statements) > self._statements:
                lane.statements.popitem(last=False)
        else:
            lane.statements.move_to_end(sql)
        return found

    async def _run_in_transaction(
        self, lane: _Lane, org_id: UUID, sql: str, arguments: Sequence[Any]
    ) -> Sequence[Any] | None:
        names = [name for name in self._settings if name != "default_transaction_read_only"]
        more = "".join(f", set_config(${2 * n + 2}, ${2 * n + 3}, true)" for n in range(len(names)))
        values = [part for name in names for part in (name, self._settings[name])]
        async with lane.connection.transaction(readonly=True):
            await lane.connection.fetchrow(_ENTER_TRANSACTION + more, str(org_id), *values)
            row: Sequence[Any] | None = await lane.connection.fetchrow(sql, *arguments)
            return row

    # ---- taking and giving back --------------------------------------------------------------------------------------

    async def _take(self, org_id: UUID) -> _Lane:
        """A free connection, preferably one in the tenant already; else a new one; else the next given back."""
        if not self._closed and (lane := self._pop(org_id)) is not None:
            return lane
        try:
            async with asyncio.timeout(self._wait_timeout):
                while not self._closed:
                    lane = self._pop(org_id)
                    if lane is None and self._open < self._size:
                        return await self._connect()
                    if lane is None:
                        lane = await self._wait()
                    if lane is not None:
                        return lane
        except TimeoutError as error:
            raise refuse("unavailable", "No connection to the database became free in time.") from error
        raise refuse("unavailable", "The service is stopping.")

    def _pop(self, org_id: UUID) -> _Lane | None:
        for index in range(len(self._free) - 1, -1, -1):
            if self._free[index].connection.is_closed():
                del self._free[index]
                self._forget()
        for index in range(len(self._free) - 1, -1, -1):
            if self._free[index].tenant == org_id:
                return self._free.pop(index)
        return self._free.pop() if self._free else None

    async def _wait(self) -> _Lane | None:
        turn: asyncio.Future[_Lane | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except BaseException:
            # Given a connection and cancelled at the same moment: pass the connection on.
            if turn.done() and not turn.cancelled() and (lane := turn.result()) is not None:
                self._give_back(lane)
            raise

    async def _connect(self) -> _Lane:
        self._open += 1
        try:
            return _Lane(await self._new_connection())
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            self._forget()
            _log.warning("no connection to the database: %s", error)
            raise refuse("unavailable", "The database cannot be reached.") from error
        except BaseException:
            self._forget()
            raise

    async def _new_connection(self) -> Any:
        # A pooler refuses settings at the start that it does not know; there they are set in each transaction.
        settings = self._settings if self._prepared else None
        return await asyncpg.connect(
            self._dsn, timeout=self._connect_timeout, statement_cache_size=0, server_settings=settings
        )

    def _give_back(self, lane: _Lane) -> None:
        if self._closed or lane.connection.is_closed():
            self._drop(lane)
            return
        while self._waiting:
            if _wake(self._waiting.popleft(), lane):
                return
        self._free.append(lane)

    def _drop(self, lane: _Lane) -> None:
        lane.connection.terminate()
        self._forget()

    def _forget(self) -> None:
        """Count a connection as gone, and let whoever waits open another."""
        self._open -= 1
        while self._waiting:
            if _wake(self._waiting.popleft(), None):
                return


def _wake(turn: asyncio.Future[_Lane | None], lane: _Lane | None) -> bool:
    if turn.done():
        return False
    turn.set_result(lane)
    return True
