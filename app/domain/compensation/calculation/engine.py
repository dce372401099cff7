"""A run: load the inputs, execute the steps, digest each, keep the artefact. Only the worker imports this."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from app.domain.compensation.calculation.artefact import KEPT, KEPT_IN_SLICES, copy_to, kept
from app.domain.compensation.calculation.digest import Digest, run_digest
from app.domain.compensation.calculation.inputs import RELATIONS, CalculationError, Inputs, Relation
from app.domain.compensation.calculation.kept import link
from app.domain.compensation.calculation.lines import Columns, Outcome
from app.domain.compensation.calculation.loading import load, only_between, reporting_cycles, window_of
from app.domain.compensation.calculation.making import (
    IN_SLICES,
    Resources,
    Step,
    connect,
    digest_of,
    formulas_of,
    hooks,
    make,
    rows_of,
    steps,
    stored,
)
from app.domain.compensation.calculation.slicing import (
    Days,
    Known,
    Span,
    copied_files,
    copied_from,
    cut,
    made_of_all,
    made_of_days,
    read_known,
    words,
    write_known,
)
from app.domain.compensation.calculation.workings import workings

_SLICED: Final = (
    *("snapshot", "disputed", "claim", "classify", "winner", "credit"),
    *("lost", "uncredited", "counted", "daily"),
)
"""Steps that look at each transaction by itself, made for some days after others, so that they hold few at a time."""

_OF_TRANSACTIONS: Final = ("named", "contested", "creditable", "plain")
"""What only those read: not made when all days are taken over, and it makes room for the rest."""
_TOLD: Final = (
    *("attainment", "lookup", "rate", "computed", "earned", "budgeted", "checkpoint"),
    *("pay", "movement", "statement"),
)
"""What is read when all is made."""
_EARLIER: Final = """
SELECT p.period_code, CAST(COALESCE(c.credits, 0) AS BIGINT) AS credits, COALESCE(u.transactions, 0) AS uncredited
FROM target_period w
JOIN period p ON p.start_date >= w.reach_start AND p.end_date <= w.fiscal_year_start
LEFT JOIN (
  SELECT m.period_code, SUM(d.credits) AS credits
  FROM daily d
  JOIN period m ON d.credit_date >= m.start_date AND d.credit_date < m.end_date
  WHERE d.credit_date < (SELECT fiscal_year_start FROM target_period)
  GROUP BY m.period_code
) c ON c.period_code = p.period_code
LEFT JOIN (
  SELECT earlier_period, COUNT(*) AS transactions FROM uncredited GROUP BY earlier_period
) u ON u.earlier_period = p.period_code
ORDER BY p.start_date
"""


class Cancelled(CalculationError):
    """Somebody asked the run to stop; nothing was kept."""


class ArtefactExists(CalculationError):
    """The artefact folder is already there; an artefact is written once. Choose the folder of a new run."""


def calculate(
    inputs: Inputs,
    artefact_dir: Path,
    on_step: Callable[[str, int, int], None],
    cancelled: Callable[[], bool],
    resources: Resources = IN_SLICES,
    parent: Path | None = None,
) -> Outcome:
    """Calculate one period and keep its artefact in `artefact_dir`, which appears complete or not at all.

    Days that the artefact `parent` of an earlier run knows with the same transactions, credited by the same rules and
    people, are taken over from it; the outcome is the same with any parent and with none.

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
            with ThreadPoolExecutor(1) as aside:
                run = _Run(connection, partial, on_step, cancelled, inputs.transaction, parent, aside)
                run.execute()
            columns = _read(connection)
        shutil.rmtree(partial / "spill", ignore_errors=True)
        if cancelled():
            raise Cancelled
        partial.rename(artefact_dir)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Outcome(artefact_dir, run_digest(run.told()), run.told(), run.counts, columns, run.reused)


Made = tuple[str, int, Digest]
"""A relation, its rows and its digest."""


class _Run:
    """The steps over loaded inputs: those before transactions, those of transactions slice by slice, and the rest."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        folder: Path,
        on_step: Callable[[str, int, int], None],
        cancelled: Callable[[], bool],
        transactions: Relation,
        parent: Path | None,
        aside: Executor,
    ) -> None:
        self.connection = connection
        self.folder = folder
        self.counts: dict[str, int] = {}
        self.digests: dict[str, Digest] = {}
        self.reused = 0
        self._files = copied_files(transactions)
        self._parent = parent
        self._aside = aside
        self._looked_at: dict[str, Future[Made]] = {}
        self._formulas = formulas_of(connection)
        self._on_step = on_step
        self._cancelled = cancelled
        self._number = 0
        self._total = 0

    def execute(self) -> None:
        """Make every relation."""
        todo = steps()
        first = next(place for place, step in enumerate(todo) if step.name in _SLICED)
        sliced = [step for step in todo if step.name in _SLICED]
        looked_up = [step for step in todo[:first] if step.name in _OF_TRANSACTIONS]
        self._total = len(todo)
        for step in todo[:first]:
            if step not in looked_up:
                self._make(step)
        reporting_cycles(self.connection)
        for relation in KEPT_IN_SLICES:
            (self.folder / relation).mkdir()
        known = read_known(self._parent)
        made_of, filled = made_of_all(self.connection, [hooks(), *(step.sql for step in todo[: first + len(sliced)])])
        same = known.made_of == made_of
        texts = [hooks(), *(step.sql for step in (*looked_up, *sliced))]
        days = self._standing(known.slices, same, partial(made_of_days, self.connection, texts, filled))
        only_between(self.connection, *window_of(self.connection))
        spans = cut(self.connection, [(part.start, part.end) for part in days])
        stand = same and not spans
        self._total += (len(spans) - 1) * len(sliced) - stand * len(looked_up)
        for step in looked_up:
            if stand:
                self._add(step.name, known.counts[step.name], Digest.read(known.digests[step.name]))
            else:
                self._make(step)
        self._settle()
        counts = {step.name: self.counts[step.name] for step in looked_up}
        digests = {step.name: str(self.digests[step.name]) for step in looked_up}
        made_new = made_of_days(self.connection, texts, filled, spans)
        days += [self._slice(sliced, *span, made_new[span]) for span in spans]
        write_known(self.folder, Known(made_of, counts, digests, days))
        self._drop("entitled", *_OF_TRANSACTIONS)
        for relation in KEPT_IN_SLICES:
            self.connection.read_parquet(kept(self.folder, relation)).create_view(relation)
        # Parts of one transaction may count in days of several slices.
        if self.counts["counted"]:
            self.digests["counted"] = digest_of(self.connection, "counted")
        rest = todo[first + len(sliced) :]
        made = {step.name for step in todo[:first]}
        for place, step in enumerate(rest, 1):
            self._make(step)
            read = words([later.sql for later in rest[place:]])
            self._drop(*(made - read - {*_TOLD}))
            made = (made & (read | {*_TOLD})) | {step.name}
        for relation in KEPT.keys() & RELATIONS.keys():
            rows_of(self.connection, copy_to(self.folder, relation))
        self._settle()

    def told(self) -> dict[str, str]:
        """The digest of every step in order."""
        return {step.name: str(self.digests[step.name]) for step in steps()}

    def _make(self, step: Step, file: str | None = None) -> None:
        """Make the relation of a step; it is digested and kept beside the steps that follow."""
        self._say(step)
        rows = make(self.connection, step, self._formulas, stored(step.name))
        kept_as = copy_to(self.folder, step.name, file) if step.name in (KEPT_IN_SLICES if file else KEPT) else None
        cursor = self.connection.cursor()
        self._looked_at[step.name] = self._aside.submit(_look, cursor, step.name, rows, kept_as)

    def _settle(self) -> list[Made]:
        """Wait until everything made is digested and kept."""
        found = [future.result() for future in self._looked_at.values()]
        self._looked_at.clear()
        for relation, count, digest in found:
            self._add(relation, count, digest)
        return found

    def _drop(self, *relations: str) -> None:
        """Give up what nothing reads any more, to have room; it is digested and kept first."""
        for relation in relations:
            if relation in self._looked_at:
                self._looked_at[relation].result()
            rows_of(self.connection, f"DROP TABLE IF EXISTS {relation}")

    def _slice(self, sliced: Sequence[Step], start: date, end: date, made_of: str) -> Days:
        """Make the relations of some days and keep those that are kept."""
        only_between(self.connection, start, end)
        file = f"{start}.parquet"
        for step in sliced:
            self._make(step, file)
        found = self._settle()
        self._drop(*(step.name for step in sliced))
        counts = {relation: count for relation, count, _ in found}
        digests = {relation: str(digest) for relation, _, digest in found}
        return Days(start, end, made_of, counts, digests, file, copied_from(self._files, start, end))

    def _standing(
        self, parent: Sequence[Days], same: bool, made_of: Callable[[Sequence[Span]], Mapping[Span, str]]
    ) -> list[Days]:
        """The slices of the parent that are made of what they would be now, taken over; `same` says that all are."""
        start, end = window_of(self.connection)
        within = [part for part in parent if start <= part.start and part.end <= end]
        if not same:
            now = made_of([(part.start, part.end) for part in within])
            within = [part for part in within if part.made_of == now[part.start, part.end]]
        return [taken_over for part in within if (taken_over := self._take_over(part))]

    def _take_over(self, known: Days) -> Days | None:
        """A slice of the parent with its files; None when they are gone or its transactions are others."""
        if self._parent is None:
            return None
        now_from = copied_from(self._files, known.start, known.end)
        if now_from is None or now_from != known.copied_from:
            only_between(self.connection, known.start, known.end)
            if str(digest_of(self.connection, "snapshot", "transaction")) != known.digests["snapshot"]:
                return None
        try:
            for relation in KEPT_IN_SLICES:
                link(self._parent / relation / known.file, self.folder / relation / known.file)
        except OSError:
            for relation in KEPT_IN_SLICES:
                (self.folder / relation / known.file).unlink(missing_ok=True)
            return None
        for relation, count in known.counts.items():
            self._add(relation, count, Digest.read(known.digests[relation]))
        self.reused += 1
        return replace(known, copied_from=now_from)

    def _say(self, step: Step) -> None:
        if self._cancelled():
            raise Cancelled
        self._number += 1
        self._on_step(step.name, self._number, self._total)

    def _add(self, relation: str, count: int, digest: Digest) -> None:
        self.counts[relation] = self.counts.get(relation, 0) + count
        self.digests[relation] = self.digests.get(relation, Digest()) + digest


def _look(cursor: duckdb.DuckDBPyConnection, relation: str, rows: int, kept_as: str | None) -> Made:
    with cursor:
        if kept_as:
            rows_of(cursor, kept_as)
        return relation, rows, digest_of(cursor, relation) if rows else Digest()


def _read(connection: duckdb.DuckDBPyConnection) -> Columns:
    rows_of(connection, "SET preserve_insertion_order = true")
    return Columns(
        lines=_table(connection, f"SELECT * FROM pay ORDER BY {KEPT['pay']}"),
        slices=_table(
            connection,
            "SELECT r.seller_id, r.component_id, p.origin, r.window_start, r.ordinal, r.x_from, r.x_to, r.value,"
            " r.amount, r.earned FROM pay p"
            " JOIN component c ON c.component_id = p.component_id AND c.window_length <> 'transaction'"
            " AND c.measure <> 'earnings'"
            " JOIN attainment a ON a.seller_id = p.seller_id AND a.component_id = p.component_id"
            " AND a.window_start < p.as_of AND a.as_of = LEAST(p.as_of, a.window_end)"
            " JOIN rate r ON r.seller_id = a.seller_id AND r.component_id = a.component_id"
            " AND r.window_start = a.window_start AND r.as_of = a.as_of AND r.earned IS NOT NULL"
            " ORDER BY r.seller_id, r.component_id, p.as_of, r.window_start, r.ordinal",
        ),
        movements=_table(connection, f"SELECT * FROM movement ORDER BY {KEPT['movement']}"),
        totals=_table(connection, "SELECT * FROM statement ORDER BY seller_id, currency"),
        workings=workings(connection),
        earlier=_table(connection, _EARLIER),
    )


def _table(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    found = connection.sql(query)
    ids = [name for name, kind in zip(found.columns, found.types, strict=True) if str(kind) == "UUID"]
    as_text = ", ".join(f"CAST({name} AS VARCHAR) AS {name}" for name in ids)
    return (connection.sql(f"SELECT * REPLACE ({as_text}) FROM ({query})") if ids else found).to_arrow_table()
