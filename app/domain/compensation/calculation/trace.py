"""From what a run kept back to the credits: who was credited for what, and which credit earned which cent.

A line's cents go to its credits in order of date: along marginal tiers each credit earns at the tiers it lands in, so
that the deal that crosses a tier shows it; otherwise by its part of the measure. The cents add up exactly. All of it is
read from the Parquet files of the run; nothing is recalculated from inputs.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from app.domain.compensation.calculation.artefact import kept
from app.domain.compensation.calculation.lines import Credit, Lost, Uncredited
from app.domain.compensation.calculation.slicing import read_slices

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
    values = [seller_id, start, end, *(after or ()), limit]
    return _credits(artefact, max(start, after[0]) if after else start, end, query, values)


def credits_of_transaction(artefact: Path, transaction_id: UUID, on: date) -> tuple[Credit, ...]:
    """Everybody credited for one transaction, whose date is `on`."""
    query = f"SELECT {_CREDIT} FROM read_parquet(?) c WHERE c.transaction_id = ? ORDER BY {_PLACE}, c.seller_id"
    return _credits(artefact, on, on + timedelta(days=1), query, [transaction_id])


def _credits(artefact: Path, start: date, end: date, query: str, values: list[Any]) -> tuple[Credit, ...]:
    """Out of the files of the slices that have days of [start, end)."""
    found = [part.file for part in read_slices(artefact) if part.start < end and start < part.end]
    files = [str(artefact / "credit" / file) for file in found]
    return tuple(Credit(*row) for row in _fetch(query, [files, *values])) if files else ()


@dataclass(frozen=True)
class Allocation:
    """A credit and the part of a line it brings, in the minor unit of the line's currency.

    Without a credit it is what no credit brings: a fixed amount, what a limit or budget took, what had been posted.
    """

    credit: Credit | None
    earned: Decimal


def allocate(
    artefact: Path, seller_id: UUID, component_id: UUID, origin: str, *, offset: int = 0, limit: int | None = None
) -> tuple[Allocation, ...]:
    """The cents of the line of the pay period `origin` on its credits; over all pages they add up to its earning.

    Empty when there is no such line or when it needs attention.
    """
    line = _fetch(
        "SELECT p.as_of, p.earning, s.as_of FROM read_parquet(?) p"
        " JOIN read_parquet(?) k ON k.period_code = p.origin"
        " LEFT JOIN read_parquet(?) s ON s.seller_id = p.seller_id AND s.component_id = p.component_id"
        " AND s.as_of = k.previous AND s.earned_to_date IS NOT NULL"
        " WHERE p.seller_id = ? AND p.component_id = ? AND p.origin = ? AND p.status = 'ok'",
        [
            *(kept(artefact, relation) for relation in ("pay", "checkpoint", "earning")),
            seller_id,
            component_id,
            origin,
        ],
    )
    if not line:
        return ()
    as_of, earning, start = line[0]
    cents = _cents(artefact, seller_id, component_id, as_of)
    before = _cents(artefact, seller_id, component_id, start) if start else {}
    found = [Allocation(credit, earned - before.get(credit, Decimal(0))) for credit, earned in cents.items()]
    rest = earning - sum((part.earned for part in found), Decimal(0))
    found += [Allocation(None, rest)] if rest else []
    return tuple(found[offset : None if limit is None else offset + limit])


def lost(artefact: Path, transaction_id: UUID | None = None) -> Iterator[Lost]:
    """All claims that pay their seller nothing, or those on one transaction, a batch in memory at a time."""
    query = (
        "SELECT l.transaction_id, r.rule_id, l.rule, l.source_id, l.split_ordinal, l.seller_id, l.reason,"
        " l.winning_rule FROM read_parquet(?) l LEFT JOIN read_parquet(?) r ON r.ordinal = l.rule_ordinal"
        " WHERE COALESCE(l.transaction_id = CAST(? AS UUID), TRUE)"
    )
    for row in _stream(query, kept(artefact, "lost"), kept(artefact, "crediting_rule"), transaction_id):
        yield Lost(*row)


def uncredited(artefact: Path, transaction_id: UUID | None = None) -> Iterator[Uncredited]:
    """All transactions that credit nobody, or one of them, a batch in memory at a time."""
    query = "SELECT * FROM read_parquet(?) WHERE COALESCE(transaction_id = CAST(? AS UUID), TRUE)"
    for row in _stream(query, kept(artefact, "uncredited"), transaction_id):
        yield Uncredited(*row)


# The credits that a line counts, in the order in which they earn, with what the component measures of them. Amortised
# windfalls stand once for each of their dates.
_COUNTED = f"""
    SELECT {_CREDIT}, n.credit_date, CASE k.measure WHEN 'margin' THEN n.margin WHEN 'units' THEN n.quantity
        WHEN 'deals' THEN n.deals ELSE n.amount END AS measured
    FROM read_parquet($component) k
    JOIN read_parquet($eligibility) e ON e.component_id = k.component_id
    JOIN (
        SELECT counting_id, transaction_id, role, rule_ordinal, source_id, split_ordinal, seller_id, currency,
            credit_date, amount, margin, quantity, deals
        FROM read_parquet($counted)
        UNION ALL
        SELECT f.counting_id, c.transaction_id, c.role, c.rule_ordinal, c.source_id, c.split_ordinal, c.seller_id,
            c.currency, c.credit_date, c.amount, c.margin, c.quantity, c.deals
        FROM read_parquet($credit) c
        JOIN read_parquet($counting) f ON NOT f.single AND (c.kind = f.trigger OR c.kind IN ('return', 'takeback'))
    ) n ON n.counting_id = k.counting_id AND n.seller_id = e.credited_seller_id AND n.role = e.role
        AND n.currency = e.currency AND n.credit_date >= e.valid_from AND n.credit_date < e.valid_to
    JOIN read_parquet($credit) c ON c.transaction_id = n.transaction_id AND c.role = n.role
        AND c.rule_ordinal = n.rule_ordinal AND c.source_id = n.source_id AND c.split_ordinal = n.split_ordinal
        AND c.seller_id = n.seller_id AND c.currency = n.currency
    WHERE e.seller_id = $seller AND e.component_id = $component_id AND n.credit_date < $as_of
    ORDER BY n.credit_date, {_PLACE}, c.seller_id
"""
_UNITS = """
    SELECT u.window_start, u.window_end, u.unit_id, u.earned, k.minor_digits
    FROM read_parquet($earned) u
    JOIN read_parquet($component) k ON k.component_id = u.component_id
    WHERE u.seller_id = $seller AND u.component_id = $component_id AND u.window_start < $as_of
        AND u.as_of = LEAST(CAST($as_of AS DATE), u.window_end) AND u.earned IS NOT NULL
        AND (k.paid = 'each_period' OR (k.paid = 'at_end' AND u.window_end <= $as_of))
"""
_BANDS = """
    SELECT r.window_start, r.unit_id, r.lower_amount, r.upper_amount, r.value
    FROM read_parquet($rate) r
    JOIN read_parquet($earned) u ON u.seller_id = r.seller_id AND u.component_id = r.component_id
        AND u.window_start = r.window_start AND u.as_of = r.as_of AND u.unit_id = r.unit_id
    JOIN read_parquet($component) k ON k.component_id = r.component_id AND k.method = 'marginal'
    WHERE r.seller_id = $seller AND r.component_id = $component_id
        AND u.as_of = LEAST(CAST($as_of AS DATE), u.window_end)
    ORDER BY r.ordinal
"""


def _cents(artefact: Path, seller_id: UUID, component_id: UUID, as_of: date) -> dict[Credit, Decimal]:
    """What each credit brings of what its unit has earned as of a date: by what it adds along marginal tiers, else by
    what it adds to the measure. Differences of rounded running parts, so that they add up to the unit."""
    keys = {"seller": seller_id, "component_id": component_id, "as_of": as_of}

    def rows(query: str) -> list[tuple[Any, ...]]:
        files = {name: kept(artefact, name) for name in re.findall(r"read_parquet[(][$](\w+)[)]", query)}
        return _fetch(query, keys | files)

    bands: dict[tuple[date, UUID], list[_Band]] = {}
    for start, unit, *band in rows(_BANDS):
        bands.setdefault((start, unit), []).append((band[0], band[1], band[2]))
    counted = rows(_COUNTED)
    found: dict[Credit, Decimal] = {}
    for start, end, unit, earned, digits in rows(_UNITS):
        own = [
            (Credit(*row[:-2]), row[-1] or Decimal(0))
            for row in counted
            if (start <= row[-2] < end) or (start == row[-2] == end and row[0] == unit)
        ]
        worth = _worths([value for _, value in own], bands.get((start, unit)))
        whole = worth[-1] if worth else Decimal(0)
        if not whole:
            continue
        paid = Decimal(0)
        for (credit, _), reached in zip(own, worth, strict=True):
            upto = _half_away(earned * reached / whole, digits)
            found[credit] = found.get(credit, Decimal(0)) + upto - paid
            paid = upto
    return found


_Band = tuple[Decimal, Decimal | None, Decimal]


def _worths(values: list[Decimal], bands: list[_Band] | None) -> list[Decimal]:
    """How far the running total has come at each value: along the bands, or by itself."""
    totals = list(accumulate(values))
    if bands is None:
        return totals
    return [sum((_slice(total, n, band) * band[2] for n, band in enumerate(bands)), Decimal(0)) for total in totals]


def _slice(total: Decimal, n: int, band: _Band) -> Decimal:
    """What of a total lies in a band; bounds of a deal laid upon earlier ones are relative to where it begins."""
    lower, upper, _ = band

    def within(value: Decimal) -> Decimal:
        value = value if n == 0 else max(value, lower)
        return value if upper is None else min(value, upper)

    return within(total) - within(Decimal(0))


def _half_away(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for the process, as opening one takes longer than most questions; it remembers where files, which never
    change, have their row groups, and nothing else."""
    connection = duckdb.connect(config={"enable_external_file_cache": False})
    connection.execute("LOAD parquet; SET parquet_metadata_cache = true")
    return connection


def _fetch(query: str, values: Any) -> list[tuple[Any, ...]]:
    with _database().cursor() as connection:
        return connection.execute(query, values).fetchall()


def _stream(query: str, *values: str | UUID | None) -> Iterator[tuple[Any, ...]]:
    with _database().cursor() as connection:
        result = connection.execute(query, list(values))
        while rows := result.fetchmany(_BATCH):
            yield from rows
