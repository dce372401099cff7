"""The digest of a relation: sha256 over its rows as text, in canonical order, the same on every engine.

A row is its columns in order, decimals with all their places, dates as ISO, nulls as `~`, joined by `|` and ended by a
line feed; rows are sorted by their columns. Values are ids, numbers, dates and codes, so none contains a separator.
"""

import hashlib
import struct
from collections.abc import Mapping, Sequence

import duckdb

_BATCH = 100_000


def canonical_lines(relation: str, columns: Sequence[str], ending: str = "") -> str:
    """SQL, on every engine: the rows of a relation as text in canonical order."""
    text = " || '|' || ".join(f"COALESCE(CAST({column} AS VARCHAR), '~')" for column in columns)
    order = ", ".join(f"{column} NULLS LAST" for column in columns)
    return f"SELECT {text}{ending} AS line FROM {relation} ORDER BY {order}"


def relation_digest(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """Digest the rows of a relation, whatever order they were made in."""
    columns = [str(row[0]) for row in connection.execute(f"DESCRIBE {relation}").fetchall()]
    digest = hashlib.sha256()
    query = canonical_lines(relation, columns, " || chr(10)")
    for batch in connection.sql(query).to_arrow_reader(_BATCH):
        lines = batch.column(0)
        # The lines of a batch are contiguous, so they are hashed where they lie instead of one Python string each.
        _, offsets, data = lines.buffers()
        first, last = (struct.unpack_from("<i", offsets, 4 * (lines.offset + place))[0] for place in (0, len(lines)))
        digest.update(memoryview(data)[first:last])
    return digest.hexdigest()


def run_digest(digests: Mapping[str, str]) -> str:
    """One digest for the run: over `step digest` lines in the order of the steps."""
    return hashlib.sha256("".join(f"{step} {value}\n" for step, value in digests.items()).encode()).hexdigest()
