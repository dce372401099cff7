"""What a calculation reads: one relation per table below, as an Arrow table or a Parquet path.

Types: `id` is a UUID (UUID or text), `amount` is DECIMAL(18,4), `rate` DECIMAL(9,6), `attainment` DECIMAL(18,6) as a
ratio (1 is 100 %), `fx` DECIMAL(18,9), `date` a date, `int` an integer, `bool` a boolean, `text` and `currency` text.
A decimal column may have fewer places than its type, never more; floating point is refused. Ranges are half open,
and an empty `valid_to` means open. Amounts of a component, its quotas and its postings are in its plan's currency.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, TypeAlias

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


_FROM = Column("valid_from", "date", "first day")
_TO = Column("valid_to", "date", "day after the last; empty means open", nullable=True)
_LO = Column("cum_lo", "rate", "where this share begins; shares tile from 0, to 1 unless a territory is partly vacant")
_HI = Column("cum_hi", "rate", "where this share ends")

RELATIONS: Final[dict[str, tuple[Column, ...]]] = {
    "transaction": (
        Column("transaction_id", "id", "an effective transaction, not a superseded one"),
        Column(
            "kind",
            "text",
            "what happened; a takeback is a return that names the transaction it takes back",
            values=("booking", "invoice", "payment", "return", "takeback"),
        ),
        Column("account_id", "id", "who bought; empty credits only by explicit split", nullable=True),
        Column("product_id", "id", "what was bought", nullable=True),
        Column("transaction_date", "date", "the trigger date"),
        Column("amount", "amount", "revenue; negative for a return"),
        Column("currency", "currency", "of the amount"),
    ),
    "explicit_split": (
        Column("transaction_id", "id", "the transaction that names its sellers itself"),
        Column("ordinal", "int", "place in the split"),
        Column("seller_id", "id", "who is credited"),
        _LO,
        _HI,
    ),
    "membership": (
        Column("account_id", "id", "the account"),
        Column("territory_id", "id", "the one territory it belongs to"),
        _FROM,
        _TO,
    ),
    "coverage": (
        Column("territory_id", "id", "the territory"),
        Column("ordinal", "int", "place in the split of the territory"),
        Column("seller_id", "id", "who covers it"),
        _LO,
        _HI,
        _FROM,
        _TO,
    ),
    "account_owner": (
        Column("account_id", "id", "the account"),
        Column("seller_id", "id", "its owner"),
        _FROM,
        _TO,
    ),
    "crediting_rule": (
        Column("ordinal", "int", "order of precedence: the first rule that names somebody wins"),
        Column(
            "kind", "text", "how it finds sellers", values=("explicit_split", "territory_coverage", "account_owner")
        ),
    ),
    "reporting_line": (
        Column("seller_id", "id", "who reports"),
        Column("manager_id", "id", "to whom"),
        _FROM,
        _TO,
    ),
    "period": (
        Column("period_code", "text", "a month of the fiscal calendar"),
        Column("fiscal_year", "int", "its fiscal year"),
        Column("ordinal", "int", "its place in the year, from 1"),
        Column("start_date", "date", "first day"),
        Column("end_date", "date", "day after the last"),
    ),
    "target_period": (
        Column("period_code", "text", "the period being paid; exactly one row"),
        Column("fiscal_year", "int", "its fiscal year"),
        Column("fiscal_year_start", "date", "first day of that year: year-to-date starts here"),
        Column("start_date", "date", "first day of the period"),
        Column("end_date", "date", "day after the last"),
    ),
    "settled": (
        Column("period_code", "text", "a pay period of the year that is trued up: posted before, or due before"),
        Column("end_date", "date", "day after its last; it is charged from the end of the one before it"),
    ),
    "participant": (
        Column("seller_id", "id", "who is paid"),
        Column("plan_id", "id", "under which plan version"),
        _FROM,
        _TO,
    ),
    "component": (
        Column("component_id", "id", "the component"),
        Column("plan_id", "id", "its plan version"),
        Column("ordinal", "int", "its place in the plan"),
        Column("kind", "text", "what it is", values=("commission",)),
        Column("measure", "text", "what is measured", values=("credited_revenue",)),
        Column("rollup", "bool", "false: own credits; true: own and those of everybody below on the date"),
        Column("trigger", "text", "the date that counts", values=("transaction_date",)),
        Column("tier_rule", "text", "marginal: each slice at its own rate", values=("marginal",)),
        Column("tier_input", "text", "what tiers are bounded by", values=("attainment",)),
        Column("boundary", "text", "the tier a value on a bound is said to reach", values=("lower", "higher")),
        Column("quota_basis", "text", "the quota attainment is measured against", values=("annual", "to_date")),
        Column("currency", "currency", "the plan currency"),
        Column("minor_digits", "int", "decimal places of that currency, 0 to 4"),
    ),
    "tier": (
        Column("component_id", "id", "the component"),
        Column("ordinal", "int", "from 1, without gaps"),
        Column("from_attainment", "attainment", "where the tier begins; the tier before ends there"),
        Column("to_attainment", "attainment", "where it ends; empty on the last means no end", nullable=True),
        Column("rate", "rate", "paid per unit of credited revenue in the tier"),
    ),
    "quota": (
        Column("seller_id", "id", "whose quota"),
        Column("period_code", "text", "for which month"),
        Column("amount", "amount", "phased revenue quota"),
    ),
    "fx_rate": (
        Column("from_currency", "currency", "one unit of this"),
        Column("to_currency", "currency", "is worth `rate` of this; only direct rates are used"),
        _FROM,
        _TO,
        Column("rate", "fx", "units of to_currency per unit of from_currency"),
    ),
    "posted": (
        Column("seller_id", "id", "who was paid"),
        Column("component_id", "id", "for which component"),
        Column("period_code", "text", "the settled period that earned it, whenever it was posted"),
        Column("amount", "amount", "earning posted; several postings for a period add up"),
    ),
    "brought": (
        Column("seller_id", "id", "who is owed"),
        Column("component_id", "id", "for which component of an earlier year"),
        Column("period_code", "text", "the period of that year that earned it"),
        Column("currency", "currency", "of the amount"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("amount", "amount", "difference to what was posted for it"),
    ),
    "adjustment": (
        Column("adjustment_id", "id", "decided, and not posted yet"),
        Column("seller_id", "id", "who is paid it"),
        Column("currency", "currency", "of the amount"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("amount", "amount", "negative takes back"),
    ),
    "holdback": (
        Column("component_id", "id", "a component that keeps part back"),
        Column("period_code", "text", "of what this period earned"),
        Column("share", "rate", "the part that is kept back"),
        Column("released", "bool", "whether its days have passed by the end of the period being paid"),
    ),
    "release": (
        Column("seller_id", "id", "whose earning"),
        Column("component_id", "id", "of which component"),
        Column("period_code", "text", "earned by which period"),
        Column("share", "attainment", "released by now, by decision or because the customer paid; 1 is all"),
    ),
    "held": (
        Column("seller_id", "id", "whose earning"),
        Column("component_id", "id", "of which component"),
        Column("period_code", "text", "earned by which period"),
        Column("currency", "currency", "of the amounts"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("earned", "amount", "posted for it"),
        Column("held", "amount", "kept back of it so far"),
        Column("released", "amount", "released of that so far"),
    ),
    "takeback": (
        Column("return_id", "id", "the return"),
        Column("transaction_id", "id", "the transaction of the year that it takes back"),
        Column("age_days", "int", "how old that was"),
        Column("amount", "amount", "taken back, above zero, in the currency of the transaction"),
        Column("original_amount", "amount", "of the transaction, above zero"),
    ),
    "clawback": (
        Column("component_id", "id", "a component that takes back what it paid for a returned transaction"),
        Column("from_day", "int", "at this age"),
        Column("to_day", "int", "and before this one"),
        Column("share", "rate", "this part of it"),
        Column("days", "int", "instead: the part of so many days that was not served", nullable=True),
    ),
    "clawed": (
        Column("seller_id", "id", "from whom"),
        Column("component_id", "id", "for which component"),
        Column("period_code", "text", "which period earned it"),
        Column("transaction_id", "id", "for which transaction"),
        Column("amount", "amount", "taken back so far"),
    ),
    "brought_back": (
        Column("seller_id", "id", "who owes it"),
        Column("component_id", "id", "for which component of an earlier year"),
        Column("period_code", "text", "the period of that year that earned it"),
        Column("transaction_id", "id", "for which transaction"),
        Column("currency", "currency", "of the amount"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("amount", "amount", "what more is taken back"),
    ),
    "draw": (
        Column("seller_id", "id", "who draws"),
        Column("currency", "currency", "of the amounts"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("guarantee", "amount", "the least that is paid for the period and never owed"),
        Column("advance", "amount", "the least that is paid beyond that, and owed as far as it was not earned"),
        Column("recovery_share", "rate", "the largest part of what is earned beyond both that recovers advances"),
        Column("forgive", "bool", "whether what is still owed of advances is given up after the period"),
    ),
    "owed": (
        Column("seller_id", "id", "who owes"),
        Column("currency", "currency", "of the amounts"),
        Column("minor_digits", "int", "decimal places of that currency"),
        Column("draw", "amount", "advances that earnings have not covered"),
        Column("debt", "amount", "clawbacks, and pay below zero that was carried forward"),
    ),
}

Relation: TypeAlias = pa.Table | Path


@dataclass(frozen=True)
class Inputs:
    """The input relations of one organisation for one period; every one is required, empty where nothing applies."""

    transaction: Relation
    explicit_split: Relation
    membership: Relation
    coverage: Relation
    account_owner: Relation
    crediting_rule: Relation
    reporting_line: Relation
    period: Relation
    target_period: Relation
    settled: Relation
    participant: Relation
    component: Relation
    tier: Relation
    quota: Relation
    fx_rate: Relation
    posted: Relation
    brought: Relation
    adjustment: Relation
    holdback: Relation
    release: Relation
    held: Relation
    takeback: Relation
    clawback: Relation
    clawed: Relation
    brought_back: Relation
    draw: Relation
    owed: Relation

    def relations(self) -> dict[str, Relation]:
        """Each relation under its name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


_ARROW_TYPES: Final = {
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
}


def arrow_schema(relation: str) -> pa.Schema:
    """The Arrow schema to build an input with: ids as text, exact decimals."""
    return pa.schema(
        [pa.field(column.name, _ARROW_TYPES[column.type], column.nullable) for column in RELATIONS[relation]]
    )


@dataclass(frozen=True)
class Finding:
    """One thing wrong with an input: a stable code, where it is, and what to do."""

    code: str
    relation: str
    column: str
    message: str


class CalculationError(Exception):
    """A run that ends without an outcome; nothing was kept."""


class InvalidInputs(CalculationError):
    """The inputs cannot be calculated; nothing was written."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{f.relation}.{f.column}: {f.message} [{f.code}]" for f in findings))
        self.findings = findings
