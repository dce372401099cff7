"""What can calculate the steps one after another, to compare what they make. Only the worker imports this.

A run itself is calculated by `engine.calculate`, which keeps what it finds; an engine here keeps nothing.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Protocol

import asyncpg

from app.domain.compensation.calculation.digest import Digest, canonical_lines, digest_query
from app.domain.compensation.calculation.formulas import FORMULA_INPUTS, FORMULAS, Formulas
from app.domain.compensation.calculation.inputs import RELATIONS, Inputs
from app.domain.compensation.calculation.loading import load
from app.domain.compensation.calculation.making import (
    FiguresOutOfRange,
    Step,
    columns_of,
    connect,
    digest_of,
    formulas_of,
    make,
    steps,
)
from app.domain.compensation.calculation.relations.columns import SQL_TYPES

Columns = dict[str, str]


class Engine(Protocol):
    """Calculates steps in their order; every relation made stays until the engine is given up."""

    async def load(self, inputs: Inputs) -> None:
        """Take in the inputs; raises InvalidInputs."""

    async def make(self, step: Step) -> str:
        """Make the relation of a step and digest it; raises FiguresOutOfRange."""

    async def lines(self, relation: str) -> list[str]:
        """The rows of a relation that was made, as its digest reads them."""


class DuckDB:
    """The steps as a run calculates them."""

    def __init__(self, folder: Path) -> None:
        self.connection = connect(folder / "spill")
        self._formulas = Formulas((), ())

    async def load(self, inputs: Inputs) -> None:
        """Take in the inputs."""

        def work() -> None:
            load(self.connection, inputs)
            self._formulas = formulas_of(self.connection)

        await asyncio.to_thread(work)

    async def make(self, step: Step) -> str:
        """Make the relation of a step and digest it."""

        def work() -> str:
            make(self.connection, step, self._formulas)
            return str(digest_of(self.connection, step.name))

        return await asyncio.to_thread(work)

    async def lines(self, relation: str) -> list[str]:
        """The rows of a relation as text."""
        query = canonical_lines(relation, columns_of(self.connection, relation))
        return [row[0] for row in await asyncio.to_thread(lambda: self.connection.execute(query).fetchall())]


class PostgreSQL:
    """The same texts over temporary tables of one transaction, which must be open; they go when it ends."""

    def __init__(self, connection: asyncpg.Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._formulas = Formulas((), ())

    async def load(self, inputs: Inputs) -> None:
        """Take in the inputs as DuckDB reads them, so that both engines begin with the same rows."""
        # Nothing but what is made here can be read by its bare name.
        await self._connection.execute(
            "SET LOCAL search_path = pg_temp; SET LOCAL statement_timeout = 0; SET LOCAL jit = off;"
            " SET LOCAL work_mem = '256MB'; SET LOCAL idle_in_transaction_session_timeout = 0"
        )
        await self._connection.execute(hooks())
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            await asyncio.to_thread(_write_csv, inputs, Path(folder))
            for name, columns in RELATIONS.items():
                await self._create(name, {column.name: SQL_TYPES[column.type] for column in columns})
                source = str(Path(folder) / f"{name}.csv")
                await self._connection.copy_to_table(name, source=source, format="csv")
                await self._connection.execute(f"ANALYZE {name}")
        formulas = [tuple(row) for row in await self._connection.fetch(FORMULAS)]
        self._formulas = Formulas(formulas, [tuple(row) for row in await self._connection.fetch(FORMULA_INPUTS)])

    async def make(self, step: Step) -> str:
        """Make the relation of a step, with the types that DuckDB gives it, and digest it."""
        columns = step_columns()[step.name]
        await self._create(step.name, columns)
        try:
            text = with_schema(self._formulas.within(step.sql))
            await self._connection.execute(f"INSERT INTO {step.name} {text}")
        except asyncpg.NumericValueOutOfRangeError as error:
            raise FiguresOutOfRange(step.name) from error
        await self._connection.execute(f"ANALYZE {step.name}")
        row = await self._connection.fetchrow(with_schema(digest_query(step.name, columns)))
        return str(Digest() + Digest(*map(int, row)))

    async def lines(self, relation: str) -> list[str]:
        """The rows of a relation as text."""
        found = await self._connection.fetch(canonical_lines(relation, step_columns()[relation]))
        return [row[0] for row in found]

    async def _create(self, name: str, columns: Columns) -> None:
        listed = ", ".join(f"{column} {_TYPES.get(kind, kind)}" for column, kind in columns.items())
        await self._connection.execute(f"CREATE TEMPORARY TABLE {name} ({listed}) ON COMMIT DROP")


# Texts are ordered by their bytes, as DuckDB does.
_TYPES: Final = {"VARCHAR": 'text COLLATE "C"', "HUGEINT": "numeric(38,0)"}


def hooks() -> str:
    """The functions that the steps call, for a session of PostgreSQL."""
    return (files(__package__) / "hooks" / "postgresql.sql").read_text("utf-8")


def with_schema(sql: str) -> str:
    """PostgreSQL finds functions of a session only by their schema."""
    names = "|".join(re.findall(r"FUNCTION pg_temp\.(\w+)", hooks()))
    return re.sub(rf"\b({names})\(", r"pg_temp.\1(", sql)


@cache
def step_columns() -> dict[str, Columns]:
    """The columns that each step makes: found by calculating nothing at all."""
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder)) as connection:
        for name, columns in RELATIONS.items():
            listed = ", ".join(f"{column.name} {SQL_TYPES[column.type]}" for column in columns)
            connection.execute(f"CREATE TABLE {name} ({listed})")
        for step in steps():
            connection.execute(f"CREATE TABLE {step.name} AS {step.sql}").fetchall()
        return {step.name: columns_of(connection, step.name) for step in steps()}


def _write_csv(inputs: Inputs, folder: Path) -> None:
    with connect(folder / "spill") as connection:
        load(connection, inputs)
        for name in RELATIONS:
            connection.execute(f"COPY {name} TO '{folder / name}.csv' (HEADER false)").fetchall()
