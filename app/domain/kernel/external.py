"""Keys that rows have in other systems, and the upsert of many rows by them in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from app.domain.kernel.scope import Tx


@dataclass(frozen=True)
class Claim:
    """The ids of external keys; those of `new` keys have no row yet."""

    ids: Mapping[str, UUID]
    new: frozenset[str]


@dataclass(frozen=True)
class Note:
    """Something to know about a row that was stored."""

    code: str
    field: str
    detail: str
    """What it means and what to do."""


@dataclass(frozen=True)
class Upserted:
    """What an upsert did. Rows that were as given already keep their version."""

    ids: Mapping[str, UUID]
    """The id of each external key."""
    created: int
    changed: int
    unchanged: int
    notes: Mapping[str, Note] = field(default_factory=dict)
    """What is to be known of some rows, by their keys."""


async def resolve(tx: Tx, resource: str, source: str, keys: Iterable[str]) -> dict[str, UUID]:
    """The ids of the keys that are known; the others are absent."""
    found = await tx.rows(
        "select key, subject_id from external_id where org_id = :org_id and resource = :resource and source = :source"
        " and key = any(cast(:keys as text[]))",
        resource=resource,
        source=source,
        keys=list(keys),
    )
    return {row["key"]: row["subject_id"] for row in found}


async def remember(tx: Tx, resource: str, source: str, pairs: Mapping[str, UUID]) -> None:
    """Record keys that are not known yet; a known one is refused with `already_exists`."""
    await tx.execute(
        "insert into external_id (org_id, resource, source, key, subject_id) select :org_id, :resource, :source, key,"
        " id from unnest(cast(:keys as text[]), cast(:ids as uuid[])) as pair(key, id)",
        resource=resource,
        source=source,
        keys=list(pairs),
        ids=list(pairs.values()),
    )


async def forget(tx: Tx, resource: str, id: UUID) -> None:
    """Drop every key of a row that is going to be deleted."""
    await tx.execute(
        "delete from external_id where org_id = :org_id and resource = :resource and subject_id = :id",
        resource=resource,
        id=id,
    )


async def claim(tx: Tx, resource: str, source: str, keys: Iterable[str]) -> Claim:
    """The ids of the keys; unknown keys are remembered with new ids, for rows that `upsert` then stores."""
    wanted = list(keys)
    known = await resolve(tx, resource, source, wanted)
    new = {key: tx.new_id() for key in wanted if key not in known}
    await remember(tx, resource, source, new)
    return Claim({**known, **new}, frozenset(new))


async def upsert(
    tx: Tx, table: str, claim: Claim, rows: Mapping[str, Mapping[str, Any]], defaults: Mapping[str, Any] | None = None
) -> Upserted:
    """Store rows under claimed keys, in JSON-ready values by column.

    A column that any row names is written for all of them, null where a row does not name it; columns that no row names
    stay as they are. `defaults` stand in for null, and for what new rows do not name.
    """
    fallback = defaults or {}
    named = sorted({column for row in rows.values() for column in row})
    every = sorted({*named, *fallback})
    documents = {
        key: {"id": claim.ids[key]}
        | {name: fallback.get(name) if row.get(name) is None else row[name] for name in every}
        for key, row in rows.items()
    }
    created = [documents[key] for key in rows if key in claim.new]
    present = [documents[key] for key in rows if key not in claim.new]
    await _insert(tx, table, every, created)
    changed = await _update(tx, table, named, present)
    return Upserted(claim.ids, len(created), changed, len(present) - changed)


async def _insert(tx: Tx, table: str, columns: list[str], documents: list[dict[str, Any]]) -> None:
    if documents:
        await tx.execute(
            f"insert into {table} (org_id, id, {', '.join(columns)})"
            f" select :org_id, given.id, {', '.join(f'given.{column}' for column in columns)}"
            f" from jsonb_populate_recordset(cast(null as {table}), cast(:documents as jsonb)) given",
            documents=to_json(documents).decode(),
        )


async def _update(tx: Tx, table: str, columns: list[str], documents: list[dict[str, Any]]) -> int:
    if not documents or not columns:
        return 0
    return await tx.execute(
        f"update {table} held set {', '.join(f'{column} = given.{column}' for column in columns)}"
        f" from jsonb_populate_recordset(cast(null as {table}), cast(:documents as jsonb)) given"
        " where held.org_id = :org_id and held.id = given.id"
        f" and ({', '.join(f'held.{column}' for column in columns)})"
        f" is distinct from ({', '.join(f'given.{column}' for column in columns)})",
        documents=to_json(documents).decode(),
    )
