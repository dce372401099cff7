"""Columns of the relations that a calculation reads, and their types.

Types: `id` is a UUID (UUID or text), `amount` is DECIMAL(18,4), `rate` DECIMAL(9,6), `attainment` DECIMAL(18,6) as a
ratio (1 is 100 %), `fx` DECIMAL(18,9), `figure` DECIMAL(20,6) for a number of any unit, `date` a date, `int` an
integer, `bool` a boolean, `text` and `currency` text.
A decimal column may have fewer places than its type, never more; floating point is refused. Ranges are half open,
and an empty `valid_to` means open. Amounts of a component, its quotas and its postings are in its plan's currency.
"""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

SQL_TYPES: Final = {
    "id": "UUID",
    "text": "VARCHAR",
    "currency": "VARCHAR",
    "date": "DATE",
    "int": "INTEGER",
    "bool": "BOOLEAN",
    "amount": "DECIMAL(18,4)",
    "rate": "DECIMAL(9,6)",
    "attainment": "DECIMAL(18,6)",
    "fx": "DECIMAL(18,9)",
    "figure": "DECIMAL(20,6)",
}
ARROW_TYPES: Final = {
    "id": pa.string(),
    "text": pa.string(),
    "currency": pa.string(),
    "date": pa.date32(),
    "int": pa.int32(),
    "bool": pa.bool_(),
    "amount": pa.decimal128(18, 4),
    "rate": pa.decimal128(9, 6),
    "attainment": pa.decimal128(18, 6),
    "fx": pa.decimal128(18, 9),
    "figure": pa.decimal128(20, 6),
}
OPEN_END: Final = "9999-12-31"


@dataclass(frozen=True)
class Column:
    """One column of an input; `values`, when given, are the only ones this calculation can compute."""

    name: str
    type: str
    meaning: str
    nullable: bool = False
    values: tuple[str, ...] = ()


FROM = Column("valid_from", "date", "first day")
TO = Column("valid_to", "date", "day after the last; empty means open", nullable=True)
