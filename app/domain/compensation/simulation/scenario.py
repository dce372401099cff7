"""A period with other sales: grown, or with another mix. Exact: every amount is multiplied and rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pyarrow as pa

from app.domain.compensation.calculation.inputs import Inputs, arrow_schema
from app.domain.compensation.calculation.loading import attach

_FACTOR = Decimal("0.000000001")


@dataclass(frozen=True)
class Shifted:
    """What grows in its own way: the sales of accounts, or of a product."""

    growth: Decimal
    accounts: Sequence[str] = ()
    product: str | None = None


# A sale grows by the first shift that names it, or else as all do.
_FACTORED = """
create table factored as
with named as (
  select t.transaction_id, min(s.place) as place from sale t
  join shift s on s.account_id = cast(t.account_id as varchar) or s.product_id = cast(t.product_id as varchar)
  group by t.transaction_id
)
select t.*, cast(coalesce(s.growth, cast($growth as decimal(9,6))) + 1 as decimal(10,6)) as factor
from sale t
left join named n on n.transaction_id = t.transaction_id
left join (select distinct place, growth from shift) s on s.place = n.place
"""
_TOTALS = """
select currency, sum(amount), sum(cast(cast(amount as decimal(38,4)) * factor as decimal(38,10))) from factored
group by currency
"""


def scaled(inputs: Inputs, growth: Decimal, shifts: Sequence[Shifted], keep_total: bool) -> Inputs:
    """The inputs with grown sales: amounts, margins and quantities; the number of sales stays.

    Where the total is kept, all sales of a currency are scaled back to the total that `growth` gives. Rounding points:
    that factor (9 places), then each amount (4).
    """
    with duckdb.connect() as connection:
        attach(connection, "sale", inputs.transaction)
        connection.register("shift", _rows(shifts))
        connection.execute(_FACTORED, {"growth": str(growth)})
        back = {}
        for currency, total, shifted in connection.execute(_TOTALS).fetchall():
            exact = total * (1 + growth) / shifted if keep_total and shifted else Decimal(1)
            back[currency] = exact.quantize(_FACTOR, ROUND_HALF_UP)
        schema = pa.schema([("currency", pa.string()), ("back", pa.decimal128(18, 9))])
        connection.register("scale", pa.table([list(back), list(back.values())], schema=schema))
        columns = ", ".join(_column(name) for name in arrow_schema("transaction").names)
        grown = connection.sql(f"select {columns} from factored f join scale s on s.currency = f.currency")
        return replace(inputs, transaction=grown.to_arrow_table().cast(arrow_schema("transaction")))


def _column(name: str) -> str:
    if name in ("amount", "margin", "quantity"):
        factor = "cast(cast(f.factor as decimal(38,6)) * s.back as decimal(20,15))"
        exact = f"cast(cast(f.{name} as decimal(38,4)) * {factor} as decimal(38,19))"
        return f"cast(round({exact}, 4) as decimal(18,4)) as {name}"
    return f"cast(f.{name} as varchar) as {name}" if name.endswith("_id") else f"f.{name}"


def _rows(shifts: Sequence[Shifted]) -> pa.Table:
    rows = [
        {"place": place, "growth": shift.growth, "account_id": account, "product_id": shift.product}
        for place, shift in enumerate(shifts)
        for account in (shift.accounts if shift.product is None else [None])
    ]
    types = [("place", pa.int32()), ("growth", pa.decimal128(9, 6)), ("account_id", pa.string())]
    return pa.Table.from_pylist(rows, schema=pa.schema([*types, ("product_id", pa.string())]))
