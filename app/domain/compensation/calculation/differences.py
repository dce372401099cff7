"""Why two runs of one period differ: from the inputs of one to those of the other, one cause at a time.

After each cause the year is calculated again; what a line then earns more or less is put down to that cause. So the
causes of a line add up to its whole difference, whatever they do together: what two causes only bring about together is
the later one's. The order is that of `Cause`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import duckdb
import pyarrow as pa

from app.domain.compensation.calculation.inputs import RELATIONS, Inputs, Relation
from app.domain.compensation.calculation.loading import attach, load, table
from app.domain.compensation.calculation.making import connect, formulas_of, make, steps
from app.domain.compensation.contract.differences import Cause

# What each cause brings; transactions come in three parts, and everything not named here with `other`.
_BRINGS: Final[dict[Cause, tuple[str, ...]]] = {
    Cause.CORRECTED_TRANSACTION: ("explicit_split", "trait", "label"),
    Cause.LATE_TRANSACTION: (),
    Cause.NEW_TRANSACTION: ("takeback",),
    Cause.MANUAL_CREDIT: ("manual_credit",),
    Cause.RESULT: ("activity", "objective"),
    Cause.CREDITING_RULE: ("crediting_rule", "rule_product", "rule_account"),
    Cause.PLAN: (
        *("component", "band", "formula", "formula_input", "gate", "earning_limit"),
        *("counting", "counted_product", "counted_account", "weight", "weight_product", "asked_label"),
    ),
    Cause.QUOTA: ("quota",),
    Cause.ASSIGNMENT: ("membership", "coverage", "account_owner", "overlay", "reporting_line"),
    Cause.PARTICIPATION: ("participant",),
    Cause.EXCHANGE_RATE: ("fx_rate",),
    Cause.EARLIER_YEAR: ("brought", "brought_back"),
}
_NAMED: Final = ("plan_id", "component_id", "x_component_id", "y_component_id", "of_component_id", "counting_id")
"""Columns in which a plan or a component stands."""
# What is left of the first run's transactions with those of the second that took the place of others; then with those
# that came late, dated before the period; then all of them.
_KEPT = "SELECT b.* FROM before b SEMI JOIN after USING (transaction_id)"
_CAME = "SELECT a.* FROM after a ANTI JOIN before USING (transaction_id)"
_TRANSACTIONS: Final = {
    Cause.CORRECTED_TRANSACTION: f"{_KEPT} UNION ALL FROM ({_CAME}) SEMI JOIN correction USING (transaction_id)",
    Cause.LATE_TRANSACTION: f"{_KEPT} UNION ALL FROM ({_CAME}) SEMI JOIN correction USING (transaction_id)"
    f" UNION ALL FROM ({_CAME}) ANTI JOIN correction USING (transaction_id)"
    " WHERE transaction_date < (SELECT start_date FROM target)",
    Cause.NEW_TRANSACTION: f"{_KEPT} UNION ALL {_CAME}",
}
# What a period earns is what is earned to its end less what was earned to its beginning; differences of earlier years
# come as they are.
_FIGURES = """
    SELECT e.seller_id, e.component_id, k.period_code, e.currency,
      e.earned_to_date - CASE WHEN b.seller_id IS NULL THEN 0 ELSE b.earned_to_date END
    FROM checkpoint k
    JOIN earning e ON e.as_of = k.as_of
    LEFT JOIN earning b ON b.seller_id = e.seller_id AND b.component_id = e.component_id AND b.as_of = k.previous
    UNION ALL
    SELECT seller_id, component_id, period_code, currency, amount FROM brought
"""
_LAST = "earning"
"""The step that says what is earned; what follows pays it."""


@dataclass(frozen=True, order=True)
class Line:
    """What a period earns of a component."""

    seller_id: UUID
    component_id: UUID
    period_code: str
    currency: str


@dataclass(frozen=True)
class Difference:
    """What one cause changed of a line; None where there is no such line or it cannot be said, and pays nothing."""

    line: Line
    cause: Cause
    before: Decimal | None
    after: Decimal | None

    @property
    def amount(self) -> Decimal:
        """How much more it pays."""
        return (self.after or Decimal(0)) - (self.before or Decimal(0))


Figures = dict[Line, Decimal | None]


def differences(
    before: Inputs,
    after: Inputs,
    same: Mapping[str, str],
    corrections: pa.Table,
    folder: Path,
    on_cause: Callable[[Cause, int, int], None],
) -> Iterator[Difference]:
    """What each cause changed, line by line, in the order of the causes.

    `same` gives to each plan and component of the first run the one it is in the second; `corrections` are the
    transactions (`transaction_id`) that took another's place.
    """
    state, end = _renamed(before, same), after.relations()
    parts = _transactions(state["transaction"], end, corrections, folder)
    figures = _figures(state, folder)
    for place, cause in enumerate(Cause, 1):
        on_cause(cause, place, len(Cause))
        brought = {name: end[name] for name in _BRINGS.get(cause, end)}
        brought |= {"transaction": parts[cause]} if cause in parts else {}
        changed = {name: relation for name, relation in brought.items() if _differ(name, state[name], relation)}
        if not changed:
            continue
        state |= changed
        found = _figures(state, folder)
        for line in sorted({**figures, **found}):
            told = Difference(line, cause, figures.get(line), found.get(line))
            if told.before != told.after:
                yield told
        figures = found


def _renamed(inputs: Inputs, same: Mapping[str, str]) -> dict[str, Relation]:
    """The relations with plans and components under other ids."""
    found = inputs.relations()
    for name, columns in RELATIONS.items():
        named = [column.name for column in columns if column.name in _NAMED]
        if named and same:
            known = table(found[name])
            for column in named:
                ids = [same.get(id, id) for id in known.column(column).to_pylist()]
                place = known.schema.get_field_index(column)
                known = known.set_column(place, known.schema.field(column), pa.array(ids, pa.string()))
            found[name] = known
    return found


def column_of(relation: Relation, column: str) -> list[Any]:
    """The values of one column."""
    found: list[Any] = table(relation).column(column).to_pylist()
    return found


def _transactions(
    before: Relation, end: Mapping[str, Relation], corrections: pa.Table, folder: Path
) -> dict[Cause, Path]:
    """The transactions after each of the causes that bring some."""
    files = {cause: folder / f"{cause}.parquet" for cause in _TRANSACTIONS}
    given = {"before": before, "after": end["transaction"], "target": end["target_period"], "correction": corrections}
    with _holding(given) as connection:
        for cause, query in _TRANSACTIONS.items():
            connection.sql(query).write_parquet(str(files[cause]))
    return files


def _differ(name: str, one: Relation, other: Relation) -> bool:
    columns = ", ".join(column.name for column in RELATIONS[name])
    query = f"SELECT COUNT(*) FROM (SELECT {columns} FROM {{}} EXCEPT ALL SELECT {columns} FROM {{}})"
    with _holding({"one": one, "other": other}) as connection:
        return any(
            connection.execute(query.format(*pair)).fetchall() != [(0,)]
            for pair in (("one", "other"), ("other", "one"))
        )


def _figures(state: Mapping[str, Relation], folder: Path) -> Figures:
    with connect(folder / "spill") as connection:
        load(connection, Inputs(**_without_loose_ends(state)))
        formulas = formulas_of(connection)
        for step in steps():
            make(connection, step, formulas)
            if step.name == _LAST:
                break
        rows = connection.execute(_FIGURES).fetchall()
    return {Line(*row[:4]): row[4] for row in rows}


def _without_loose_ends(state: Mapping[str, Relation]) -> dict[str, Relation]:
    """The relations without rows about components and overlay rules that only the other run knows."""
    found = dict(state)
    with _holding(state) as connection:
        for name in ("activity", "objective"):
            found[name] = connection.sql(f"FROM {name} SEMI JOIN component USING (component_id)").to_arrow_table()
        found["overlay"] = connection.sql("FROM overlay SEMI JOIN crediting_rule USING (rule_id)").to_arrow_table()
    return found


@contextmanager
def _holding(relations: Mapping[str, Relation]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for name, relation in relations.items():
            attach(connection, name, relation)
        yield connection
