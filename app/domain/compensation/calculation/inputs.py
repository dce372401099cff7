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

RULE_KINDS: Final = ("explicit_split", "territory_coverage", "account_owner", "named_overlay", "product_specialist")
RELATIONS: Final[dict[str, tuple[Column, ...]]] = {
    "transaction": (
        Column("transaction_id", "id", "an effective transaction, not a superseded one"),
        Column("kind", "text", "what happened", values=("booking", "invoice", "payment", "return")),
        Column("account_id", "id", "who bought; empty credits only by explicit split", nullable=True),
        Column("product_id", "id", "what was bought", nullable=True),
        Column("transaction_date", "date", "the trigger date"),
        Column("amount", "amount", "revenue; negative for a return"),
        Column("margin", "amount", "margin in the same currency; empty means unknown", nullable=True),
        Column("quantity", "amount", "units sold; empty means unknown", nullable=True),
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
        Column("rule_id", "id", "the rule"),
        Column("ordinal", "int", "order of precedence, from 1: the first direct rule that names somebody wins"),
        Column("kind", "text", "how it finds sellers; the last two are overlays", values=RULE_KINDS),
        Column("some_products", "bool", "true: only for the products in rule_product"),
        Column("some_accounts", "bool", "true: only for the accounts in rule_account"),
        _FROM,
        _TO,
    ),
    "rule_product": (
        Column("rule_id", "id", "a rule for some products"),
        Column("product_id", "id", "one of them"),
    ),
    "rule_account": (
        Column("rule_id", "id", "a rule for some accounts"),
        Column("account_id", "id", "one of them"),
    ),
    "overlay": (
        Column("assignment_id", "id", "the assignment; one for several territories or products has a row for each"),
        Column("rule_id", "id", "the overlay rule it belongs to"),
        Column("ordinal", "int", "narrower assignments first: of two that name the same seller the first counts"),
        Column("seller_id", "id", "who is credited beside the direct credit"),
        Column("account_id", "id", "for this account only", nullable=True),
        Column("territory_id", "id", "for this territory only", nullable=True),
        Column("product_id", "id", "for this product only; one of the three is given", nullable=True),
        Column("share", "rate", "of the transaction, above 0 and at most 1"),
        _FROM,
        _TO,
    ),
    "manual_credit": (
        Column("credit_id", "id", "the decision"),
        Column("transaction_id", "id", "the transaction"),
        Column("mode", "text", "instead of the rules or beside them", values=("instead", "in_addition", "overlay")),
        Column("ordinal", "int", "place in the decision"),
        Column("seller_id", "id", "who is credited"),
        _LO,
        _HI,
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
        Column("role", "text", "which credits count", values=("direct", "overlay")),
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
        Column("period_code", "text", "an earlier period of the fiscal year"),
        Column("amount", "amount", "earning posted then; several postings of a period add up"),
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
    rule_product: Relation
    rule_account: Relation
    overlay: Relation
    manual_credit: Relation
    reporting_line: Relation
    period: Relation
    target_period: Relation
    participant: Relation
    component: Relation
    tier: Relation
    quota: Relation
    fx_rate: Relation
    posted: Relation

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
