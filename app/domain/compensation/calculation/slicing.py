"""The transactions of a run in slices of days, and what of an earlier run stands as it is.

A slice is known by what it is made of: the steps, what they read beside transactions as far as it is of its days, and
its own transactions. Where an earlier run has a slice of the same, its files and digests are taken over; the rest of
the window is cut anew. Transactions are compared by the digest of the snapshot, the rest by sums of fast hashes of one
engine. Transactions are not even read when they come out of the same files of a copy as then, for those are never
written again.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, TypeAlias

import duckdb
import pyarrow.parquet as pq

from app.domain.compensation.calculation.inputs import RELATIONS, Copy, Relation
from app.domain.compensation.calculation.loading import window_of

_SLICE: Final = 350_000
_MANIFEST: Final = "slices.json"

Span: TypeAlias = tuple[date, date]
"""The first day, and the day after the last."""


@dataclass(frozen=True)
class Days:
    """Some days of the window; `counts` and `digests` are of the relations made of them."""

    start: date
    end: date
    made_of: str
    """What they are made of beside transactions."""
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


def cut(connection: duckdb.DuckDBPyConnection, standing: Sequence[Span]) -> list[Span]:
    """The spans between those that stand, none of many more transactions than a slice should have."""
    days = connection.execute(
        "SELECT transaction_date, COUNT(*) FROM transaction t"
        " JOIN target_period w ON t.transaction_date >= w.reach_start AND t.transaction_date < w.end_date"
        " GROUP BY 1 ORDER BY 1"
    ).fetchall()
    start, end = window_of(connection)
    spans: list[Span] = []
    for first, after in sorted([*standing, (end, end)]):
        waiting = 0
        for day, count in days:
            if start <= day < first:
                if waiting and waiting + count > _SLICE:
                    spans.append((start, day))
                    start, waiting = day, 0
                waiting += count
        if start < first:
            spans.append((start, first))
        start = after
    return spans


def made_of_all(connection: duckdb.DuckDBPyConnection, texts: Sequence[str]) -> tuple[str, Sequence[str]]:
    """What texts make their relations of beside transactions, and which of the relations they read have rows."""
    read = sorted(words(texts) & RELATIONS.keys() - {"transaction"})
    queries = (
        f"SELECT {n} AS n, COUNT(*) AS many, {_sum(_columns(connection, name))} AS found FROM {name}"
        for n, name in enumerate(read)
    )
    found = connection.execute(f"SELECT n, many, found FROM ({' UNION ALL '.join(queries)}) ORDER BY n").fetchall()
    digest = _of_texts(texts)
    digest.update(str([(read[n], many, total) for n, many, total in found]).encode())
    return digest.hexdigest(), [read[n] for n, many, _ in found if many]


def made_of_days(
    connection: duckdb.DuckDBPyConnection, texts: Sequence[str], filled: Sequence[str], spans: Sequence[Span]
) -> dict[Span, str]:
    """What each span is made of beside its transactions: of what is dated as it is on its days, of what is said of
    transactions that of its own. `filled` are the relations with rows; nothing else is read of what the texts name.
    """
    if not spans:
        return {}
    read = [name for name in (*filled, "entitled") if name in words(texts)]
    queries = (_of_days(connection, name) for name in read)
    told = ", ".join(f"({n}, DATE '{start}', DATE '{end}')" for n, (start, end) in enumerate(spans))
    found = connection.execute(
        f"WITH span (n, start_date, end_date) AS (VALUES {told})"
        f" SELECT n, list((name, many, found) ORDER BY name) FROM ({' UNION ALL '.join(queries)}) GROUP BY n"
    ).fetchall()
    known = dict(found)
    digests = {}
    for n, span in enumerate(spans):
        digest = _of_texts(texts)
        digest.update(str(known.get(n)).encode())
        digests[span] = digest.hexdigest()
    return digests


_MATTERS: Final = {
    "counting": "(SELECT * FROM counting WHERE single)",
    "target_period": "(SELECT fiscal_year_start FROM target_period)",
}
"""Of relations of which not everything matters to a transaction, what does."""


def _of_days(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """SQL: of each span what of a relation is of it, counted and added up."""
    source = _MATTERS.get(name, name)
    columns = _columns(connection, source)
    said = f"SELECT s.n, '{name}' AS name, COUNT(*) AS many"
    if {"valid_from", "valid_to"} <= set(columns):
        rest = ", ".join(column for column in columns if column not in ("valid_from", "valid_to"))
        clipped = _sum(["r.known", "GREATEST(r.valid_from, s.start_date)", "LEAST(r.valid_to, s.end_date)"])
        return (
            f"{said}, {clipped} AS found FROM (SELECT hash({rest}) AS known, valid_from, valid_to FROM {name}) r"
            " JOIN span s ON r.valid_from < s.end_date AND s.start_date < r.valid_to GROUP BY s.n"
        )
    if "transaction_id" in columns:
        own = _sum([f"r.{column}" for column in columns])
        return (
            f"{said}, {own} AS found FROM {name} r JOIN transaction t ON t.transaction_id = r.transaction_id"
            " JOIN span s ON t.transaction_date >= s.start_date AND t.transaction_date < s.end_date GROUP BY s.n"
        )
    whole = f"(SELECT COUNT(*) AS many, {_sum(columns)} AS found FROM {source}) r"
    return f"SELECT s.n, '{name}' AS name, r.many, r.found FROM span s CROSS JOIN {whole}"


def _columns(connection: duckdb.DuckDBPyConnection, source: str) -> list[str]:
    """The columns of a relation; texts stored as numbers are read as texts, for the numbers differ from run to run."""
    found = connection.sql(f"FROM {source}")
    return [
        f"CAST({column} AS VARCHAR)" if str(kind).startswith("ENUM") else column
        for column, kind in zip(found.columns, found.types, strict=True)
    ]


def _sum(columns: Sequence[str]) -> str:
    return f"SUM(CAST(hash({', '.join(columns)}) AS HUGEINT))"


def words(texts: Sequence[str]) -> set[str]:
    """Those of texts of SQL, without their comments: the relations they read are among them."""
    return set(re.findall(r"\w+", re.sub("--.*", "", "\n".join(texts))))


def _of_texts(texts: Sequence[str]) -> "hashlib._Hash":
    return hashlib.sha256(f"{duckdb.__version__}{''.join(texts)}".encode())


def write_known(artefact: Path, known: Known) -> None:
    """Keep with its artefact what a run is made of."""
    (artefact / _MANIFEST).write_text(json.dumps(asdict(known), default=str))


def read_known(artefact: Path | None) -> Known:
    """What an earlier run is made of; nothing when it is not there, or cannot be read."""
    try:
        told = json.loads((artefact / _MANIFEST).read_text()) if artefact else {}
        slices = [
            Days(**{**part, "start": date.fromisoformat(part["start"]), "end": date.fromisoformat(part["end"])})
            for part in told.pop("slices", ())
        ]
        return Known(**told, slices=slices)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Known()
