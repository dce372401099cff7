"""What a digest notices: every difference of a row, also where rows are told together by day."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.domain.compensation.calculation.digest import IN_DAYS
from app.domain.compensation.calculation.engines import step_columns
from app.domain.compensation.calculation.making import connect, digest_of

_OF_KIND: dict[str, tuple[Any, Any]] = {
    "UUID": (UUID(int=10**36 + 5), UUID(int=10**36 + 11)),
    "VARCHAR": ("booking", "return"),
    "BOOLEAN": (True, False),
    "DATE": ("2026-01-02", "2026-01-02"),
}
Rows = list[dict[str, Any]]


def value(kind: str, row: int) -> Any:
    """What a column of a kind holds in one of two rows; the rows are of one day and differ everywhere else."""
    return _OF_KIND[kind][row] if kind in _OF_KIND else 3 + 4 * row


def others(rows: Rows, columns: dict[str, str]) -> Iterator[tuple[str, Rows]]:
    """The same two rows with one thing different."""
    first, second = rows
    for name, kind in columns.items():
        if kind == "DATE":
            yield f"another {name}", [{**first, name: "2026-01-03"}, second]
            continue
        yield f"no {name}", [{**first, name: None}, second]
        if kind not in _OF_KIND:
            yield f"{name} of 0", [{**first, name: 0}, second]
        yield f"{name} twice", [{**first, name: second[name]}, second]
        exchanged = [{**first, name: second[name]}, {**second, name: first[name]}]
        if exchanged != rows[::-1]:
            yield f"{name} exchanged", exchanged


@pytest.mark.parametrize("relation", IN_DAYS)
def test_of_two_rows_of_a_day_nothing_changes_or_changes_places_unnoticed(relation: str, tmp_path: Path) -> None:
    columns = step_columns()[relation]
    rows = [{name: value(kind, row) for name, kind in columns.items()} for row in (0, 1)]
    with connect(tmp_path) as connection:
        connection.execute(f"CREATE TABLE {relation} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")

        def digest(given: Rows) -> str:
            connection.execute(f"DELETE FROM {relation}")
            places = ", ".join("?" for _ in columns)
            connection.executemany(f"INSERT INTO {relation} VALUES ({places})", [list(row.values()) for row in given])
            return str(digest_of(connection, relation))

        known = {"nothing": rows, **dict(others(rows, columns))}
        found = {what: digest(given) for what, given in known.items()}
        assert digest(rows[::-1]) == found["nothing"]
    same = [(one, other) for one in found for other in found if one < other and found[one] == found[other]]
    # Where rows have two columns only, exchanging either comes to the same.
    assert [(one, other) for one, other in same if known[one] != known[other][::-1]] == []
