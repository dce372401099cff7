"""A run: load the inputs, execute the steps, digest each, keep the artefact. Only the worker imports this."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import duckdb

from app.domain.compensation.calculation.digest import relation_digest, run_digest
from app.domain.compensation.calculation.inputs import CalculationError, Inputs
from app.domain.compensation.calculation.lines import EarningLine, Movement, Outcome, Slice, StatementTotal
from app.domain.compensation.calculation.loading import load, reporting_cycles

# Sorted so that the credits of one seller lie together and a drill-down reads one row group.
KEPT: Final = {
    "crediting_rule": "ordinal",
    "credit": "seller_id, credit_date, transaction_id, role, rule_ordinal, source_id, split_ordinal, currency",
    "counted": "seller_id, credit_date, transaction_id, role, rule_ordinal, source_id, split_ordinal, currency,"
    " counting_id",
    "component": "component_id",
    "counting": "counting_id",
    "eligibility": "seller_id, component_id, credited_seller_id, role, valid_from",
    "attainment": "seller_id, component_id, window_start, as_of, unit_id",
    "rate": "seller_id, component_id, window_start, as_of, unit_id, ordinal",
    "earned": "seller_id, component_id, window_start, as_of, unit_id",
    "earning": "seller_id, component_id, as_of",
    "checkpoint": "as_of",
    "pay": "seller_id, component_id, as_of",
    "movement": "seller_id, currency, kind, component_id, origin, transaction_id",
    "lost": "transaction_id, rule_ordinal, source_id, split_ordinal, reason",
    "uncredited": "transaction_id",
}
_ROW_GROUP: Final = 61_440


class Cancelled(CalculationError):
    """Somebody asked the run to stop; nothing was kept."""


class ArtefactExists(CalculationError):
    """The artefact folder is already there; an artefact is written once. Choose the folder of a new run."""


class FiguresOutOfRange(CalculationError):
    """An amount outgrew its exact type in the named step; look for an absurd amount, quota or exchange rate."""


@dataclass(frozen=True)
class Step:
    """One SQL text that makes one relation."""

    name: str
    sql: str


@dataclass(frozen=True)
class Resources:
    """What a run may use of the machine it is on."""

    memory: str = "2GB"
    threads: int = 2


def steps() -> tuple[Step, ...]:
    """The steps in order: `steps/NN_name.sql` makes relation `name`."""
    texts = sorted((files(__package__) / "steps").iterdir(), key=lambda file: file.name)
    return tuple(
        Step(text.name[3:].removesuffix(".sql"), text.read_text("utf-8")) for text in texts if text.name[-4:] == ".sql"
    )


def code_hash() -> str:
    """SHA-256 of the texts of the steps: what a run was calculated with, besides its inputs."""
    return hashlib.sha256("".join(f"-- {step.name}\n{step.sql}" for step in steps()).encode()).hexdigest()


def calculate(
    inputs: Inputs,
    artefact_dir: Path,
    on_step: Callable[[str, int, int], None],
    cancelled: Callable[[], bool],
    resources: Resources = Resources(),
) -> Outcome:
    """Calculate one period and keep its artefact in `artefact_dir`, which appears complete or not at all.

    `on_step(name, number, total)` is called as each step starts; `cancelled()` is asked between steps.
    Raises InvalidInputs, Cancelled, FiguresOutOfRange or ArtefactExists; then nothing is kept.
    """
    if artefact_dir.exists():
        raise ArtefactExists(artefact_dir.name)
    # A run that was killed leaves this folder behind; nothing refers to it, and the next run of the key replaces it.
    partial = artefact_dir.with_name(artefact_dir.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        with connect(partial / "spill", resources) as connection:
            load(connection, inputs)
            digests, counts = _execute(connection, on_step, cancelled)
            _keep(connection, partial)
            read = _read(connection)
        shutil.rmtree(partial / "spill", ignore_errors=True)
        if cancelled():
            raise Cancelled
        partial.rename(artefact_dir)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Outcome(artefact_dir, run_digest(digests), digests, counts, *read)


def connect(spill: Path, resources: Resources = Resources()) -> duckdb.DuckDBPyConnection:
    """An empty database in memory that knows the hooks."""
    connection = duckdb.connect(
        config={
            "memory_limit": resources.memory,
            "threads": resources.threads,
            "temp_directory": str(spill),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
    )
    _rows(connection, (files(__package__) / "hooks" / "duckdb.sql").read_text("utf-8"))
    return connection


def _execute(
    connection: duckdb.DuckDBPyConnection, on_step: Callable[[str, int, int], None], cancelled: Callable[[], bool]
) -> tuple[dict[str, str], dict[str, int]]:
    digests: dict[str, str] = {}
    counts: dict[str, int] = {}
    todo = steps()
    for number, step in enumerate(todo, 1):
        if cancelled():
            raise Cancelled
        on_step(step.name, number, len(todo))
        try:
            _rows(connection, f"CREATE TABLE {step.name} AS {step.sql}")
        except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
            raise FiguresOutOfRange(step.name) from error
        if step.name == "closure":
            reporting_cycles(connection)
        [(counts[step.name],)] = _rows(connection, f"SELECT COUNT(*) FROM {step.name}")
        digests[step.name] = relation_digest(connection, step.name)
    return digests, counts


def _keep(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    _rows(connection, "SET preserve_insertion_order = true")
    for relation, order in KEPT.items():
        connection.sql(f"SELECT * FROM {relation} ORDER BY {order}").write_parquet(
            str(folder / f"{relation}.parquet"), compression="zstd", row_group_size=_ROW_GROUP
        )


def _read(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[tuple[EarningLine, ...], tuple[Slice, ...], tuple[Movement, ...], tuple[StatementTotal, ...]]:
    lines = _rows(connection, f"SELECT * FROM pay ORDER BY {KEPT['pay']}")
    slices = _rows(
        connection,
        "SELECT r.seller_id, r.component_id, p.origin, r.window_start, r.ordinal, r.x_from, r.x_to, r.value, r.amount,"
        " r.earned FROM pay p JOIN component c ON c.component_id = p.component_id AND c.window_length <> 'transaction'"
        " JOIN attainment a ON a.seller_id = p.seller_id AND a.component_id = p.component_id"
        " AND a.window_start < p.as_of AND a.as_of = LEAST(p.as_of, a.window_end)"
        " JOIN rate r ON r.seller_id = a.seller_id AND r.component_id = a.component_id"
        " AND r.window_start = a.window_start AND r.as_of = a.as_of"
        " ORDER BY r.seller_id, r.component_id, p.as_of, r.window_start, r.ordinal",
    )
    movements = _rows(connection, f"SELECT * FROM movement ORDER BY {KEPT['movement']}")
    totals = _rows(connection, "SELECT * FROM statement ORDER BY seller_id, currency")
    return (
        tuple(EarningLine(*row) for row in lines),
        tuple(Slice(*row) for row in slices),
        tuple(Movement(*row) for row in movements),
        tuple(StatementTotal(*row) for row in totals),
    )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()
