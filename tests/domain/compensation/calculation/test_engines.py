"""PostgreSQL reads the same step texts as DuckDB and makes every relation alike, row by row."""

import asyncio
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.compensation.calculation import exact
from app.domain.compensation.calculation.engines import PostgreSQL, hooks, with_schema
from app.domain.compensation.calculation.inputs import Inputs
from app.domain.compensation.calculation.making import FiguresOutOfRange, connect, steps

from .test_golden import SCENARIOS, world_of
from .test_oracle import organisations
from .test_terms import GOLDEN, reach_of
from .test_terms import world_of as example_of
from .world import World, inputs_of, run, target


async def _digests(dsn: str, inputs: Inputs, folder: Path) -> dict[str, str]:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            engine = PostgreSQL(connection, folder)
            await engine.load(inputs)
            return {step.name: await engine.make(step) for step in steps()}
    finally:
        await connection.close()


def on_postgresql(dsn: str, world: World, folder: Path) -> Mapping[str, str]:
    return asyncio.run(_digests(dsn, inputs_of(world), folder))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_has_the_same_digests(path: Path, session_database: str, tmp_path: Path) -> None:
    world = world_of(yaml.safe_load(path.read_text("utf-8")))
    assert on_postgresql(session_database, world, tmp_path) == run(world, tmp_path / "run").digests


SAMPLES = [
    sample
    for n, sample in enumerate(GOLDEN["examples"])
    if n % 4 == 0 or "formula" in sample["rate"] or sample.get("measure", {}).get("of") == "earnings"
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["title"])
def test_an_example_has_the_same_digests(sample: dict[str, object], session_database: str, tmp_path: Path) -> None:
    world = example_of(sample)
    world["target_period"] = [target(max(sample["earned"]), reach_of(sample))]  # type: ignore[call-overload]
    assert on_postgresql(session_database, world, tmp_path) == run(world, tmp_path / "run").digests


@settings(max_examples=4, deadline=None)
@given(world=organisations())
def test_an_organisation_has_the_same_digests(world: World, session_database: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        assert on_postgresql(session_database, world, folder) == run(world, folder / "run").digests


def test_figures_that_outgrow_their_exact_type_stop_it_too(team: World, session_database: str, tmp_path: Path) -> None:
    for sale in team["transaction"]:
        sale |= {"currency": "USD", "amount": Decimal("99999999999999")}
    dates = {"valid_from": sale["transaction_date"].replace(month=1, day=1), "valid_to": None}
    rate = {"from_currency": "USD", "to_currency": "EUR", "rate": Decimal("999999999")}
    team["fx_rate"] = [rate | dates]
    team["component"][0]["terms"] |= {"rate": {"flat": {"pays": "rate", "value": "999"}}}
    with pytest.raises(FiguresOutOfRange) as here:
        on_postgresql(session_database, team, tmp_path)
    with pytest.raises(FiguresOutOfRange) as there:
        run(team, tmp_path / "run")
    assert str(here.value) == str(there.value)


PLACES = st.decimals(min_value=-(10**9), max_value=10**9, places=4) | st.sampled_from([Decimal(0), Decimal("0.0001")])
SHARE = st.decimals(min_value=0, max_value=9, places=6) | st.none()
CALLS = (
    "div({0}, {1}, 6)",
    "div({0}, {1}, 12)",
    "prorate({0}, {1}, {2})",
    "minor(CAST({0} AS DECIMAL(38, 10)), 0)",
    "minor(CAST({0} AS DECIMAL(38, 10)), 3)",
    "minor(CAST({0} AS DECIMAL(38, 10)), 7)",
    "within_limits(CAST({0} AS DECIMAL(38, 16)), {1}, {2}, CAST({3} AS DECIMAL(9, 6)), CAST({4} AS DECIMAL(9, 6)),"
    " {1}, CAST({5} AS DECIMAL(9, 6)), CAST(NULL AS DECIMAL(18, 4)), CAST({3} AS DECIMAL(9, 6)))",
    "within_limits(CAST({0} AS DECIMAL(38, 16)), {1}, CAST(NULL AS DECIMAL(18, 4)), CAST({3} AS DECIMAL(9, 6)),"
    " CAST({4} AS DECIMAL(9, 6)), CAST(NULL AS DECIMAL(18, 4)), CAST({5} AS DECIMAL(9, 6)), {2},"
    " CAST(NULL AS DECIMAL(9, 6)))",
)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(PLACES, PLACES, PLACES, SHARE, SHARE, SHARE), min_size=1, max_size=20))
def test_hooks_say_the_same_to_the_last_place(session_database: str, figures: list[tuple[Decimal | None, ...]]) -> None:
    def written(value: Decimal | None, place: int) -> str:
        text = "NULL" if value is None else f"'{value}'"
        return f"CAST({text} AS DECIMAL({'18, 4' if place < 3 else '9, 6'}))"

    asked = [call.format(*(written(v, n) for n, v in enumerate(row))) for row in figures for call in CALLS]
    query = " UNION ALL ".join(f"SELECT {n} AS n, CAST({call} AS DECIMAL(38, 12)) AS x" for n, call in enumerate(asked))

    async def there() -> list[tuple[int, Decimal | None]]:
        connection = await asyncpg.connect(session_database)
        try:
            await connection.execute(hooks())
            return [tuple(row) for row in await connection.fetch(with_schema(query))]
        finally:
            await connection.close()

    with connect(Path("unused")) as here:
        assert dict(asyncio.run(there())) == dict(here.execute(query).fetchall())


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(PLACES, PLACES, PLACES, SHARE, SHARE, SHARE), min_size=1, max_size=20))
def test_hooks_in_decimals_say_the_same(figures: list[tuple[Decimal | None, ...]]) -> None:
    query = (
        "SELECT div(a, b, 6), prorate(a, b, c), minor(CAST(a AS DECIMAL(38, 10)), 3),"
        " within_limits(CAST(a AS DECIMAL(38, 16)), b, c, d, e, b, f, c, d)"
        " FROM (SELECT CAST(? AS DECIMAL(18, 4)) AS a,"
        " CAST(? AS DECIMAL(18, 4)) AS b, CAST(? AS DECIMAL(18, 4)) AS c, CAST(? AS DECIMAL(9, 6)) AS d,"
        " CAST(? AS DECIMAL(9, 6)) AS e, CAST(? AS DECIMAL(9, 6)) AS f)"
    )
    with connect(Path("unused")) as here:
        for a, b, c, d, e, f in figures:
            said = (
                exact.div(a, b, 6),
                exact.prorate(a, b, c),
                exact.minor(a, 3),
                exact.within_limits(a, b, c, d, e, b, f, c, d),
            )
            assert here.execute(query, [a, b, c, d, e, f]).fetchall() == [said]
