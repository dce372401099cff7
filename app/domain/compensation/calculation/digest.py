"""The digest of a relation: what its rows are, in any order and in any number of parts, the same on every engine.

A row is its columns in order, decimals with all their places, dates as ISO, nulls as `~`, joined by `|`. Each row gives
two numbers of 60 bits (the hooks `line_high` and `line_low`, from its SHA-256); the digest is their sums. Sums do not
depend on the order of rows and those of parts add up, so nothing is sorted and a part that did not change is not read
again.

Of relations that grow with transactions, or with sellers and months, the rows are not read as text: they are told
together by day and by everything that is neither an id nor a number, as their count and, of every number, its sum and
its sum weighted by row; one that is missing counts as a number of its own. The weight multiplies the row's ids and
whole numbers modulo a prime, so that what changes places between rows is seen too.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

IN_DAYS: Final = (
    *("named", "contested", "creditable", "plain", "snapshot", "credit", "counted", "daily"),
    *("counting_span", "measure", "quota_of", "attainment", "figure", "lookup", "rate", "table_earned"),
    *("earned", "earning", "pay", "due"),
)
"""Relations whose rows are told together, by day."""
_WIDTH: Final = 1 << 64
_PRIME: Final = 2**31 - 1
_WHOLE: Final = ("INTEGER", "BIGINT")


@dataclass(frozen=True)
class Digest:
    """The digest of a relation or of a part of it."""

    high: int = 0
    low: int = 0

    def __add__(self, other: "Digest") -> "Digest":
        return Digest((self.high + other.high) % _WIDTH, (self.low + other.low) % _WIDTH)

    @classmethod
    def read(cls, text: str) -> "Digest":
        """The digest that a text says."""
        return cls(int(text[:16], 16), int(text[16:], 16))

    @override
    def __str__(self) -> str:
        return f"{self.high:016x}{self.low:016x}"


def digest_query(relation: str, columns: Mapping[str, str], source: str | None = None) -> str:
    """SQL that answers the two sums of a relation, or of its `source`; `columns` with their types in DuckDB."""
    rows = source or relation
    if relation in IN_DAYS:
        rows, columns = _together(rows, columns)
    text = _text(columns)
    return (
        "SELECT COALESCE(SUM(line_high(own.hashed)), 0), COALESCE(SUM(line_low(own.hashed)), 0)"
        f" FROM (SELECT line_hash({text}) AS hashed FROM {rows}) own"
    )


def canonical_lines(relation: str, columns: Mapping[str, str]) -> str:
    """SQL, on every engine: the rows of a relation as text in canonical order."""
    order = ", ".join(f"{column} NULLS LAST" for column in columns)
    return f"SELECT {_text(columns)} AS line FROM {relation} ORDER BY {order}"


def run_digest(digests: Mapping[str, str]) -> str:
    """One digest for the run: SHA-256 over `step digest` lines in the order of the steps."""
    return hashlib.sha256("".join(f"{step} {value}\n" for step, value in digests.items()).encode()).hexdigest()


def _together(source: str, columns: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """Rows by day, as a subquery with its columns."""
    exact = {name: kind for name, kind in columns.items() if kind.startswith("DECIMAL")}
    whole = [name for name, kind in columns.items() if kind in _WHOLE]
    by = [name for name, kind in columns.items() if kind != "UUID" and name not in (*exact, *whole)]
    found = dict.fromkeys(by, "") | {"row_count": "COUNT(*)", "weights": "SUM(row_weight)"}
    for name in whole:
        found[f"{name}_sum"] = f"SUM(COALESCE({name}, -77))"
    for name, kind in exact.items():
        number = f"COALESCE({name}, CAST(-77 AS {kind}))"
        found[f"{name}_sum"] = f"SUM({number})"
        # More places would not leave room for the product; the plain sum has them all.
        places = min(int(kind.removesuffix(")").split(",")[1]), 6)
        product = f"CAST({number} AS DECIMAL(28, {places})) * CAST(row_weight AS DECIMAL(10, 0))"
        found[f"{name}_weighted"] = f"SUM({product})"
    listed = ", ".join(f"{value} AS {name}" if value else name for name, value in found.items())
    weighed = f"(SELECT r.*, {_weight(columns)} AS row_weight FROM {source} r) w"
    return f"(SELECT {listed} FROM {weighed} GROUP BY {', '.join(by)}) d", found


def _weight(columns: Mapping[str, str]) -> str:
    """A number of 31 bits out of a row's ids and whole numbers; one that is missing counts as 7."""
    weight = "1"
    for place, (name, kind) in enumerate(columns.items()):
        if kind == "UUID" or kind in _WHOLE:
            number = f"id_number(r.{name})" if kind == "UUID" else f"CAST(r.{name} AS BIGINT) + 1000003"
            weight = f"({weight} + {place}) * COALESCE(({number}) % {_PRIME}, 7) % {_PRIME}"
    return weight


def _text(columns: Mapping[str, str]) -> str:
    return "CONCAT_WS('|', " + ", ".join(f"COALESCE(CAST({column} AS VARCHAR), '~')" for column in columns) + ")"
