"""The step texts stay in the portable, exact subset, and their relations hold no floating point."""

import re
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.domain.compensation.calculation import artefact
from app.domain.compensation.calculation.formulas import Formulas
from app.domain.compensation.calculation.making import Step, steps

from .sql_subset import findings
from .world import World, run

ORDER = (
    "closure eligibility entitled named contested creditable plain snapshot disputed claim classify winner credit lost"
    " uncredited counted daily checkpoint time_window counting_span measure quota_of attainment standing figure lookup"
    " rate"
    " table_earned computed earned budgeted earning pay due holdback_movement taken_back balance movement statement"
)


@pytest.mark.parametrize("step", steps(), ids=lambda step: step.name)
def test_a_step_stays_in_the_subset(step: Step) -> None:
    assert findings(step.sql) == []


def test_a_step_with_formulas_stays_in_the_subset() -> None:
    texts = [
        "min(m * 0.05, t)",
        "div(m, q, 6) * t if q > 0 and m >= EUR(10) else -max(m, t, 0)",
        "round(m * 0.0333, 3)",
    ]
    formulas = [(UUID(int=n), text, "EUR") for n, text in enumerate(texts)]
    inputs = [(UUID(int=n), place, name, "money") for n in range(3) for place, name in enumerate("mqt", 1)]
    [computed] = [step for step in steps() if step.name == "computed"]
    assert findings(Formulas(formulas, inputs).within(computed.sql)) == []


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
    for relation in artefact.KEPT:
        schema = pq.read_schema(outcome.artefact / f"{relation}.parquet")
        assert not [field.name for field in schema if pa.types.is_floating(field.type)], relation
