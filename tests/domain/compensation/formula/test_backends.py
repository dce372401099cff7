"""DuckDB, PostgreSQL and Decimal say the same of every formula, and Python itself agrees with them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction
from importlib.resources import files
from math import ceil, floor
from typing import Any

import asyncpg
import duckdb
import pytest
from hypothesis import HealthCheck, assume, given, settings

from app.domain.compensation.calculation.engines import with_schema
from app.domain.compensation.formula import Formula, FormulaError, Value, read_formula
from tests.domain.compensation.calculation.sql_subset import findings

from .figures import COLUMNS, FIGURES, RESULT, ROWS, TYPES, formulas

Engine = Callable[[str], list[Any]]
HOOKS = files("app.domain.compensation.calculation") / "hooks"
ANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

WRITTEN = [
    "min(credited * 0.05, EUR(20000))",
    "round(credited * (0.05 if div(credited, quota, 6) >= 1 else 0.03) + units * EUR(2.50), 2)",
    "round(div(credited - quota * 0.8, quota * 0.4, 6) * EUR(1000), 2) if quota > 0 else 0",
    "floor(div(credited, EUR(10000), 6)) * EUR(100)",
    "max(credited - quota, 0) * share if hired < date(2026, 3, 1) and attainment >= 1 else EUR(0)",
    "credited * 0.1 if quota > 0 and div(credited, quota, 2) > 1 else credited * 0.05",
    "EUR(100) if quota > 0 or credited > 0 else EUR(0)",
    "min(quota, credited) * 0.5",
    "div(credited, units, 12)",
    "-credited + -quota * -1",
]


def relation() -> str:
    """The rows as SQL, in order."""
    said = [
        ", ".join("NULL" if row[name] is None else f"CAST('{row[name]}' AS {TYPES[name]})" for name in TYPES)
        for row in ROWS
    ]
    values = ", ".join(f"({number}, {text})" for number, text in enumerate(said))
    return f"CREATE TABLE v AS SELECT * FROM (VALUES {values}) AS v (i, {', '.join(TYPES)})"


@pytest.fixture(scope="module")
def on_duckdb() -> Iterator[Engine]:
    with duckdb.connect() as connection:
        connection.execute((HOOKS / "duckdb.sql").read_text("utf-8"))
        connection.execute(relation())
        yield lambda sql: [row[0] for row in connection.execute(f"SELECT {sql} FROM v ORDER BY i").fetchall()]


@pytest.fixture(scope="module")
def on_postgresql(module_database: str) -> Iterator[Engine]:
    with asyncio.Runner() as runner:
        connection = runner.run(_prepared(module_database))

        def run(sql: str) -> list[Any]:
            return [row[0] for row in runner.run(connection.fetch(with_schema(f"SELECT {sql} FROM v ORDER BY i")))]

        yield run
        runner.run(connection.close())


async def _prepared(dsn: str) -> Any:
    connection = await asyncpg.connect(dsn)
    await connection.execute((HOOKS / "postgresql.sql").read_text("utf-8"))
    await connection.execute(relation())
    return connection


def in_python(text: str, row: dict[str, Value]) -> Any:
    """What Python makes of the text, in fractions; raises where something is unknown."""
    amounts = re.sub(r"EUR\(([0-9.]+)\)", r"\1", text)
    exact = re.sub(r"(?<![A-Za-z0-9_.])([0-9]+(\.[0-9]+)?)", r"F('\1')", amounts)
    known = {
        name: value if isinstance(value, date) else Fraction(value)
        for name, value in row.items()
        if value is not None and not isinstance(value, bool)
    }
    return eval(exact, {"__builtins__": {}}, known | _FUNCTIONS)  # noqa: S307 - texts of this module


def _half_away(value: Fraction, digits: Fraction) -> Fraction:
    power = Fraction(10 ** int(digits))
    whole = floor(abs(value) * power + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole) / power


_FUNCTIONS: dict[str, Any] = {
    "F": Fraction,
    "min": min,
    "max": max,
    "abs": abs,
    "floor": lambda value: Fraction(floor(value)),
    "ceil": lambda value: Fraction(ceil(value)),
    "round": _half_away,
    "div": lambda a, b, digits: _half_away(a / b, digits),
    "days": lambda start, end: Fraction((end - start).days),
    "date": lambda year, month, day: date(int(year), int(month), int(day)),
}


def agree(text: str, *engines: Engine) -> Formula:
    formula = read_formula(text, FIGURES, RESULT)
    sql = formula.sql(COLUMNS)
    assert findings(f"SELECT {sql} AS x FROM v") == []
    expected = [formula.value(row) for row in ROWS]
    for engine in engines:
        assert engine(sql) == expected, (text, sql)
    assert formula.nullable or None not in expected
    for row, value in zip(ROWS, expected, strict=True):
        if value is None:
            continue
        try:
            python = in_python(text, row)
        except (ZeroDivisionError, NameError):
            # Known all the same: a condition beside it decided.
            continue
        assert Fraction(value) == python, (text, row)  # type: ignore[arg-type]
    return formula


@pytest.mark.parametrize("text", WRITTEN)
def test_every_engine_gives_the_figure_of_the_formula(text: str, on_duckdb: Engine, on_postgresql: Engine) -> None:
    agree(text, on_duckdb, on_postgresql)


@ANY
@given(text=formulas())
def test_whatever_the_formula_every_engine_agrees(text: str, on_duckdb: Engine, on_postgresql: Engine) -> None:
    assume(refused(text) not in {"formula_precision", "formula_too_complex", "formula_division"})
    formula = agree(text, on_duckdb, on_postgresql)
    again = read_formula(formula.text, FIGURES, RESULT)
    assert again.tree == formula.tree
    assert formula.words("en")
    assert formula.words("fr")
    assert formula.worked(ROWS[0])[-1] == (formula.words("en"), formula.value(ROWS[0]))


def refused(text: str) -> str | None:
    try:
        read_formula(text, FIGURES, RESULT)
    except FormulaError as error:
        return error.code
    return None


def test_unknown_is_never_zero() -> None:
    no_quota = ROWS[1]
    for text in (
        "div(credited, quota, 6) * EUR(100)",
        "max(div(credited, quota, 6), 0) * EUR(100)",
        "EUR(100) if div(credited, quota, 6) > 1 else EUR(50)",
        "max(min(attainment, 2), 0) * EUR(100)",
    ):
        assert read_formula(text, FIGURES, RESULT).value(no_quota) is None


def test_a_condition_that_is_decided_needs_nothing_else() -> None:
    formula = read_formula("EUR(1) if quota > 0 and div(credited, quota, 6) > 1 else EUR(2)", FIGURES, RESULT)
    assert formula.value(ROWS[1]) == 2


def test_a_quotient_of_a_trillion_or_more_is_unknown(on_duckdb: Engine) -> None:
    formula = read_formula("round(div(credited, quota, 2) * EUR(0.01), 2)", FIGURES, RESULT)
    assert formula.value({"credited": ROWS[4]["credited"], "quota": ROWS[3]["quota"]}) is None
    assert (
        on_duckdb(formula.sql({"credited": "CAST('99999999999999' AS DECIMAL(18,4))", "quota": "v.quota"}))[3] is None
    )
