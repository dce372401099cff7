"""From what a run kept back to the credits: who was credited for what, and which credit earned which cent.

A line's cents go to its credits in order of date: each credit earns what the earned to date rises by when it is added,
at the tiers it lands in, so that the deal that crosses a tier shows it and the cents add up exactly. Everything is
read from the Parquet files of the run; nothing is recalculated from inputs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from app.domain.compensation.calculation.lines import Credit, LineKind, Lost, Uncredited

_CREDIT = (
    "c.transaction_id, c.role, c.rule_ordinal, c.rule, c.source_id, c.split_ordinal, c.seller_id, c.credit_date,"
    " c.currency, c.amount"
)
_PLACE = "c.credit_date, c.transaction_id, c.role, c.rule_ordinal, c.source_id, c.split_ordinal, c.currency"
_BATCH = 10_000

Place = tuple[date, UUID, str, int, UUID, int, str]


def place_of(credit: Credit) -> Place:
    """Where a credit stands in the list of its seller; give it as `after` to read on."""
    return (
        credit.credit_date,
        credit.transaction_id,
        credit.role,
        credit.rule_ordinal,
        credit.source_id,
        credit.split_ordinal,
        credit.currency,
    )


def credits_of_seller(
    artefact: Path, seller_id: UUID, start: date, end: date, *, after: Place | None = None, limit: int = 100
) -> tuple[Credit, ...]:
    """A page of one seller's own credits dated in [start, end), in order of date."""
    further = f"AND ({_PLACE}) > (?, ?, ?, ?, ?, ?, ?)" if after else ""
    query = f"""
        SELECT {_CREDIT} FROM read_parquet(?) c
        WHERE c.seller_id = ? AND c.credit_date >= ? AND c.credit_date < ? {further}
        ORDER BY {_PLACE} LIMIT ?
    """
    values = [_file(artefact, "credit"), seller_id, start, end, *(after or ()), limit]
    return tuple(Credit(*row) for row in _fetch(query, values))


def credits_of_transaction(artefact: Path, transaction_id: UUID) -> tuple[Credit, ...]:
    """Everybody credited for one transaction."""
    query = f"SELECT {_CREDIT} FROM read_parquet(?) c WHERE c.transaction_id = ? ORDER BY {_PLACE}, c.seller_id"
    return tuple(Credit(*row) for row in _fetch(query, [_file(artefact, "credit"), transaction_id]))


@dataclass(frozen=True)
class Allocation:
    """A credit and the part of a line it brings, in the minor unit of the line's currency.

    Without a credit it is what had been posted for the window before, taken off.
    """

    credit: Credit | None
    earned: Decimal


def allocate(
    artefact: Path, seller_id: UUID, component_id: UUID, kind: LineKind, *, offset: int = 0, limit: int | None = None
) -> tuple[Allocation, ...]:
    """The cents of one line on the credits of its window; over all pages they add up to its earning.

    Empty when there is no such line or when it needs attention.
    """
    line = _fetch(
        "SELECT p.as_of, p.earned_before, s.as_of, s.earned_to_date, a.minor_digits"
        " FROM read_parquet(?) p"
        " JOIN read_parquet(?) a ON a.seller_id = p.seller_id AND a.component_id = p.component_id AND a.as_of = p.as_of"
        " LEFT JOIN read_parquet(?) s ON s.seller_id = p.seller_id AND s.component_id = p.component_id"
        " AND s.as_of < p.as_of"
        " WHERE p.seller_id = ? AND p.component_id = ? AND p.kind = ? AND p.status = 'ok'",
        [
            _file(artefact, "pay"),
            _file(artefact, "attainment"),
            _file(artefact, "earning"),
            seller_id,
            component_id,
            kind,
        ],
    )
    if not line:
        return ()
    as_of, before, start, earned_at_start, digits = line[0]
    known_start = kind == "base" and earned_at_start is not None
    # What was earned before the period falls on its credits when it can be recalculated; otherwise it is what was
    # posted, and that stands as one row of its own.
    taken_off = [] if known_start or not before else [Allocation(None, -before)]
    rows = _fetch(
        _ALLOCATION.format(digits=digits, place=_PLACE, credit=_CREDIT),
        {
            "credit": _file(artefact, "credit"),
            "eligibility": _file(artefact, "eligibility"),
            "rate": _file(artefact, "rate"),
            "seller": seller_id,
            "component": component_id,
            "as_of": as_of,
            "start": start if known_start else None,
        },
    )
    found = [Allocation(Credit(*row[:-1]), row[-1]) for row in rows] + taken_off
    return tuple(found[offset : None if limit is None else offset + limit])


def lost(artefact: Path, transaction_id: UUID | None = None) -> Iterator[Lost]:
    """All claims that pay their seller nothing, or those on one transaction, a batch in memory at a time."""
    query = (
        "SELECT l.transaction_id, r.rule_id, l.rule, l.source_id, l.split_ordinal, l.seller_id, l.reason,"
        " l.winning_rule FROM read_parquet(?) l LEFT JOIN read_parquet(?) r ON r.ordinal = l.rule_ordinal"
        " WHERE COALESCE(l.transaction_id = CAST(? AS UUID), TRUE)"
    )
    for row in _stream(query, _file(artefact, "lost"), _file(artefact, "crediting_rule"), transaction_id):
        yield Lost(*row)


def uncredited(artefact: Path, transaction_id: UUID | None = None) -> Iterator[Uncredited]:
    """All transactions that credit nobody, or one of them, a batch in memory at a time."""
    query = "SELECT * FROM read_parquet(?) WHERE COALESCE(transaction_id = CAST(? AS UUID), TRUE)"
    for row in _stream(query, _file(artefact, "uncredited"), transaction_id):
        yield Uncredited(*row)


# Running totals of the line's credits, each put through the tiers of the line's date and, for what was already earned
# before the period, of the period's start. The rounding is the line's own, so that differences telescope to it.
_ALLOCATION = """
    WITH counted AS (
        SELECT c.*, SUM(c.amount) OVER counting AS total, ROW_NUMBER() OVER counting AS place
        FROM read_parquet($credit) c
        JOIN read_parquet($eligibility) e ON e.credited_seller_id = c.seller_id AND e.role = c.role
            AND e.currency = c.currency
            AND c.credit_date >= e.valid_from AND c.credit_date < e.valid_to
        WHERE e.seller_id = $seller AND e.component_id = $component AND c.credit_date < $as_of
        WINDOW counting AS (
            ORDER BY {place}, c.seller_id
            ROWS UNBOUNDED PRECEDING
        )
    ),
    sliced AS (
        SELECT c.place, r.as_of,
            SUM(CAST(GREATEST(LEAST(CAST(c.total AS DECIMAL(38, 10)),
                COALESCE(r.upper_amount, CAST(c.total AS DECIMAL(38, 10)))) - r.lower_amount, 0)
                * r.rate AS DECIMAL(38, 16))) AS with_it,
            SUM(CAST(GREATEST(LEAST(CAST(c.total - c.amount AS DECIMAL(38, 10)),
                COALESCE(r.upper_amount, CAST(c.total - c.amount AS DECIMAL(38, 10)))) - r.lower_amount, 0)
                * r.rate AS DECIMAL(38, 16))) AS without_it
        FROM counted c
        JOIN read_parquet($rate) r ON r.seller_id = $seller AND r.component_id = $component
            AND (r.as_of = $as_of OR (r.as_of = CAST($start AS DATE) AND c.credit_date < r.as_of))
        GROUP BY c.place, r.as_of
    ),
    earned AS (
        SELECT place, SUM(
            CASE WHEN as_of = $as_of THEN 1 ELSE -1 END
            * CAST(ROUND(with_it, {digits}) - ROUND(without_it, {digits}) AS DECIMAL(28, 4))
        ) AS amount
        FROM sliced
        GROUP BY place
    )
    SELECT {credit}, CAST(e.amount AS DECIMAL(28, 4))
    FROM counted c
    JOIN earned e ON e.place = c.place
    ORDER BY c.place
"""


def _file(artefact: Path, relation: str) -> str:
    return str(artefact / f"{relation}.parquet")


def _fetch(query: str, values: Any) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query, values).fetchall()


def _stream(query: str, *values: str | UUID | None) -> Iterator[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        result = connection.execute(query, list(values))
        while rows := result.fetchmany(_BATCH):
            yield from rows
