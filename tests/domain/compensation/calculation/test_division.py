"""Division is exact to the digits asked for, half away from zero."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal, localcontext
from importlib.resources import files

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

AMOUNT = st.decimals(min_value=Decimal("-1e14"), max_value=Decimal("1e14"), places=4)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        hook = files("app.domain.compensation.calculation") / "hooks" / "duckdb.sql"
        opened.execute(hook.read_text("utf-8")).fetchall()
        yield opened


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(AMOUNT, AMOUNT.filter(bool))
@example(Decimal("0.0001"), Decimal("99999999999999.9999"))
@example(Decimal("1"), Decimal("2000000"))
@example(Decimal("-1"), Decimal("2000000"))
@example(Decimal("1"), Decimal("-3"))
def test_division_rounds_half_away_from_zero(
    connection: duckdb.DuckDBPyConnection, dividend: Decimal, divisor: Decimal
) -> None:
    [(found,)] = connection.execute(
        "SELECT CAST(div(CAST(? AS DECIMAL(28, 4)), CAST(? AS DECIMAL(28, 4)), 6) AS DECIMAL(38, 6))",
        [str(dividend), str(divisor)],
    ).fetchall()
    with localcontext() as context:
        context.prec = 80
        assert found == (dividend / divisor).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def test_division_by_zero_is_null(connection: duckdb.DuckDBPyConnection) -> None:
    [(found,)] = connection.execute("SELECT div(CAST(1 AS DECIMAL(28, 4)), CAST(0 AS DECIMAL(28, 4)), 6)").fetchall()
    assert found is None
