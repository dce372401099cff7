"""The second half of an import: rows that were laid aside are stored, set by set, by the commands of their context."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.domain.imports.mapping import EntityName
from app.domain.imports.reading import Fault
from app.domain.imports.staging import Stage
from app.domain.kernel.errors import Busy, DomainError, Forbidden, Internal
from app.domain.kernel.external import Note, Upserted, resolve
from app.domain.kernel.jobs import JobContext
from app.domain.kernel.scope import Tx

Attempt = Callable[[], AbstractAsyncContextManager[Tx]]
"""A transaction, or a part of one, that is undone alone when it is refused."""
Ids = dict[tuple[EntityName, str], UUID]

_TRIES = 5


@asynccontextmanager
async def attempts(context: JobContext, *, rehearse: bool) -> AsyncIterator[Attempt]:
    """How sets are stored: each in a transaction of its own; to rehearse, all in one that is undone at the end.

    A rehearsal sees what it stored before, so it reports what an import would; its locks last until its end.
    """
    if not rehearse:
        yield context.transaction
        return
    try:
        async with context.transaction() as tx:
            yield lambda: context.attempt(tx)
            raise _Rehearsed
    except _Rehearsed:
        pass


class _Rehearsed(Exception):
    """Undoes the transaction of a rehearsal."""


@dataclass
class Stored:
    """What became of a set."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: list[tuple[int, Fault]] = field(default_factory=list)
    """Rows of the file, and why they could not be stored."""
    noted: list[tuple[int, Note]] = field(default_factory=list)
    """Rows of the file that were stored, and what is to be known of them."""

    def __iadd__(self, other: Stored) -> Stored:
        self.created += other.created
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.rejected += other.rejected
        self.noted += other.noted
        return self


async def store(attempt: Attempt, source: str, stage: Stage, rows: Sequence[dict[str, Any]]) -> Stored:
    """Store a set of rows. Where it is refused, halves are tried, until what is refused is single rows."""
    try:
        return await _patiently(attempt, source, stage, rows)
    except (Forbidden, Busy, Internal):
        raise
    except DomainError as refusal:
        if len(rows) == 1:
            column = refusal.errors[0].pointer.rpartition("/")[2] if refusal.errors else None
            return Stored(rejected=[(rows[0]["row"], Fault(refusal.code, refusal.detail, column))])
    half = len(rows) // 2
    done = await store(attempt, source, stage, rows[:half])
    done += await store(attempt, source, stage, rows[half:])
    return done


async def _patiently(attempt: Attempt, source: str, stage: Stage, rows: Sequence[dict[str, Any]]) -> Stored:
    """Somebody else may hold a row for a moment."""
    for n in range(1, _TRIES):
        try:
            return await _at_once(attempt, source, stage, rows)
        except Busy:
            await asyncio.sleep(0.2 * n)
    return await _at_once(attempt, source, stage, rows)


async def _at_once(attempt: Attempt, source: str, stage: Stage, rows: Sequence[dict[str, Any]]) -> Stored:
    async with attempt() as tx:
        ids = await _ids(tx, source, stage, rows)
        bodies, rejected = {}, []
        for row in rows:
            found = {path: ids.get((_target(stage, path), key)) for path, key in _references(stage, row)}
            lost = [path for path, id in found.items() if id is None]
            if lost:
                # The row it refers to was accepted, and then refused when it was stored.
                detail = "The row it refers to could not be stored."
                rejected.append((row["row"], Fault("unknown_reference", detail, lost[0], row["references"][lost[0]])))
                continue
            known = {path: id for path, id in found.items() if id is not None}
            bodies[row["key"]] = stage.entity.build(_values(stage, row), known)
        done = await stage.entity.store(tx, source, bodies) if bodies else Upserted({}, 0, 0, 0)
    noted = [(row["row"], done.notes[row["key"]]) for row in rows if row["key"] in done.notes]
    return Stored(done.created, done.changed, done.unchanged, rejected, noted)


async def _ids(tx: Tx, source: str, stage: Stage, rows: Sequence[dict[str, Any]]) -> Ids:
    wanted: defaultdict[EntityName, set[str]] = defaultdict(set)
    for row in rows:
        for path, key in _references(stage, row):
            wanted[_target(stage, path)].add(key)
    found: Ids = {}
    for target, keys in wanted.items():
        found |= {(target, key): id for key, id in (await resolve(tx, target, source, keys)).items()}
    return found


def _references(stage: Stage, row: dict[str, Any]) -> list[tuple[str, str]]:
    given: dict[str, str] = row["references"]
    return [(path, key) for path, key in given.items() if not _is_cut(stage, row, path)]


def _values(stage: Stage, row: dict[str, Any]) -> dict[str, Any]:
    cut = dict.fromkeys(path for path in row["references"] if _is_cut(stage, row, path))
    return {**row["values"], **cut}


def _is_cut(stage: Stage, row: dict[str, Any], path: str) -> bool:
    return row["key"] in stage.cut and _target(stage, path) is stage.step.entity


def _target(stage: Stage, path: str) -> EntityName:
    target = stage.entity.target_of(path)
    assert target is not None
    return target
