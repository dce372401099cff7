"""Calculating a company's pay: time and memory of a run, its peers, and what a change costs after it."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import duckdb

from app.domain.compensation.calculation import trace
from app.domain.compensation.calculation.engines import DuckDB, Engine, PostgreSQL
from app.domain.compensation.calculation.inputs import Inputs
from app.domain.compensation.calculation.loading import check_copy
from app.domain.compensation.calculation.making import steps
from benchmarks.cluster import fresh_database
from benchmarks.compensation import data, extraction, ordinary
from benchmarks.measure import Options
from benchmarks.results import Comparison, Results

FOLDER = "COMPENSATION_DATA"
"""Environment: where to keep the data for the next time; a temporary folder otherwise."""
LARGE = "COMPENSATION_LARGE"
"""Environment: when set, 100 million transactions are calculated too."""
_TRANSACTIONS = 10_000_000
_BESIDE_POSTGRESQL = 200_000
_EXTRACTED = 2_000_000
_NEW = 10_000
_ORDINARY = 400
_DRILLED = 60
Told = dict[str, Any]


def run(options: Options) -> Results:
    """Every figure in turn; peers are given fewer transactions, and are compared per transaction."""
    results = Results()
    with tempfile.TemporaryDirectory(prefix="palier-bench-") as temporary:
        folder = Path(os.environ.get(FOLDER, temporary))
        count = int(_TRANSACTIONS * options.scale)
        if options.only in "run":
            whole = _whole(folder, count, results)
            _drill_down(folder / f"{count}-run", results)
            _after(folder, count, whole, results)
            _ordinary(folder, count, whole["seconds"] / count, results)
        if options.only in "extraction":
            _extraction(max(12, int(_EXTRACTED * options.scale)), options, results)
        if options.only in "PostgreSQL":
            _postgresql(folder, int(_BESIDE_POSTGRESQL * min(1.0, 5 * options.scale)), options, results)
        if os.environ.get(LARGE):
            _whole(folder, 10 * count, results)
    return results


def _whole(folder: Path, count: int, results: Results) -> Told:
    print(f"making {count:,} transactions", flush=True)
    _copied(data.make(count, folder / str(count)), folder / str(count))
    told = _calculated(folder / str(count), folder / f"{count}-run")
    _say(f"{count:,} transactions", told)
    for figure, unit in (("seconds", "s"), ("cpu", "s"), ("megabytes", "MB")):
        results.comparisons.append(Comparison(f"run of {count:,}: {figure}", told[figure], unit, "none", 1.0))
    return told


def _after(folder: Path, count: int, whole: Told, results: Results) -> None:
    """Changes one after another, each calculated after what was known; the last digest is that of a whole run."""
    changed, known = folder / f"{count}-changed", folder / f"{count}-run"
    _linked(folder / str(count), changed)
    took = {}
    for name, change in _CHANGES.items():
        change(changed)
        again = folder / f"{count}-{change.__name__}"
        took[name] = last = _calculated(changed, again, known)
        _say(name, last)
        known = again
    afresh = _calculated(changed, folder / f"{count}-afresh")
    before, after = folder / f"{count}-before", folder / f"{count}-after"
    _linked(folder / str(count), before)
    _pay_november(before)
    _calculated(before, after)
    took["the month before was paid"] = month = _calculated(folder / str(count), folder / f"{count}-month", after)
    _say("the month before was paid", month)
    if last["digest"] != afresh["digest"] or month["digest"] != whole["digest"] or last["digest"] == whole["digest"]:
        raise SystemExit("runs after another do not come to what a whole run does")
    for name, told in took.items():
        ratio = told["seconds"] / afresh["seconds"]
        results.comparisons.append(Comparison(f"after {name}", told["seconds"], "s", "whole run", ratio))


def _drill_down(artefact: Path, results: Results) -> None:
    """Who is credited for a transaction, and a month of a seller's credits, out of all."""
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT transaction_id, seller_id, credit_date FROM read_parquet(?)"
            f" WHERE role = 'direct' USING SAMPLE reservoir({_DRILLED} ROWS) REPEATABLE (3)",
            [str(artefact / "credit" / "*.parquet")],
        ).fetchall()
    asked: dict[str, Callable[[UUID, UUID, date], Sequence[Any]]] = {
        "credits of a transaction": lambda sale, _, day: trace.credits_of_transaction(artefact, sale, day),
        "a month of a seller": lambda _, seller, day: trace.credits_of_seller(
            artefact, seller, day.replace(day=1), (day.replace(day=1) + timedelta(days=31)).replace(day=1)
        ),
    }
    for figure, ask in asked.items():
        took = []
        for place in found:
            begun = time.perf_counter()
            if not ask(*place):
                raise SystemExit(f"{figure}: nothing was found of what is there")
            took.append(1000 * (time.perf_counter() - begun))
        p95 = statistics.quantiles(took, n=20)[-1]
        print(f"{figure:32}{statistics.median(took):8.1f} ms, p95 {p95:.1f} ms", flush=True)
        results.comparisons.append(Comparison(f"{figure}: p95", p95, "ms", "none", 1.0))


def _ordinary(folder: Path, count: int, ours: float, results: Results) -> None:
    theirs = ordinary.seconds_per_transaction(data.make(count, folder / str(count)), _ORDINARY)
    print(f"{'ordinary loop':32}{1e6 * theirs:8.1f} µs a transaction, {theirs / ours:,.0f} times a run", flush=True)
    results.comparisons.append(Comparison("a transaction", 1e6 * ours, "µs", "ordinary loop", ours / theirs))


def _postgresql(folder: Path, count: int, options: Options, results: Results) -> None:
    """The same texts on both engines, up to credits per day: what grows with transactions; loading left out."""
    inputs = data.make(count, folder / str(count))
    with fresh_database(durable=options.durable) as (dsn, scratch):
        ours, digests = asyncio.run(_steps_on(DuckDB(scratch), inputs))
        theirs, found = asyncio.run(_steps_on_postgresql(dsn, inputs, scratch))
    if digests != found:
        raise SystemExit("PostgreSQL found another digest")
    print(f"{f'credits of {count:,}':32}{ours:8.1f} s, PostgreSQL {theirs:.1f} s", flush=True)
    results.comparisons.append(Comparison(f"credits of {count:,}", ours, "s", "PostgreSQL", ours / theirs))


def _extraction(count: int, options: Options, results: Results) -> None:
    """From rows of the database to the copy that runs read."""
    with fresh_database(durable=options.durable) as (dsn, scratch):
        took = asyncio.run(extraction.measured(dsn, scratch, count))
    per_second, ordinary_rows = count / took.whole, 1 / took.ordinary_row
    print(
        f"{f'copy of {count:,}':32}{took.whole:8.1f} s, {per_second:,.0f} rows/s, row by row {ordinary_rows:,.0f};"
        f" after 10,000 more {took.after_new:.2f} s",
        flush=True,
    )
    ratio = per_second / ordinary_rows
    results.comparisons.append(Comparison("rows copied a second", per_second, "1/s", "row by row", ratio))
    after = Comparison("copy after 10,000 more", took.after_new, "s", "whole copy", took.after_new / took.whole)
    results.comparisons.append(after)


async def _steps_on_postgresql(dsn: str, inputs: Inputs, folder: Path) -> tuple[float, list[str]]:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            return await _steps_on(PostgreSQL(connection, folder), inputs)
    finally:
        await connection.close()


async def _steps_on(engine: Engine, inputs: Inputs) -> tuple[float, list[str]]:
    await engine.load(inputs)
    begun = time.perf_counter()
    last = next(place for place, step in enumerate(steps(), 1) if step.name == "daily")
    digests = [await engine.make(step) for step in steps()[:last]]
    return time.perf_counter() - begun, digests


def _calculated(inputs: Path, artefact: Path, parent: Path | None = None) -> Told:
    subprocess.run(["rm", "-rf", str(artefact)], check=True)
    asked = [sys.executable, "-m", "benchmarks.compensation.child", str(inputs), str(artefact)]
    done = subprocess.run([*asked, *([str(parent)] if parent else [])], check=True, capture_output=True, text=True)
    told: Told = json.loads(done.stdout)
    return told


def _copied(inputs: Inputs, folder: Path) -> None:
    """The transactions as the copy holds them: files in a folder, which were checked."""
    file = folder / "transaction" / "0.parquet"
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        check_copy(Path(str(inputs.transaction)))
        os.link(str(inputs.transaction), file)


def _linked(folder: Path, other: Path) -> None:
    subprocess.run(["rm", "-rf", str(other)], check=True)
    subprocess.run(["cp", "-rl", str(folder), str(other)], check=True)


def _sell(folder: Path) -> None:
    """More of the last days, under ids of their own."""
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT CAST(CAST(transaction_id AS UHUGEINT) + 1 AS UUID) AS transaction_id,"
            f" * EXCLUDE transaction_id FROM '{folder}/transaction/0.parquet'"
            f" WHERE transaction_date >= DATE '2026-12-25' LIMIT {_NEW}) TO '{folder}/transaction/1.parquet'"
        )


def _raise_quota(folder: Path) -> None:
    _rewrite(
        folder, "quota", f"UPDATE quota SET amount = amount + 1 WHERE seller_id = '{data.identify('seller', 4000)}'"
    )


def _hand_over(folder: Path) -> None:
    """A territory goes to somebody else from a day in December on."""
    one = "territory_id = (SELECT MIN(territory_id) FROM coverage WHERE cum_hi = 1 AND cum_lo = 0 AND valid_to IS NULL)"
    last = f"{one} AND valid_to IS NULL AND valid_from < DATE '2026-12-15'"
    heir = f"'{data.identify('seller', 5000)}'"
    _rewrite(
        folder,
        "coverage",
        f"INSERT INTO coverage SELECT * REPLACE ({heir} AS seller_id, DATE '2026-12-15' AS valid_from) FROM coverage"
        f" WHERE {last}",
        f"UPDATE coverage SET valid_to = DATE '2026-12-15' WHERE {last}",
    )


def _pay_more(folder: Path) -> None:
    """Every tier pays more."""
    _rewrite(folder, "band", "UPDATE band SET value = value + 0.01")


def _pay_november(folder: Path) -> None:
    paid = "period_code = '2026-11', start_date = DATE '2026-11-01', end_date = DATE '2026-12-01'"
    _rewrite(folder, "target_period", f"UPDATE target_period SET {paid}")
    _rewrite(folder, "settled", "DELETE FROM settled WHERE period_code = '2026-11'")


def _rewrite(folder: Path, relation: str, *changes: str) -> None:
    file = folder / f"{relation}.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE {relation} AS FROM '{file}'")
        for change in changes:
            connection.execute(change)
        # Its name is that of another folder too, which stays as it is.
        file.unlink()
        connection.execute(f"COPY {relation} TO '{file}'")


_CHANGES: dict[str, Callable[[Path], None]] = {
    "10,000 new transactions": _sell,
    "one quota": _raise_quota,
    "a territory handed over": _hand_over,
    "other rates": _pay_more,
}


def _say(what: str, told: Told) -> None:
    print(
        f"{what:32}{told['seconds']:8.1f} s{told['cpu']:8.1f} s of processor{told['megabytes']:8.0f} MB"
        f"{told['credits']:14,} credits{told['lines']:8,} lines{told['reused']:4} slices taken over",
        flush=True,
    )
