"""The transactions of a run in slices of days, and what of an earlier run stands as it is.

A slice is known by what it is made of: the steps, the inputs they read beside transactions, and its own transactions.
When an earlier run has a slice of the same days and the same fingerprint, its files and digests are taken over; the
fingerprints are compared on one engine only, so they are sums of its fast hashes. Transactions are not even read when
they come out of the same files of a copy as then, for those are never written again.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

import duckdb
import pyarrow.parquet as pq

from app.domain.compensation.calculation.inputs import RELATIONS, Copy, Relation
from app.domain.compensation.calculation.loading import window_of

_SLICE: Final = 500_000
_MANIFEST: Final = "slices.json"


@dataclass(frozen=True)
class Days:
    """Some days of the window; `counts` and `digests` are of the relations made of them."""

    start: date
    end: date
    fingerprint: str
    counts: Mapping[str, int]
    digests: Mapping[str, str]
    file: str
    copied_from: str | None = None
    """What the files of a copy that have transactions of these days are known by."""


@dataclass(frozen=True)
class Known:
    """What an earlier run was made of and, of what it made for transactions to look up, the counts and digests."""

    made_of: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    slices: Sequence[Days] = ()


@dataclass(frozen=True)
class Plan:
    """The days of each slice, and what all are made of beside transactions."""

    spans: Sequence[tuple[date, date]]
    made_of: str


@dataclass(frozen=True)
class CopiedFile:
    """A file of a copy: the first and the last day in it, and what it is known by."""

    first: date
    last: date
    known_by: str


def copied_files(transactions: Relation) -> list[CopiedFile] | None:
    """The files that transactions are read from, known by their ends, which tell of all columns; None without files."""
    if not isinstance(transactions, Copy):
        return None
    found = []
    for file in transactions.files:
        days = _days_of(pq.read_metadata(file))
        if days is None:
            return None
        found.append(CopiedFile(*days, f"{file.name} {_end_of(file)}"))
    return found


def _days_of(told: pq.FileMetaData) -> tuple[date, date] | None:
    column = told.schema.names.index("transaction_date")
    groups = [told.row_group(number).column(column).statistics for number in range(told.num_row_groups)]
    if not all(group and group.has_min_max for group in groups):
        return None
    return min((g.min for g in groups), default=date.max), max((g.max for g in groups), default=date.min)


def _end_of(file: Path) -> str:
    """The hash of the end of a Parquet file: where every column is and what it holds at least and at most."""
    with file.open("rb") as read:
        read.seek(-8, os.SEEK_END)
        length = int.from_bytes(read.read(4), "little")
        read.seek(-8 - length, os.SEEK_END)
        return hashlib.sha256(read.read(length)).hexdigest()


def copied_from(files: Sequence[CopiedFile] | None, start: date, end: date) -> str | None:
    """What days are known by whose transactions come out of files; None without any."""
    if files is None:
        return None
    read = sorted(file.known_by for file in files if file.first < end and file.last >= start)
    return hashlib.sha256("\n".join(read).encode()).hexdigest()


def plan(connection: duckdb.DuckDBPyConnection, texts: Sequence[str], parent: Sequence[Days]) -> Plan:
    """The slices of a run, cut as in the parent; `texts` are the functions and the steps up to the last sliced one."""
    days = connection.execute(
        "SELECT transaction_date, COUNT(*) FROM transaction t"
        " JOIN target_period w ON t.transaction_date >= w.reach_start AND t.transaction_date < w.end_date"
        " GROUP BY 1 ORDER BY 1"
    ).fetchall()
    return Plan(_spans(*window_of(connection), dict(days), parent), _made_of(connection, texts))


def _spans(start: date, end: date, counts: Mapping[date, int], parent: Sequence[Days]) -> list[tuple[date, date]]:
    cuts = {part.start for part in parent}
    # What an earlier run knows is cut again only when it has become much more, so that the rest still stands.
    most = 2 * _SLICE if parent else _SLICE
    spans = []
    waiting = 0
    for day, count in counts.items():
        if day > start and (day in cuts or (waiting and waiting + count > most)):
            spans.append((start, day))
            start, waiting = day, 0
        waiting += count
    return [*spans, (start, end)]


def _made_of(connection: duckdb.DuckDBPyConnection, texts: Sequence[str]) -> str:
    """Of the texts and of the relations they read beside the transactions."""
    words = set(re.findall(r"\w+", " ".join(texts)))
    digest = hashlib.sha256(f"{duckdb.__version__}{''.join(texts)}".encode())
    read = [name for name in RELATIONS if name in words and name != "transaction"]
    for name, found in zip(read, _hashes(connection, {name: name for name in read}), strict=True):
        digest.update(f"{name} {found}".encode())
    return digest.hexdigest()


def fingerprint(connection: duckdb.DuckDBPyConnection, made_of: str, relation: str, start: date, end: date) -> str:
    """Of a slice whose transactions are in `relation`: those given, or their snapshot."""
    [found] = _hashes(connection, {"transaction": relation})
    return hashlib.sha256(f"{made_of} {start} {end} {found}".encode()).hexdigest()


def _hashes(connection: duckdb.DuckDBPyConnection, relations: Mapping[str, str]) -> list[tuple[int, int | None]]:
    """The rows of each relation, read from under another name, and the sum of their hashes."""
    columns = {name: ", ".join(column.name for column in RELATIONS[name]) for name in relations}
    queries = (
        f"SELECT {n} AS n, COUNT(*) AS many, SUM(CAST(hash({columns[name]}) AS HUGEINT)) AS found FROM {relation}"
        for n, (name, relation) in enumerate(relations.items())
    )
    found = connection.execute(f"SELECT many, found FROM ({' UNION ALL '.join(queries)}) ORDER BY n").fetchall()
    return [(many, total) for many, total in found]


def write_known(artefact: Path, known: Known) -> None:
    """Keep with its artefact what a run is made of."""
    (artefact / _MANIFEST).write_text(json.dumps(asdict(known), default=str))


def read_known(artefact: Path | None) -> Known:
    """What an earlier run is made of; nothing when it is not there, or cannot be read."""
    try:
        told = json.loads((artefact / _MANIFEST).read_text()) if artefact else {}
        if isinstance(told, list):  # As it was once kept.
            told = {"slices": told}
        slices = [
            Days(**{**part, "start": date.fromisoformat(part["start"]), "end": date.fromisoformat(part["end"])})
            for part in told.pop("slices", ())
        ]
        return Known(**told, slices=slices)
    except (OSError, ValueError, TypeError, KeyError):
        return Known()
