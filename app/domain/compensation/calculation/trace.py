"""From what a run kept back to the credits: who was credited for what, who lost, and what credits nobody.

All of it is read from the Parquet files of the run; nothing is recalculated from inputs.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from app.domain.compensation.calculation.artefact import kept
from app.domain.compensation.calculation.lines import Credit, Lost, Uncredited
from app.domain.compensation.calculation.slicing import read_known

_CREDIT = (
    "c.transaction_id, c.role, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id, c.credit_date,"
    " c.currency, c.amount"
)
_PLACE = "c.credit_date, c.transaction_id, c.role, c.rule_ordinal, c.source_id, c.split_ordinal, c.currency"
_BATCH = 10_000

Place = tuple[date, UUID, str, int, UUID, int, str]


def place_of(credit: Credit) -> Place:
    """Where a credit stands in the list of its seller; give it as `after` to read on."""
    return (
        credit.credit_date,
        credit.transaction_id,
        credit.role,
        credit.rule_ordinal,
        credit.source_id,
        credit.split_ordinal,
        credit.currency,
    )


def credits_of_seller(
    artefact: Path, seller_id: UUID, start: date, end: date, *, after: Place | None = None, limit: int = 100
) -> tuple[Credit, ...]:
    """A page of one seller's own credits dated in [start, end), in order of date."""
    further = f"AND ({_PLACE}) > (?, ?, ?, ?, ?, ?, ?)" if after else ""
    query = f"""
        SELECT {_CREDIT} FROM read_parquet(?) c
        WHERE c.seller_id = ? AND c.credit_date >= ? AND c.credit_date < ? {further}
        ORDER BY {_PLACE} LIMIT ?
    """
    values = [seller_id, start, end, *(after or ()), limit]
    return _credits(artefact, max(start, after[0]) if after else start, end, query, values)


def credits_of_transaction(artefact: Path, transaction_id: UUID, on: date) -> tuple[Credit, ...]:
    """Everybody credited for one transaction, whose date is `on`."""
    query = f"SELECT {_CREDIT} FROM read_parquet(?) c WHERE c.transaction_id = ? ORDER BY {_PLACE}, c.seller_id"
    return _credits(artefact, on, on + timedelta(days=1), query, [transaction_id])


def _credits(artefact: Path, start: date, end: date, query: str, values: list[Any]) -> tuple[Credit, ...]:
    """Out of the files of the slices that have days of [start, end)."""
    found = [part.file for part in read_known(artefact).slices if part.start < end and start < part.end]
    files = [str(artefact / "credit" / file) for file in found]
    return tuple(Credit(*row) for row in _fetch(query, [files, *values])) if files else ()


def lost(artefact: Path, transaction_id: UUID | None = None) -> Iterator[Lost]:
    """All claims that pay their seller nothing, or those on one transaction, a batch in memory at a time."""
    query = (
        "SELECT l.transaction_id, r.rule_id, l.rule, l.source_id, l.split_ordinal, l.seller_id, l.reason,"
        " l.winning_rule FROM read_parquet(?) l LEFT JOIN read_parquet(?) r ON r.ordinal = l.rule_ordinal"
        " WHERE COALESCE(l.transaction_id = CAST(? AS UUID), TRUE)"
    )
    for row in _stream(query, kept(artefact, "lost"), kept(artefact, "crediting_rule"), transaction_id):
        yield Lost(*row)


def uncredited(artefact: Path, transaction_id: UUID | None = None) -> Iterator[Uncredited]:
    """All transactions of the fiscal year that credit nobody, or one of them, a batch in memory at a time."""
    query = (
        "SELECT transaction_id, reason FROM read_parquet(?)"
        " WHERE earlier_period IS NULL AND COALESCE(transaction_id = CAST(? AS UUID), TRUE)"
    )
    for row in _stream(query, kept(artefact, "uncredited"), transaction_id):
        yield Uncredited(*row)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for the process, as opening one takes longer than most questions; it remembers where files, which never
    change, have their row groups, and nothing else."""
    connection = duckdb.connect(config={"enable_external_file_cache": False})
    connection.execute("LOAD parquet; SET parquet_metadata_cache = true")
    return connection


def _fetch(query: str, values: Any) -> list[tuple[Any, ...]]:
    with _database().cursor() as connection:
        return connection.execute(query, values).fetchall()


def _stream(query: str, *values: str | UUID | None) -> Iterator[tuple[Any, ...]]:
    with _database().cursor() as connection:
        result = connection.execute(query, list(values))
        while rows := result.fetchmany(_BATCH):
            yield from rows
