"""The step texts stay in the portable, exact subset, and their relations hold no floating point."""

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.domain.compensation.calculation import engine
from app.domain.compensation.calculation.engine import Step, steps

from .sql_subset import findings
from .world import World, run

ORDER = (
    "closure eligibility entitled named contested plain snapshot disputed claim classify winner credit lost uncredited"
    " counted daily checkpoint time_window counting_span measure quota_of attainment figure lookup rate"
    " earned budgeted earning pay due holdback_movement taken_back balance movement statement"
)


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.name)
def test_a_step_stays_in_the_subset(step: Step) -> None:
    assert findings(step.sql) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT amount / 2 AS x FROM credit",
        "SELECT AVG(amount) AS x FROM credit",
        "SELECT CAST(amount AS DOUBLE PRECISION) AS x FROM credit",
        "SELECT CAST(amount AS REAL) AS x FROM credit",
        "SELECT amount * rate AS x FROM credit",
        "SELECT CAST(amount * rate AS DECIMAL(38, 10)) AS x FROM credit",
        "SELECT CAST(CAST(amount AS DECIMAL(38, 4)) * rate AS DECIMAL(18, 10)) AS x FROM credit",
        "SELECT ROUND(amount, 2) AS x FROM credit",
        "SELECT SUM(amount) AS x FROM credit",
        "SELECT amount + 0.5 AS x FROM credit",
        "SELECT amount + 1e3 AS x FROM credit",
        "SELECT list_sum(amount) AS x FROM credit",
        "SELECT div(amount, rate, 6) AS x FROM credit",
        "SELECT NOW() AS x FROM credit",
        "SELECT RANDOM() AS x FROM credit",
        "SELECT * FROM credit",
        "SELECT amount AS x FROM credit; SELECT amount AS x FROM credit",
        "DELETE FROM credit",
    ],
)
def test_the_lint_refuses(sql: str) -> None:
    assert findings(sql)


def test_steps_run_in_their_numbered_order() -> None:
    assert " ".join(step.name for step in steps()) == ORDER


def test_every_step_says_what_it_makes() -> None:
    assert all(re.match(r"-- [A-Z].*\.$", step.sql.split("\nSELECT")[0].split("\nWITH")[0], re.S) for step in steps())


def test_no_kept_column_is_floating_point(team: World, tmp_path: Path) -> None:
    outcome = run(team, tmp_path / "run")
    for relation in engine.KEPT:
        schema = pq.read_schema(outcome.artefact / f"{relation}.parquet")
        assert not [field.name for field in schema if pa.types.is_floating(field.type)], relation
