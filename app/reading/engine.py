"""The reader: compiles once per shape, binds, runs, and hands the bytes on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Protocol
from uuid import UUID

from app.domain.catalogue import Catalogue
from app.domain.kernel.scope import Actor
from app.reading.compile import Compiled, compile_request
from app.reading.cursor import Cursors
from app.reading.lru import Lru
from app.reading.parameters import item_query, list_query
from app.reading.request import Dialect, Root, Slot
from app.reading.selection import selection_of
from app.reading.statement import Constant, Context, Parameter, Signature, signature_of

_Shape = tuple[tuple[Root, ...], Dialect, Signature, bool]
_Question = tuple[str, bool, tuple[tuple[str, str], ...], frozenset[str], bool]
_LONGEST_QUESTION = 2_000
"""Characters of query parameters; what is longer is not asked again in the same words."""


class Pool(Protocol):
    """Runs one statement as a tenant."""

    async def row(self, org_id: UUID, sql: str, arguments: Sequence[Any]) -> Sequence[Any] | None:
        """The first row, or None."""


class Connection(Protocol):
    """An asyncpg connection inside a transaction that is in its tenant."""

    async def fetchrow(self, sql: str, *arguments: Any) -> Sequence[Any] | None:
        """The first row, or None."""


@dataclass(frozen=True)
class Found:
    """One object: its JSON, and its version where it has one."""

    body: bytes
    version: int | None


class Reader:
    """Answers reads. `cache_size` bounds the compiled texts kept, one per shape of question and kind of actor, and the
    questions whose parameters have been read.
    """

    def __init__(self, catalogue: Catalogue, pool: Pool, cursor_secret: bytes, *, cache_size: int = 2048) -> None:
        self.catalogue = catalogue
        self.cursors = Cursors(cursor_secret)
        self._pool = pool
        self._cache: Lru[_Shape, Compiled] = Lru(cache_size)
        self._questions: Lru[_Question, tuple[Compiled, tuple[Any, ...]]] = Lru(cache_size)

    def compiled(
        self, roots: tuple[Root, ...], dialect: Dialect, actor: Actor, *, bare: bool | None = None
    ) -> Compiled:
        """The statement for a shape, from the cache where possible. `bare` defaults to what the dialect answers with.

        Raises as `compile_request` does.
        """
        bare = dialect is Dialect.REST if bare is None else bare
        shape = (roots, dialect, signature_of(actor), bare)
        found = self._cache.get(shape)
        if found is None:
            found = compile_request(roots, dialect, shape[2], self.catalogue, bare=bare)
            self._cache.put(shape, found)
        return found

    async def run(
        self,
        compiled: Compiled,
        actor: Actor,
        values: Sequence[Any],
        connection: Connection | None = None,
        *,
        today: date | None = None,
    ) -> bytes | None:
        """The JSON; None where a bare object does not exist or is not visible.

        `connection` is that of a running transaction, which then sees its own changes.
        """
        row = await self._row(compiled, actor, values, connection, today)
        return None if row is None else row[0]

    async def found(
        self, compiled: Compiled, actor: Actor, values: Sequence[Any], connection: Connection | None = None
    ) -> Found | None:
        """One bare object with its version; None where it does not exist or is not visible."""
        row = await self._row(compiled, actor, values, connection, None)
        return None if row is None else Found(row[0], row[1] if compiled.versioned else None)

    async def one(
        self,
        actor: Actor,
        resource: str,
        id: UUID,
        *,
        pairs: Iterable[tuple[str, str]] = (),
        connection: Connection | None = None,
    ) -> Found | None:
        """One object in REST's dialect; `pairs` are its query parameters, such as `include`."""
        compiled, values = self._understood(actor, resource, True, tuple(pairs))
        return await self.found(compiled, actor, (*values, id), connection)

    async def page(
        self,
        actor: Actor,
        resource: str,
        pairs: Iterable[tuple[str, str]] = (),
        *,
        connection: Connection | None = None,
    ) -> bytes:
        """One page in REST's dialect, from the query parameters of the list."""
        compiled, values = self._understood(actor, resource, False, tuple(pairs))
        row = await self._row(compiled, actor, values, connection, None)
        assert row is not None
        return bytes(row[0])

    def _understood(
        self, actor: Actor, resource: str, single: bool, pairs: tuple[tuple[str, str], ...]
    ) -> tuple[Compiled, tuple[Any, ...]]:
        """The statement of a question in REST's words, and its values; remembered, for the same is asked again."""
        question = (resource, single, pairs, actor.permissions, actor.sees_all_rows)
        found = self._questions.get(question)
        if found is None:
            declared = self.catalogue.resources[resource]
            query = item_query(declared, pairs) if single else list_query(declared, pairs, self.cursors)
            selection = selection_of(self.catalogue, declared, query.include, query.fields)
            id = Slot(len(query.values)) if single else None
            root = Root("item" if single else "items", resource, selection, id, query.args)
            found = self.compiled((root,), Dialect.REST, actor), query.values
            if sum(len(name) + len(value) for name, value in pairs) <= _LONGEST_QUESTION:
                self._questions.put(question, found)
        return found

    async def _row(
        self,
        compiled: Compiled,
        actor: Actor,
        values: Sequence[Any],
        connection: Connection | None,
        today: date | None,
    ) -> Sequence[Any] | None:
        arguments = [self._argument(parameter, actor, values, today) for parameter in compiled.parameters]
        if connection is not None:
            return await connection.fetchrow(compiled.sql, *arguments)
        return await self._pool.row(actor.org_id, compiled.sql, arguments)

    def _argument(self, parameter: Parameter, actor: Actor, values: Sequence[Any], today: date | None) -> Any:
        if isinstance(parameter, Slot):
            return values[parameter.index]
        if isinstance(parameter, Constant):
            return parameter.value
        match parameter:
            case Context.ORG:
                return actor.org_id
            case Context.ACTOR:
                return actor.principal_id
            case Context.SELLER:
                return actor.seller_id
            case Context.TODAY:
                return today or datetime.now(UTC).date()
            case Context.INNER_KEY:
                return self.cursors.inner_key
            case Context.OUTER_KEY:
                return self.cursors.outer_key
