"""Performing commands, for REST, GraphQL, the worker and the command line alike; `reader` answers their reads.

This is the one place that opens a transaction, replays an idempotency key, checks the version, writes the audit trail
and commits. An answer is returned only after its commit.
"""

from __future__ import annotations

import hashlib
import json
import random
from asyncio import sleep
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import sqlalchemy as sa
from pydantic import BaseModel, ValidationError
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.database.engine import tenant_session
from app.database.errors import RETRIED, sqlstate, translate
from app.domain.catalogue import Catalogue
from app.domain.kernel.command import CommandSpec, Kind
from app.domain.kernel.errors import DomainError, FieldError, refuse
from app.domain.kernel.external import remember, resolve
from app.domain.kernel.resource import Resource
from app.domain.kernel.scope import Actor, Tx
from app.domain.kernel.visibility import rule_for
from app.reading.engine import Reader
from app.reading.request import Dialect, Node, Root, Slot
from app.reading.selection import selection_of

_TRIES = 4
_IDENTITIES = ("api_key", "principal")
"""Subjects whose change makes a remembered identity wrong."""


@dataclass(frozen=True)
class Answer:
    """What a command answered, ready to send. `body` is JSON."""

    status: int
    body: bytes
    id: UUID | None = None
    version: int | None = None
    replayed: bool = False


@dataclass(frozen=True)
class Ask:
    """One call of a command: its target and input, and how the answer is wanted."""

    spec: CommandSpec
    body: BaseModel
    id: UUID | None = None
    selection: tuple[Node, ...] | None = None
    dialect: Dialect = Dialect.REST
    if_match: int | None = None
    idempotency_key: str | None = None
    trusted: bool = False
    """The service itself asks (a job, the demo): no version is demanded."""
    silent: bool = False
    """Nobody reads more of the answer than its id."""


class Operations:
    """Performs commands for an actor; `reader` reads."""

    def __init__(
        self,
        catalogue: Catalogue,
        engine: AsyncEngine,
        reader: Reader,
        *,
        forget: Callable[[UUID], None] = lambda id: None,
    ) -> None:
        self.catalogue = catalogue
        self.engine = engine
        self.reader = reader
        self._forget = forget

    @asynccontextmanager
    async def transaction(self, actor: Actor, *, snapshot: bool = False) -> AsyncIterator[Tx]:
        """A transaction of the actor's organisation, committed at the end with its audit entries and events.

        All statements of a `snapshot` see the data of one instant.
        """
        try:
            async with tenant_session(self.engine, actor.org_id, snapshot=snapshot) as session:
                tx = Tx(actor, session, self._sees)
                yield tx
                await self._react(tx)
                await session.flush()
                await _record(tx)
            for event in tx.events:
                if event.subject in _IDENTITIES:
                    self._forget(event.subject_id)
        except DomainError:
            raise
        except Exception as error:
            if sqlstate(error) in RETRIED or (refusal := translate(error)) is None:
                raise
            raise refusal from error

    @asynccontextmanager
    async def attempt(self, tx: Tx) -> AsyncIterator[Tx]:
        """A part of a transaction that may be refused alone: what it did is undone, the rest stays."""
        before = len(tx.events)
        try:
            async with tx.session.begin_nested():
                yield tx
                await tx.flush()
        except Exception as error:
            del tx.events[before:]
            tx.reacted = min(tx.reacted, before)
            if isinstance(error, DomainError) or (refusal := translate(error)) is None:
                raise
            raise refusal from error

    async def perform(self, actor: Actor, ask: Ask) -> Answer:
        """Run one command in one transaction and read its answer inside it; a deadlock is tried again."""
        spec = ask.spec
        actor.require(spec.needs)
        if spec.key_required and not ask.idempotency_key and not ask.trusted:
            raise refuse("idempotency_key_required")
        for attempt in range(_TRIES):
            try:
                return await self._attempt(actor, ask)
            except Exception as error:
                if sqlstate(error) not in RETRIED:
                    raise
                if attempt == _TRIES - 1:
                    raise refuse("unavailable") from error
                await sleep(random.uniform(0.01, 0.05) * (attempt + 1))  # noqa: S311
        raise AssertionError("unreachable")

    async def _attempt(self, actor: Actor, ask: Ask) -> Answer:
        async with self.transaction(actor) as tx:
            if ask.idempotency_key and (kept := await _replay(tx, ask)):
                return kept
            answer = await self.run(tx, ask)
            if ask.idempotency_key:
                await _keep(tx, ask, answer)
        return answer

    async def run(self, tx: Tx, ask: Ask) -> Answer:
        """The command itself, inside a transaction that somebody else commits."""
        spec, resource = ask.spec, self.catalogue.resources[ask.spec.resource]
        before = len(tx.events)
        if spec.kind in (Kind.CREATE, Kind.COLLECTION):
            result = await spec.handler(tx, ask.body)
        else:
            assert ask.id is not None
            await self._target(tx, resource, ask)
            result = await spec.handler(tx, ask.id, ask.body)
        await tx.flush()
        if isinstance(result, BaseModel):
            _note(tx, spec, ask.id or tx.org_id, before)
            return Answer(200, to_json(result))
        subject = result if isinstance(result, UUID) else ask.id
        assert subject is not None
        _note(tx, spec, subject, before)
        await self._react(tx)
        if spec.kind is Kind.DELETE or ask.silent:
            return Answer(204, b"", subject)
        return await self._answer(tx, ask, subject)

    async def _react(self, tx: Tx) -> None:
        """Let the contexts above answer to what happened, once each, before anything is read back or committed."""
        while tx.reacted < len(tx.events):
            event = tx.events[tx.reacted]
            tx.reacted += 1
            for reaction in self.catalogue.reactions:
                if reaction.event == event.name:
                    await tx.flush()
                    await reaction.handler(tx, event)

    async def _answer(self, tx: Tx, ask: Ask, id: UUID) -> Answer:
        resource = self.catalogue.resources[ask.spec.answers]
        selection = ask.selection or selection_of(self.catalogue, resource)
        root = Root("item", resource.name, selection, id=Slot(0))
        compiled = self.reader.compiled((root,), ask.dialect, tx.actor, bare=True)
        found = await self.reader.found(compiled, tx.actor, (id,), await tx.driver())
        status = 202 if ask.spec.returns_job else 201 if ask.spec.kind is Kind.CREATE else 200
        if found is None:
            # The actor may act but not see the result: its visibility ended with the act.
            hidden = b"null" if ask.dialect is Dialect.GRAPHQL else to_json({"id": id})
            return Answer(status, hidden, id)
        return Answer(status, found.body, id, found.version)

    async def batch(
        self, tx: Tx, spec: CommandSpec, bodies: Sequence[BaseModel | DomainError], *, atomic: bool
    ) -> list[Answer | DomainError]:
        """Run one command for many inputs in a transaction. Not `atomic`: what is refused is left out alone."""
        results: list[Answer | DomainError] = []
        for n, body in enumerate(bodies):
            try:
                if isinstance(body, DomainError):
                    raise body
                async with self.attempt(tx):
                    results.append(await self.run(tx, trusted(spec, body)))
            except DomainError as refusal:
                if atomic:
                    raise at_item(refusal, n) from refusal
                results.append(refusal)
        return results

    async def upsert(self, actor: Actor, create: CommandSpec, source: str, key: str, body: BaseModel) -> Answer:
        """Create what the external system calls `key`, or bring it up to date; repeating it changes nothing."""
        actor.require(create.needs)
        async with self.transaction(actor) as tx:
            # Two callers with one key wait for each other.
            await tx.value("select pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"{tx.org_id}/{source}/{key}")
            known = (await resolve(tx, create.resource, source, [key])).get(key)
            if known is None:
                answer = await self.run(tx, trusted(create, body))
                assert answer.id is not None
                await remember(tx, create.resource, source, {key: answer.id})
                return await self._answer(tx, trusted(create, body), answer.id)
            update = self.catalogue.commands[f"update_{create.resource}"]
            values = {name: getattr(body, name) for name in body.model_fields_set if name in update.body.model_fields}
            return await self.run(tx, trusted(update, update.body.model_validate(values), known))

    async def _target(self, tx: Tx, resource: Resource, ask: Ask) -> None:
        """Lock the row if the actor sees it, and check that the caller means its present version."""
        assert ask.id is not None
        # Rows that are only ever added need no lock: nothing about them changes.
        version = await self._find(tx, resource, ask.id, lock=resource.versioned)
        if version is None:
            raise refuse("not_found")
        if not resource.versioned or ask.spec.unversioned or ask.trusted:
            return
        if ask.if_match is None:
            raise refuse("version_required", version=version)
        if ask.if_match != version:
            raise refuse("stale_version", f"The current version is {version}.", version=version)

    async def _sees(self, tx: Tx, name: str, id: UUID, lock: bool) -> bool:
        return await self._find(tx, self.catalogue.resources[name], id, lock=lock) is not None

    async def _find(self, tx: Tx, resource: Resource, id: UUID, *, lock: bool) -> int | None:
        """The version of a row the actor sees (0 where there are none), or None."""
        actor = tx.actor
        rule = rule_for(resource.visible, actor).format(row="subject", **_BINDINGS)
        values = {"seller": actor.seller_id, "actor": actor.principal_id, "today": tx.today}
        used = {name: value for name, value in values.items() if _BINDINGS[name] in rule}
        version = "subject.version" if resource.versioned else "0"
        found: int | None = await tx.value(
            f"select {version} from {resource.name} subject"  # noqa: S608
            f" where subject.org_id = :org_id and subject.id = :id and {rule}"
            + (" for no key update of subject" if lock else ""),
            id=id,
            **used,
        )
        return found


_BINDINGS = {
    "org": "(:org_id)::uuid",
    "seller": "(:seller)::uuid",
    "actor": "(:actor)::uuid",
    "today": "(:today)::date",
}


def parse(model: type[BaseModel], raw: bytes) -> BaseModel:
    """Read a JSON body into a command, or refuse with a finding per field. Doubled keys are refused."""
    try:
        json.loads(raw or b"{}", object_pairs_hook=_no_doubles)
    except (ValueError, RecursionError) as error:
        raise refuse("malformed_request", f"The body is not valid JSON: {str(error)[:200]}") from None
    try:
        return model.model_validate_json(raw or b"{}", strict=True)
    except ValidationError as error:
        raise invalid(error) from None


def parse_mapping(model: type[BaseModel], values: Mapping[str, Any]) -> BaseModel:
    """Read already typed values into a command, or refuse with a finding per field."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise invalid(error) from None


def invalid(error: ValidationError, prefix: str = "") -> DomainError:
    """A validation error as a refusal with a pointer, a code and a sentence per finding."""
    findings = tuple(
        FieldError(
            prefix + "".join(f"/{part}" for part in item["loc"]),
            str(item["type"]),
            str(item["msg"]).removeprefix("Value error, "),
        )
        for item in error.errors(include_url=False, include_input=False)
    )
    return refuse("invalid_input", errors=findings)


async def raw_connection_of(connection: AsyncConnection) -> asyncpg.Connection[Any]:
    """The asyncpg connection beneath SQLAlchemy's, inside its transaction."""
    raw = await connection.get_raw_connection()
    # SQLAlchemy begins the transaction with the first statement of its own.
    await connection.exec_driver_sql("select 1")
    found: asyncpg.Connection[Any] = raw.driver_connection
    return found


def _no_doubles(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(n for n in names if names.count(n) > 1)!r} stands twice")
    return found


def at_item(refusal: DomainError, index: int) -> DomainError:
    """The refusal of one item of a batch, its pointers leading into the batch."""
    found = [FieldError(f"/items/{index}{e.pointer}", e.code, e.detail) for e in refusal.errors]
    found = found or [FieldError(f"/items/{index}", refusal.code, refusal.detail)]
    return type(refusal)(refusal.code, refusal.detail, tuple(found), refusal.facts)


_PAST = {Kind.CREATE: "created", Kind.UPDATE: "updated", Kind.DELETE: "deleted"}


def _note(tx: Tx, spec: CommandSpec, subject: UUID, before: int) -> None:
    """Every command leaves a trace: what it emitted itself, else the plain fact that it happened."""
    if spec.event or len(tx.events) == before:
        name = spec.event or f"{spec.resource}.{_PAST.get(spec.kind, spec.name)}"
        tx.emit(name, spec.resource, subject)


async def _record(tx: Tx) -> None:
    if not tx.events:
        return
    entries = [
        {"name": event.name, "subject": event.subject, "subject_id": event.subject_id, "data": event.data}
        for event in tx.events
    ]
    await tx.session.execute(
        sa.text("select record_events(:org_id, :now, :actor, :name, cast(:entries as jsonb))"),
        {
            "org_id": tx.org_id,
            "now": tx.now,
            "actor": tx.actor.principal_id,
            "name": tx.actor.name,
            "entries": to_json(entries).decode(),
        },
    )


def _fingerprint(ask: Ask) -> bytes:
    # A kept answer speaks the language of the surface it was given on.
    said = f"{ask.spec.name}\n{ask.dialect}\n{ask.id}\n{ask.body.model_dump_json(exclude_unset=True)}"
    return hashlib.sha256(said.encode()).digest()


async def _replay(tx: Tx, ask: Ask) -> Answer | None:
    """Claim the key, or give back what it answered. A second call waits here until the first one committed."""
    claimed = await tx.execute(
        "insert into idempotency_key (org_id, principal_id, key, fingerprint)"
        " values (:org_id, :principal, :key, :print) on conflict do nothing",
        principal=tx.actor.principal_id,
        key=ask.idempotency_key,
        print=_fingerprint(ask),
    )
    if claimed:
        return None
    kept = (
        await tx.rows(
            "select fingerprint, status, body, headers from idempotency_key"
            " where org_id = :org_id and principal_id = :principal and key = :key",
            principal=tx.actor.principal_id,
            key=ask.idempotency_key,
        )
    )[0]
    if bytes(kept["fingerprint"]) != _fingerprint(ask):
        raise refuse("idempotency_key_reused")
    if ask.spec.shown_once:
        raise refuse("shown_once")
    facts = kept["headers"]
    subject = UUID(facts["id"]) if facts["id"] else None
    return Answer(kept["status"], kept["body"].encode(), subject, facts["version"], replayed=True)


async def _keep(tx: Tx, ask: Ask, answer: Answer) -> None:
    await tx.execute(
        "update idempotency_key set status = :status, body = :body, headers = cast(:headers as jsonb)"
        " where org_id = :org_id and principal_id = :principal and key = :key",
        principal=tx.actor.principal_id,
        key=ask.idempotency_key,
        status=answer.status,
        body="" if ask.spec.shown_once else answer.body.decode(),
        headers=to_json({"id": answer.id, "version": answer.version}).decode(),
    )


def trusted(spec: CommandSpec, body: BaseModel, id: UUID | None = None) -> Ask:
    """A call by the service itself, on behalf of an actor: permissions hold, versions are not asked for."""
    return Ask(spec, body, id, trusted=True)
