"""Rows of a query by the thousand: PostgreSQL's COPY as CSV, read by columns. Only the worker imports this."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.asyncpg import dialect

from app.domain.kernel.scope import Tx

_DIALECT: sa.Dialect = dialect()  # type: ignore[no-untyped-call]


async def read_arrow(tx: Tx, sql: str, values: Mapping[str, Any], schema: pa.Schema) -> pa.Table:
    """The rows of a query, whose columns are found by name; `values` may hold more than the text names."""
    # Zeros behind the last place of a type are no loss of exactness.
    columns = (f"trim_scale({f.name}) as {f.name}" if pa.types.is_decimal(f.type) else f.name for f in schema)
    found = await _csv(tx, f"select {', '.join(columns)} from ({sql}) found", values)
    convert = csv.ConvertOptions(
        column_types=schema,
        include_columns=schema.names,
        # COPY quotes an empty text and not a null.
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        null_values=[""],
        true_values=["t"],
        false_values=["f"],
    )
    return csv.read_csv(found, convert_options=convert).cast(schema)


async def _csv(tx: Tx, sql: str, values: Mapping[str, Any]) -> io.BytesIO:
    """The rows of a query with a header."""
    text = sa.text(sql)
    given = {**values, "org_id": tx.org_id}
    bound = text.bindparams(**{name: given[name] for name in text.compile().params})
    compiled = bound.compile(dialect=_DIALECT)
    connection = await tx.driver()
    names = compiled.positiontup or []
    output = io.BytesIO()
    await connection.copy_from_query(
        compiled.string, *[compiled.params[name] for name in names], output=output, format="csv", header=True
    )
    output.seek(0)
    return output
