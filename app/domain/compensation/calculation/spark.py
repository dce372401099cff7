"""The same step texts on Spark, for organisations that outgrow one machine: `palier[spark]` and Java 17.

Each relation is written as Parquet before the next step reads it, so that nothing is calculated twice and DuckDB can
digest what Spark made. Ids are text: Spark has no type for them.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import duckdb
from pyspark import cloudpickle
from pyspark.sql import SparkSession
from pyspark.sql.types import DataType, DecimalType, LongType

from app.domain.compensation.calculation import exact
from app.domain.compensation.calculation.digest import canonical_lines
from app.domain.compensation.calculation.engines import Columns, step_columns
from app.domain.compensation.calculation.formulas import FORMULA_INPUTS, FORMULAS, Formulas
from app.domain.compensation.calculation.inputs import RELATIONS, Inputs
from app.domain.compensation.calculation.loading import load
from app.domain.compensation.calculation.making import Step, columns_of, connect, digest_of
from app.domain.compensation.calculation.relations.columns import SQL_TYPES

SETTINGS: Final = {
    "spark.sql.ansi.enabled": "true",
    # Otherwise Spark cuts places off products.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
}
"""What a session must be given so that its figures are exact."""
_HOOKS: Final[dict[str, tuple[Callable[..., Any], DataType]]] = {
    "div": (exact.div, DecimalType(38, 12)),
    "prorate": (exact.prorate, DecimalType(38, 10)),
    "part": (exact.part, DecimalType(28, 4)),
    "days": (exact.days, LongType()),
    "minor": (exact.minor, DecimalType(28, 4)),
    "within_limits": (exact.within_limits, DecimalType(38, 16)),
}
_TYPES: Final = {"UUID": "STRING", "VARCHAR": "STRING", "HUGEINT": "DECIMAL(38,0)", "INTEGER": "INT"}


class Spark:
    """An engine; see `engines.Engine`. The folder must be one that all workers of the session reach."""

    def __init__(self, session: SparkSession, folder: Path) -> None:
        self._session = session
        self._folder = folder
        # The workers need not have this program.
        cloudpickle.register_pickle_by_value(exact)
        for name, (function, answers) in _HOOKS.items():
            session.udf.register(f"exact_{name}", function, answers)

    async def load(self, inputs: Inputs) -> None:
        """Take in the inputs as DuckDB reads them."""
        await asyncio.to_thread(self._load, inputs)

    async def make(self, step: Step) -> str:
        """Make the relation of a step, with the types that DuckDB gives it, and digest it."""
        return await asyncio.to_thread(self._make, step)

    async def lines(self, relation: str) -> list[str]:
        """The rows of a relation as text."""
        with self._made(relation) as connection:
            query = canonical_lines(relation, columns_of(connection, relation))
            return [row[0] for row in connection.execute(query).fetchall()]

    def _load(self, inputs: Inputs) -> None:
        with connect(self._folder / "spill") as connection:
            load(connection, inputs)
            for name, columns in RELATIONS.items():
                listed = ", ".join(
                    f"CAST({column.name} AS VARCHAR) AS {column.name}" if column.type == "id" else column.name
                    for column in columns
                )
                connection.sql(f"SELECT {listed} FROM {name}").write_parquet(str(self._folder / f"{name}.parquet"))
                self._view(name, {column.name: SQL_TYPES[column.type] for column in columns})

    def _make(self, step: Step) -> str:
        names = "|".join(_HOOKS)
        found = [[tuple(row) for row in self._session.sql(query).collect()] for query in (FORMULAS, FORMULA_INPUTS)]
        sql = re.sub(rf"\b({names})\(", r"exact_\1(", Formulas(*found).within(step.sql))
        columns = step_columns()[step.name]
        listed = _cast(columns, _TYPES)
        made = self._session.sql(f"SELECT {listed} FROM ({sql})")
        made.write.mode("overwrite").parquet(str(self._folder / f"{step.name}.parquet"))
        self._view(step.name, columns)
        with self._made(step.name) as connection:
            return str(digest_of(connection, step.name))

    def _view(self, name: str, columns: Columns) -> None:
        found = self._session.read.parquet(str(self._folder / f"{name}.parquet"))
        found.selectExpr(*_cast(columns, _TYPES).split(", ")).createOrReplaceTempView(name)

    def _made(self, step: str) -> duckdb.DuckDBPyConnection:
        connection = connect(self._folder / "spill")
        listed = _cast(step_columns()[step], {})
        connection.execute(f"CREATE VIEW {step} AS SELECT {listed} FROM '{self._folder}/{step}.parquet/*.parquet'")
        return connection


def _cast(columns: Columns, types: dict[str, str]) -> str:
    return ", ".join(f"CAST({name} AS {types.get(kind, kind)}) AS {name}" for name, kind in columns.items())
