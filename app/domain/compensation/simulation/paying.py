"""What earnings cost and when they are paid: pay period after pay period, by the last steps of a run."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa

from app.domain.compensation.calculation.artefact import kept
from app.domain.compensation.calculation.formulas import Formulas
from app.domain.compensation.calculation.inputs import arrow_schema
from app.domain.compensation.calculation.lines import Outcome
from app.domain.compensation.calculation.loading import place
from app.domain.compensation.calculation.making import connect, make, steps
from app.domain.compensation.contract.simulations import SimulatedParts
from app.domain.compensation.simulation.pay_periods import PayPeriod

_STEPS = ("due", "holdback_movement", "balance")
_NOTHING = ("brought", "adjustment", "release", "held", "owed", "brought_back")
_NO_FORMULAS = Formulas((), ())

# The lines of one pay period, under its own code.
_PAY = """
CREATE OR REPLACE TABLE pay AS SELECT p.* REPLACE ($code AS origin)
FROM read_parquet($pay) p WHERE p.as_of = $end AND p.origin <> ''
"""
_TAKEN_BACK = """
CREATE OR REPLACE TABLE taken_back AS
SELECT m.seller_id, m.component_id, m.origin, CAST(m.transaction_id AS VARCHAR) AS transaction_id, m.currency,
  c.minor_digits, m.amount
FROM read_parquet($movement) m
JOIN component c ON c.component_id = m.component_id
JOIN returned r ON r.transaction_id = CAST(m.transaction_id AS VARCHAR)
WHERE m.kind = 'clawback' AND r.returned_on >= $start AND r.returned_on < $end
"""
_TOLD = """
WITH earned AS (
  SELECT d.seller_id, d.currency, d.minor_digits, SUM(d.amount) AS earned,
    GREATEST(SUM(CASE WHEN list_contains($clawing, CAST(d.component_id AS VARCHAR)) THEN d.amount ELSE 0 END), 0)
      AS clawing
  FROM due d
  GROUP BY d.seller_id, d.currency, d.minor_digits
), kept_back AS (
  SELECT seller_id, currency, SUM(held_to_date - released_to_date) AS held_back FROM holdback_movement
  GROUP BY seller_id, currency
), given_back AS (
  SELECT seller_id, currency, SUM(amount) AS clawback FROM taken_back GROUP BY seller_id, currency
), owing AS (
  SELECT seller_id, currency, draw + debt AS owed FROM owed
)
SELECT {number} AS number, b.seller_id, b.currency, COALESCE(e.earned, 0) AS earned, b.topped_up AS guarantees,
  b.forgiven,
  CAST(COALESCE(minor(CAST(CAST(e.clawing AS DECIMAL(38,4)) * CAST($rate AS DECIMAL(9,6)) AS DECIMAL(38,10)),
    e.minor_digits), 0) + COALESCE(r.clawback, 0) AS DECIMAL(28,4)) AS clawback,
  b.payable AS paid, o.owed, COALESCE(k.held_back, 0) AS held_back
FROM balance b
JOIN owing o USING (seller_id, currency)
LEFT JOIN earned e USING (seller_id, currency)
LEFT JOIN kept_back k USING (seller_id, currency)
LEFT JOIN given_back r USING (seller_id, currency)
"""
# What the next pay period begins with.
_OWED = """
CREATE OR REPLACE TABLE owed AS
SELECT b.seller_id, b.currency, c.minor_digits,
  CAST(COALESCE(o.draw, 0) + b.advanced - b.draw_recovered - b.forgiven AS DECIMAL(18,4)) AS draw,
  CAST(COALESCE(o.debt, 0) + COALESCE(r.amount, 0) + b.carried - b.debt_recovered AS DECIMAL(18,4)) AS debt
FROM balance b
JOIN (SELECT DISTINCT currency, minor_digits FROM component) c USING (currency)
LEFT JOIN owed o USING (seller_id, currency)
LEFT JOIN (SELECT seller_id, currency, SUM(amount) AS amount FROM taken_back GROUP BY seller_id, currency) r
  USING (seller_id, currency)
"""
_HELD = """
CREATE OR REPLACE TABLE held AS
SELECT m.seller_id, m.component_id, m.origin AS period_code, m.currency, m.minor_digits,
  CAST(COALESCE(h.earned, 0) + COALESCE(d.amount, 0) AS DECIMAL(18,4)) AS earned,
  CAST(m.held_to_date AS DECIMAL(18,4)) AS held, CAST(m.released_to_date AS DECIMAL(18,4)) AS released
FROM holdback_movement m
LEFT JOIN held h ON h.seller_id = m.seller_id AND h.component_id = m.component_id AND h.period_code = m.origin
LEFT JOIN due d ON d.seller_id = m.seller_id AND d.component_id = m.component_id AND d.origin = m.origin
"""
_SUMS = "SUM(earned), SUM(guarantees), SUM(forgiven), SUM(clawback), SUM(paid)"
_BY_SELLER = f"""
SELECT seller_id, currency, {_SUMS}, ARG_MAX(owed, number), ARG_MAX(held_back, number) FROM told
GROUP BY seller_id, currency
"""
_BY_PERIOD = f"SELECT number, currency, {_SUMS}, SUM(owed), SUM(held_back) FROM told GROUP BY number, currency"


@dataclass(frozen=True)
class Paid:
    """What is paid in the pay periods of a period."""

    by_seller: Mapping[tuple[UUID, str], SimulatedParts]
    """And by currency."""
    by_period: Mapping[tuple[UUID, str], SimulatedParts]
    """And by currency."""


def pay_in_turn(
    outcome: Outcome,
    periods: Sequence[PayPeriod],
    returned: pa.Table,
    clawing: Collection[UUID] = (),
    rate: Decimal | None = None,
) -> Paid:
    """Pay the base lines of an outcome that told these periods one by one.

    What a deal gives back is owed in the period in which it was `returned`: transaction_id, returned_on. Of what the
    components `clawing` earn in a pay period, `rate` is expected to be taken back besides.
    """
    said = {"clawing": [str(id) for id in clawing], "rate": rate or Decimal(0)}
    todo = [step for step in steps() if step.name in _STEPS]
    with connect(outcome.artefact / "spill") as connection:
        for name in _NOTHING:
            place(connection, name, arrow_schema(name).empty_table())
        connection.register("returned", returned)
        connection.read_parquet(kept(outcome.artefact, "component")).create_view("component")
        for number, period in enumerate(periods):
            connection.execute(_PAY, {"pay": kept(outcome.artefact, "pay"), "code": period.code, "end": period.end})
            said_of = {"movement": kept(outcome.artefact, "movement"), "start": period.start, "end": period.end}
            connection.execute(_TAKEN_BACK, said_of)
            place(connection, "draw", period.draw)
            place(connection, "holdback", period.holdback)
            for step in todo:
                make(connection, step, _NO_FORMULAS, "CREATE OR REPLACE TABLE {} AS ")
            connection.execute(_OWED)
            into = "INSERT INTO told" if number else "CREATE TABLE told AS"
            connection.execute(f"{into} {_TOLD.format(number=number)}", said)
            connection.execute(_HELD)
        return Paid(
            {(seller, currency): _parts(sums) for seller, currency, *sums in _rows(connection, _BY_SELLER)},
            {(periods[n].id, currency): _parts(sums) for n, currency, *sums in _rows(connection, _BY_PERIOD)},
        )


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def _parts(sums: Sequence[Decimal]) -> SimulatedParts:
    return SimulatedParts(**dict(zip(SimulatedParts.model_fields, sums, strict=True)))
