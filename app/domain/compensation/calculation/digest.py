"""The digest of a relation: what its rows are, in any order and in any number of parts, the same on every engine.

A row is its columns in order, decimals with all their places, dates as ISO, nulls as `~`, joined by `|`. Each row gives
two numbers of 60 bits (the hooks `line_high` and `line_low`, from its SHA-256); the digest is their sums. Sums do not
depend on the order of rows and those of parts add up, so nothing is sorted and a part that did not change is not read
again.

Relations that grow with transactions are digested by day: the number of rows and the sums of their
figures and of their ids as numbers.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

BY_DAY: Final = {
    "named": "valid_from",
    "creditable": "valid_from",
    "plain": "valid_from",
    "snapshot": "transaction_date",
    "credit": "credit_date",
    "counted": "credit_date",
    "daily": "credit_date",
}
_WIDTH: Final = 1 << 64


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


def digest_query(relation: str, columns: Mapping[str, str]) -> str:
    """SQL that answers the two sums of a relation; `columns` with their types in DuckDB."""
    rows = relation
    if day := BY_DAY.get(relation):
        ids = {name: f"SUM(id_number({name}))" for name, kind in columns.items() if kind == "UUID"}
        sums = {name: f"SUM({name})" for name, kind in columns.items() if kind.startswith(("DECIMAL", "INT", "BIGINT"))}
        found = {day: day, "rows": "COUNT(*)"} | ids | sums
        listed = ", ".join(f"{value} AS {name}" for name, value in found.items())
        rows, columns = f"(SELECT {listed} FROM {relation} GROUP BY {day}) d", found
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


def _text(columns: Mapping[str, str]) -> str:
    return "CONCAT_WS('|', " + ", ".join(f"COALESCE(CAST({column} AS VARCHAR), '~')" for column in columns) + ")"
