"""The transactions of a run in slices of days, and what of an earlier run stands as it is.

A slice is known by what it is made of: the steps, the inputs they read beside transactions, and its own transactions.
When an earlier run has a slice of the same days and the same fingerprint, its files and digests are taken over; the
fingerprints are compared on one engine only, so they are sums of its fast hashes.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb

from app.domain.compensation.calculation.inputs import RELATIONS
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


@dataclass(frozen=True)
class Plan:
    """The days of each slice, and what all are made of beside transactions."""

    spans: Sequence[tuple[date, date]]
    made_of: str


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


def write_slices(artefact: Path, slices: Sequence[Days]) -> None:
    """Keep the slices of a run with its artefact."""
    told: list[dict[str, Any]] = [asdict(part) for part in slices]
    (artefact / _MANIFEST).write_text(json.dumps(told, default=str))


def read_slices(artefact: Path | None) -> list[Days]:
    """The slices of an earlier run; none when it is not there, or cannot be read."""
    try:
        told = json.loads((artefact / _MANIFEST).read_text()) if artefact else []
        return [
            Days(**{**part, "start": date.fromisoformat(part["start"]), "end": date.fromisoformat(part["end"])})
            for part in told
        ]
    except (OSError, ValueError, TypeError, KeyError):
        return []
