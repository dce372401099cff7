"""A matrix: the value depends on two figures."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from app.domain.compensation.terms.choices import Boundary, Pays
from app.domain.compensation.terms.inputs import InputFields
from app.domain.compensation.terms.rates.values import Bound, Value, bound_words, value_words
from app.domain.compensation.terms.words import Words, join, say
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import Fields


class AxisFields(Fields):
    """One side of a matrix."""

    input: InputFields
    lower: list[Bound] = Field(min_length=1, max_length=20)
    """Where each row or column begins, from 0 in order; the last has no end."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """`axis_start` when it does not begin at 0, `axis_out_of_order` where a bound is not above the one before."""
        if self.lower[0] != 0:
            yield FieldError(f"{pointer}/lower/0", "axis_start", "The first begins at 0.")
        for n, (before, bound) in enumerate(pairwise(self.lower), 1):
            if bound <= before:
                yield FieldError(f"{pointer}/lower/{n}", "axis_out_of_order", "Each begins above the one before.")


class MatrixFields(Fields):
    """A value for each pair of ranges, applied to everything measured."""

    rows: AxisFields
    columns: AxisFields
    boundary: Boundary
    pays: Pays
    values: list[Annotated[list[Value], Field(max_length=20)]] = Field(min_length=1, max_length=20)
    """Row by row, a value for each column."""

    def findings(self, pointer: str) -> Iterator[FieldError]:
        """Axes out of order, and `matrix_shape` unless there is one value for each row and column."""
        yield from self.rows.findings(f"{pointer}/rows")
        yield from self.columns.findings(f"{pointer}/columns")
        if len(self.values) != len(self.rows.lower):
            yield FieldError(f"{pointer}/values", "matrix_shape", f"Give {len(self.rows.lower)} rows of values.")
        for n, row in enumerate(self.values):
            if len(row) != len(self.columns.lower):
                text = f"Give {len(self.columns.lower)} values."
                yield FieldError(f"{pointer}/values/{n}", "matrix_shape", text)

    def words(self, currency: str) -> Words:
        """`by attainment and the margin rate: from 0 % and 0 %: 3 %; …`."""
        cells = join(
            say(
                "from {row} and {column}: {value}",
                "dès {row} et {column} : {value}",
                row=bound_words(self.rows.input.figure, row),
                column=bound_words(self.columns.input.figure, column),
                value=value_words(self.pays, value, currency),
            )
            for row, values in zip(self.rows.lower, self.values, strict=True)
            for column, value in zip(self.columns.lower, values, strict=True)
        )
        return say(
            "by {rows} and {columns}: {cells}",
            "selon {rows} et {columns} : {cells}",
            rows=self.rows.input.words(),
            columns=self.columns.input.words(),
            cells=cells,
        )
