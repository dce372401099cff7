"""The transactions of a run in slices of days, and what of an earlier run stands as it is.

A slice is known by what it is made of: the steps, the inputs they read beside transactions, and its own transactions.
When an earlier run has a slice of the same days and the same fingerprint, its files and digests are taken over; the
fingerprints are compared on one engine only, so they are sums of its fast hashes.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
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
    counts: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    file: str = ""

    def made(self, file: str, counts: Mapping[str, int], digests: Mapping[str, str]) -> "Days":
        """The slice with what was found."""
        return replace(self, file=file, counts=counts, digests=digests)


def plan(connection: duckdb.DuckDBPyConnection, texts: Sequence[str], parent: Sequence[Days]) -> list[Days]:
    """The slices of a run, cut as in the parent; `texts` are the functions and the steps up to the last sliced one."""
    columns = ", ".join(column.name for column in RELATIONS["transaction"])
    days = connection.execute(
        f"SELECT transaction_date, COUNT(*), SUM(CAST(hash({columns}) AS HUGEINT)) FROM transaction t"
        " JOIN target_period w ON t.transaction_date >= w.fiscal_year_start AND t.transaction_date < w.end_date"
        " GROUP BY 1 ORDER BY 1"
    ).fetchall()
    made_of = _fingerprint(connection, texts)
    slices = []
    for start, end in _spans(*window_of(connection), {day: count for day, count, _ in days}, parent):
        own = [row for row in days if start <= row[0] < end]
        slices.append(Days(start, end, hashlib.sha256(f"{made_of}{start}{end}{own}".encode()).hexdigest()))
    return slices


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


def _fingerprint(connection: duckdb.DuckDBPyConnection, texts: Sequence[str]) -> str:
    """Of the texts and of the relations they read beside the transactions."""
    words = set(re.findall(r"\w+", " ".join(texts)))
    digest = hashlib.sha256(f"{duckdb.__version__}{''.join(texts)}".encode())
    for name, columns in RELATIONS.items():
        if name in words and name != "transaction":
            listed = ", ".join(column.name for column in columns)
            found = connection.execute(f"SELECT COUNT(*), SUM(CAST(hash({listed}) AS HUGEINT)) FROM {name}").fetchall()
            digest.update(f"{name} {found}".encode())
    return digest.hexdigest()


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
