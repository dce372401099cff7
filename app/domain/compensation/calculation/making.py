"""A step made by DuckDB: its text, what it is made with, and its digest. Only the worker imports this."""

import hashlib
import os
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import duckdb

from app.domain.compensation.calculation.digest import Digest, digest_query
from app.domain.compensation.calculation.formulas import FORMULA_INPUTS, FORMULAS, Formulas
from app.domain.compensation.calculation.inputs import CalculationError

_WORDS: Final = {
    "entitled": {"role": "word", "currency": "currency_word"},
    "named": {"rule": "word"},
    "claim": {"role": "word", "rule": "word"},
    "credit": {"role": "word"},
}
"""Texts stored as numbers; relations made of these take them over. Less is sorted and written."""
_MORE_MEMORY: Final = ("1GB", "4GB")
"""What a query may use that cannot do with what a run usually needs."""


class FiguresOutOfRange(CalculationError):
    """An amount outgrew its exact type in the named step; look for an absurd amount, quota or exchange rate."""


@dataclass(frozen=True)
class Step:
    """One SQL text that makes one relation."""

    name: str
    sql: str


@dataclass(frozen=True)
class Resources:
    """What a run may use of the machine it is on: threads, and memory for what it holds; the rest goes to disk.

    A query that cannot do with so little memory is asked again with more.
    """

    memory: str
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)


IN_SLICES: Final = Resources("280MB")
"""For a run, which holds some transactions at a time."""
_AT_ONCE: Final = Resources("2GB")


def steps() -> tuple[Step, ...]:
    """The steps in order: `steps/NN_name.sql` makes relation `name`."""
    texts = sorted((files(__package__) / "steps").iterdir(), key=lambda file: file.name)
    return tuple(
        Step(text.name[3:].removesuffix(".sql"), text.read_text("utf-8")) for text in texts if text.name[-4:] == ".sql"
    )


def code_hash() -> str:
    """SHA-256 of the texts of the steps: what a run was calculated with, besides its inputs."""
    return hashlib.sha256("".join(f"-- {step.name}\n{step.sql}" for step in steps()).encode()).hexdigest()


def connect(spill: Path, resources: Resources = _AT_ONCE) -> duckdb.DuckDBPyConnection:
    """An empty database in memory that knows the hooks."""
    connection = duckdb.connect(
        config={
            "memory_limit": resources.memory,
            "threads": resources.threads,
            "temp_directory": str(spill),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
    )
    rows_of(connection, hooks())
    return connection


def hooks() -> str:
    """The functions that the steps call."""
    return (files(__package__) / "hooks" / "duckdb.sql").read_text("utf-8")


def make(
    connection: duckdb.DuckDBPyConnection, step: Step, formulas: Formulas, into: str = "CREATE TABLE {} AS "
) -> int:
    """Make the relation of a step, and say how many rows it has; raises FiguresOutOfRange."""
    try:
        [(rows,)] = asked_again(connection, into.format(step.name) + f"({formulas.within(step.sql)})")
        return int(rows)
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        raise FiguresOutOfRange(step.name) from error


def stored(relation: str) -> str:
    """How a run keeps a relation while it needs it: what the text of the step is to follow."""
    replaced = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in _WORDS.get(relation, {}).items())
    return "CREATE TABLE {} AS " + (f"SELECT * REPLACE ({replaced}) FROM " if replaced else "")


def digest_of(connection: duckdb.DuckDBPyConnection, relation: str, source: str | None = None) -> Digest:
    """The digest of a relation that was made, or that `source` would make as it is."""
    query = digest_query(relation, columns_of(connection, source or relation), source)
    [(high, low)] = asked_again(connection, query)
    return Digest() + Digest(int(high), int(low))


def columns_of(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Columns of a relation with their types."""
    found = connection.table(relation)
    return {name: str(kind) for name, kind in zip(found.columns, found.types, strict=True)}


def formulas_of(connection: duckdb.DuckDBPyConnection) -> Formulas:
    """The formulas of the inputs that were loaded."""
    return Formulas(rows_of(connection, FORMULAS), rows_of(connection, FORMULA_INPUTS))


def asked_again(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query that every run asks."""
    return _with_room(connection, _parsed(query))


def _with_room(connection: duckdb.DuckDBPyConnection, query: duckdb.Statement | str) -> list[tuple[Any, ...]]:
    for more in _MORE_MEMORY:
        try:
            return connection.execute(query).fetchall()
        except duckdb.OutOfMemoryException:
            connection.execute(f"SET memory_limit = '{more}'")
    return connection.execute(query).fetchall()


@lru_cache(maxsize=256)
def _parsed(query: str) -> duckdb.Statement:
    """Kept, because a small run is mostly reading and planning its queries."""
    [statement] = _parser().extract_statements(query)
    return statement


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def rows_of(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    return _with_room(connection, query)
