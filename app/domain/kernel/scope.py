"""Who acts, and the transaction it acts in. Time and randomness come from here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from app.domain.kernel.errors import refuse
from app.domain.kernel.ids import uuid7
from app.domain.kernel.permissions import Role, permissions_of, sees_all_rows


@dataclass(frozen=True)
class Actor:
    """A principal of one organisation, with what it may do and whose rows it sees."""

    org_id: UUID
    principal_id: UUID
    name: str
    roles: frozenset[Role]
    seller_id: UUID | None = None
    scopes: frozenset[str] | None = None

    @cached_property
    def permissions(self) -> frozenset[str]:
        """Everything it may do."""
        return permissions_of(self.roles, self.scopes)

    @cached_property
    def sees_all_rows(self) -> bool:
        """Whether it sees the whole organisation, not only its reporting line."""
        return sees_all_rows(self.roles)

    def may(self, permission: str) -> bool:
        """Whether it holds a permission."""
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Refuse with `permission_required` unless the actor holds the permission."""
        if permission not in self.permissions:
            raise refuse("permission_required", f"This needs the permission {permission}.", permission=permission)


@dataclass(frozen=True)
class Event:
    """Something that happened to a subject; written to audit trail and outbox when the transaction commits."""

    name: str
    subject: str
    subject_id: UUID
    data: Mapping[str, Any] = field(default_factory=dict)


Row = TypeVar("Row", bound=SQLModel)

Sees = Callable[["Tx", str, UUID, bool], Awaitable[bool]]
"""Whether the actor sees a row of a resource; the flag asks to lock it."""


class Tx:
    """One transaction of one actor. Commands use it; only `operations` opens, commits or rolls it back."""

    def __init__(self, actor: Actor, session: AsyncSession, sees: Sees, now: datetime | None = None) -> None:
        self.actor = actor
        self.session = session
        self.now = now or datetime.now(UTC)
        self._sees = sees
        self.events: list[Event] = []
        self.reacted = 0
        """How many of the events have had their reactions; `operations` counts."""

    @property
    def org_id(self) -> UUID:
        """The organisation whose rows the transaction sees."""
        return self.actor.org_id

    @property
    def today(self) -> date:
        """The business day, in UTC."""
        return self.now.date()

    def new_id(self) -> UUID:
        """An identifier for a new row."""
        return uuid7()

    async def add(self, row: Row) -> Row:
        """Store a new row now, so that a broken rule is reported by the command that broke it."""
        self.session.add(row)
        await self.session.flush()
        return row

    async def get(self, table: type[Row], id: UUID, *, lock: bool = False) -> Row | None:
        """The row of this organisation, or None. Visibility is the business of `visible`."""
        return await self.session.get(table, (self.org_id, id), with_for_update=lock or None, populate_existing=lock)

    async def require(self, table: type[Row], id: UUID, *, pointer: str | None = None, lock: bool = False) -> Row:
        """The row, or a refusal: `unknown_reference` at `pointer`, else `not_found`."""
        row = await self.get(table, id, lock=lock)
        if row is None:
            raise (
                refuse("unknown_reference", f"There is no {table.__tablename__} {id}.", pointer=pointer)
                if pointer
                else refuse("not_found")
            )
        return row

    async def visible(self, resource: str, id: UUID, *, pointer: str | None = None, lock: bool = False) -> None:
        """Refuse unless the actor sees the row: an invisible row does not exist for it."""
        if not await self._sees(self, resource, id, lock):
            raise (
                refuse("unknown_reference", f"There is no {resource} {id}.", pointer=pointer)
                if pointer
                else refuse("not_found")
            )

    async def flush(self) -> None:
        """Send what is pending to the database now."""
        await self.session.flush()

    async def rows(self, sql: str, **params: Any) -> Sequence[sa.RowMapping]:
        """Rows of a SQL text with named parameters (`:name`); `:org_id` is always bound."""
        return (await self.session.execute(sa.text(sql), {"org_id": self.org_id, **params})).mappings().all()

    async def value(self, sql: str, **params: Any) -> Any:
        """The first column of the first row, or None."""
        return (await self.session.execute(sa.text(sql), {"org_id": self.org_id, **params})).scalar()

    async def execute(self, sql: str, **params: Any) -> int:
        """Run a data-changing SQL text; returns the number of rows it touched."""
        result: Any = await self.session.execute(sa.text(sql), {"org_id": self.org_id, **params})
        return int(result.rowcount)

    async def driver(self) -> asyncpg.Connection[Any]:
        """The connection of the transaction itself, for what SQLAlchemy does not offer: COPY, compiled reads."""
        raw = await (await self.session.connection()).get_raw_connection()
        found: asyncpg.Connection[Any] = raw.driver_connection
        return found

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[Tx | None]:
        """Another connection that sees the same, to read at the same time; None when none gets free.

        The transaction must be a snapshot. What it changed itself is not seen.
        """
        snapshot = await self.value("select pg_export_snapshot()")
        async with AsyncSession(self.session.bind) as session:
            try:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            except sa.exc.TimeoutError:
                yield None
                return
            await session.execute(sa.text(f"set transaction snapshot '{snapshot}'"))
            await session.execute(
                sa.text("select set_config('palier.org_id', :org_id, true)"), {"org_id": str(self.org_id)}
            )
            yield Tx(self.actor, session, self._sees, self.now)

    def emit(self, name: str, subject: str, subject_id: UUID, **data: Any) -> None:
        """Record that something happened, e.g. `emit("plan.submitted", "plan", id, state="submitted")`."""
        self.events.append(Event(name, subject, subject_id, data))
