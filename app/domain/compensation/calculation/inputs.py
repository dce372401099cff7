"""What a calculation reads: one relation per table below, as an Arrow table, a Parquet path or a copy of several.

Types: `id` is a UUID (UUID or text), `amount` is DECIMAL(18,4), `rate` DECIMAL(9,6), `attainment` DECIMAL(18,6) as a
ratio (1 is 100 %), `fx` DECIMAL(18,9), `figure` DECIMAL(20,6) for a number of any unit, `date` a date, `int` an
integer, `bool` a boolean, `text` and `currency` text.
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
    "figure": "DECIMAL(20,6)",
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


_FIGURES = (
    *("measured", "attainment", "revenue", "margin", "margin_share", "units", "deals"),
    *("quota", "target", "rank", "attainment_rank", "everybody", "participants", "term_months", "discount"),
)
_STANDING = ("none", "before_deal", "with_deal", "previous", "last_year", "last_year_to_date")
_FROM = Column("valid_from", "date", "first day")
_TO = Column("valid_to", "date", "day after the last; empty means open", nullable=True)
_TRAITS = (
    Column("renewal", "bool", "only renewals, or everything else; empty means both", nullable=True),
    Column("term_from", "int", "contracts of so many months or more", nullable=True),
    Column("term_to", "int", "contracts of fewer months", nullable=True),
    Column("discount_from", "rate", "sales at this discount or more", nullable=True),
    Column("discount_to", "rate", "sales at less discount", nullable=True),
    Column("all_labels", "bool", "whether a transaction needs no label, or one of those wanted in asked_label"),
)
_LO = Column("cum_lo", "rate", "where this share begins; shares tile from 0, to 1 unless a territory is partly vacant")
_HI = Column("cum_hi", "rate", "where this share ends")

COMPONENT: Final = (
    Column("component_id", "id", "the component"),
    Column("plan_id", "id", "its plan version"),
    Column("ordinal", "int", "its place in the plan"),
    Column("kind", "text", "what the field calls it"),
    Column("currency", "currency", "the plan currency"),
    Column(
        "credit_currency",
        "text",
        "the same, and behind @ the name of other exchange rates than those of the day",
    ),
    Column("minor_digits", "int", "decimal places of that currency, 0 to 4"),
    Column("counting_id", "id", "which transactions count; its own id when activities or objectives do"),
    Column(
        "measure",
        "text",
        "what is measured",
        values=("revenue", "bookings", "margin", "units", "deals", "activity", "objective_score"),
    ),
    Column("rollup", "bool", "false: own credits; true: own and those of everybody below on the date"),
    Column("nearest", "int", "how many levels below they begin; 0 is the seller"),
    Column("furthest", "int", "and at which they end; empty is never", nullable=True),
    Column("role", "text", "which credits count", values=("direct", "overlay")),
    Column(
        "window_length",
        "text",
        "what is added up",
        values=("transaction", "month", "quarter", "half_year", "year", "rolling"),
    ),
    Column("months", "int", "how far a rolling window looks back", nullable=True),
    Column("paid", "text", "when a window is paid", values=("each_period", "at_end", "never")),
    Column("quota_basis", "text", "the quota of a window", nullable=True, values=("window", "to_date")),
    Column("quota_measure", "text", "the measure of the quota it is held against", nullable=True),
    Column("quota_share", "rate", "of that quota it is held against", nullable=True),
    Column("quota_amount", "amount", "instead: quota of the year, the same for everybody", nullable=True),
    Column("target_share", "rate", "of the participant's target incentive", nullable=True),
    Column("target_amount", "amount", "target incentive of the year, the same for everybody", nullable=True),
    Column("prorate_quota", "text", "how part of a window counts", values=("none", "months", "days")),
    Column("prorate_target", "text", "how part of a window counts", values=("none", "months", "days")),
    Column("method", "text", "how its bands apply", values=("flat", "marginal", "whole", "curve", "matrix", "formula")),
    Column("pays", "text", "what a value means", values=("rate", "per_unit", "amount", "target_share", "base_rate")),
    Column("x_figure", "text", "what bands are read with", nullable=True, values=_FIGURES),
    Column("x_component_id", "id", "of which other component", nullable=True),
    Column(
        "x_standing", "text", "where that stood when a transaction came, or in which earlier window", values=_STANDING
    ),
    Column("x_ties", "text", "what sellers get who share a place", nullable=True, values=("share", "better")),
    Column("y_figure", "text", "the second figure of a matrix", nullable=True, values=_FIGURES),
    Column("y_component_id", "id", "of which other component", nullable=True),
    Column(
        "y_standing", "text", "where that stood when a transaction came, or in which earlier window", values=_STANDING
    ),
    Column("boundary", "text", "the band a value on a bound is in", nullable=True, values=("lower", "higher")),
    Column("outside", "text", "a curve beyond its points", nullable=True, values=("flat", "extrapolate")),
    Column("looks_back", "bool", "whether some component looks at earlier windows of it"),
    Column("needs_quota", "bool", "whether it cannot be said without quota"),
    Column("needs_target", "bool", "whether it cannot be said without target incentive"),
    Column("block", "text", "the time of a limit between window and year", nullable=True),
    Column("budget", "amount", "what all sellers share", nullable=True),
    Column("when_exhausted", "text", "who is paid then", nullable=True, values=("first_come", "pro_rata")),
)

RULE_KINDS: Final = ("explicit_split", "territory_coverage", "account_owner", "named_overlay", "product_specialist")
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
        Column("margin", "amount", "margin in the same currency; empty means unknown", nullable=True),
        Column("quantity", "amount", "units sold; empty means unknown", nullable=True),
        Column("currency", "currency", "of the amount"),
    ),
    "trait": (
        Column("transaction_id", "id", "a transaction of which more is known; where some component asks"),
        Column("renewal", "bool", "whether it prolongs a contract; others do not"),
        Column("term_months", "int", "how long its contract runs", nullable=True),
        Column("discount", "rate", "the discount given", nullable=True),
    ),
    "label": (
        Column("transaction_id", "id", "a transaction; where some component asks for labels"),
        Column("label", "text", "one of its labels"),
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
        Column("reach_start", "date", "first day of what is read: that of the year, or before it for earlier windows"),
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
        Column("target_incentive", "amount", "on-target variable pay of the year, plan currency", nullable=True),
    ),
    "component": COMPONENT,
    "band": (
        Column("component_id", "id", "the component"),
        Column("ordinal", "int", "from 1; tiers, pieces of a curve and cells of a matrix alike"),
        Column("x_place", "int", "place along x from 1; the first takes what lies below it too"),
        Column("x_from", "figure", "where it begins"),
        Column("x_to", "figure", "where it ends; empty means no end", nullable=True),
        Column("y_place", "int", "place along y, 1 unless it is a matrix"),
        Column("y_from", "figure", "where it begins along y"),
        Column("y_to", "figure", "where it ends along y", nullable=True),
        Column("value", "figure", "what it pays, as the component's `pays` says; of a curve at its beginning"),
        Column("value_to", "figure", "of a curve at its end", nullable=True),
        Column("last", "bool", "whether it takes what lies above it too, of a curve"),
    ),
    "formula": (
        Column("component_id", "id", "a component whose rate is a formula"),
        Column("text", "text", "the formula, over the names in formula_input"),
        Column("currency", "currency", "of the amount it comes to"),
    ),
    "formula_input": (
        Column("component_id", "id", "the component"),
        Column("ordinal", "int", "from 1 to 12"),
        Column("name", "text", "as the formula writes it"),
        Column(
            "figure",
            "text",
            "what is read; earned and value of another component's table",
            values=(*_FIGURES, "earned", "value"),
        ),
        Column("of_component_id", "id", "of which other component; empty is this one", nullable=True),
        Column(
            "standing", "text", "where that stood when a transaction came, or in which earlier window", values=_STANDING
        ),
        Column("unit", "text", "what it is and how wide", values=("money", "price", "quantity", "rate")),
    ),
    "gate": (
        Column("component_id", "id", "the component"),
        Column("ordinal", "int", "from 1"),
        Column("figure", "text", "what is looked at", values=_FIGURES),
        Column("of_component_id", "id", "of which other component; empty is this one", nullable=True),
        Column(
            "standing", "text", "where that stood when a transaction came, or in which earlier window", values=_STANDING
        ),
        Column("at_least", "figure", "what is to be reached"),
        Column("below", "rate", "the part that is still paid when it is not"),
    ),
    "earning_limit": (
        Column("component_id", "id", "the component"),
        Column("per", "text", "over what", values=("window", "month", "quarter", "half_year", "year")),
        Column("above", "amount", "above this only `share` counts", nullable=True),
        Column("above_multiple", "rate", "the same as a multiple of the target", nullable=True),
        Column("share", "rate", "of a decelerator", nullable=True),
        Column("cap", "amount", "no more than this", nullable=True),
        Column("cap_multiple", "rate", "the same as a multiple of the target", nullable=True),
        Column("floor", "amount", "no less than this", nullable=True),
        Column("floor_multiple", "rate", "the same as a multiple of the target", nullable=True),
    ),
    "counting": (
        Column("counting_id", "id", "which credits count; components that say the same share it"),
        Column("trigger", "text", "transactions of this kind, and returns", values=("booking", "invoice", "payment")),
        Column("minimum_deal", "amount", "the smallest whole transaction, plan currency", nullable=True),
        Column("all_products", "bool", "whether every product counts, or those listed"),
        *_TRAITS,
        Column("counted_from", "date", "first day whose transactions count", nullable=True),
        Column("counted_to", "date", "first day whose transactions no longer count", nullable=True),
        Column("all_accounts", "bool", "whether every account counts, or those listed"),
        Column("single", "bool", "whether each transaction is looked at: restrictions, windfalls, pay by transaction"),
        Column("annualised", "bool", "whether of a contract of more than twelve months counts what falls in twelve"),
        Column("claws_back", "bool", "whether a return that names its transaction is clawed back instead of counted"),
        Column("windfall", "text", "what counts of a windfall", values=("pay", "cap", "split", "amortise", "exclude")),
        Column("windfall_above", "amount", "a larger whole transaction is a windfall", nullable=True),
        Column("windfall_share", "rate", "of what lies above, for split", nullable=True),
        Column("windfall_months", "int", "for amortise", nullable=True),
    ),
    "counted_product": (Column("counting_id", "id", "for which counting"), Column("product_id", "id", "it counts")),
    "counted_account": (Column("counting_id", "id", "for which counting"), Column("account_id", "id", "it counts")),
    "weight": (
        Column("counting_id", "id", "for which counting"),
        Column("ordinal", "int", "the first that a transaction is like applies"),
        Column("all_products", "bool", "whether for every product, or those in weight_product"),
        *_TRAITS,
        Column("factor", "rate", "for how much of itself it counts"),
    ),
    "weight_product": (
        Column("counting_id", "id", "for which counting"),
        Column("ordinal", "int", "and which of its weights"),
        Column("product_id", "id", "a product it is for"),
    ),
    "asked_label": (
        Column("counting_id", "id", "for which counting"),
        Column("ordinal", "int", "and which of its weights; 0 for what counts at all"),
        Column("label", "text", "the label"),
        Column("wanted", "bool", "whether one of those wanted is needed, or this one must not be there"),
    ),
    "activity": (
        Column("component_id", "id", "for which component"),
        Column("seller_id", "id", "who did it"),
        Column("activity_date", "date", "when"),
        Column("done", "int", "how many"),
    ),
    "objective": (
        Column("component_id", "id", "for which component"),
        Column("seller_id", "id", "whose"),
        Column("start_date", "date", "first day"),
        Column("end_date", "date", "day after the last"),
        Column("weight", "rate", "weight among the objectives of a window"),
        Column("score", "rate", "assessed; 1 is fully met, empty not assessed", nullable=True),
    ),
    "quota": (
        Column("seller_id", "id", "whose quota"),
        Column("measure", "text", "of what", values=("revenue", "margin", "bookings", "units", "activity")),
        Column("currency", "text", "of an amount; XXX of a number"),
        Column("period_code", "text", "for which month"),
        Column("amount", "amount", "phased quota"),
    ),
    "fx_rate": (
        Column("from_currency", "currency", "one unit of this"),
        Column("to_currency", "text", "into what; a credit currency"),
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


@dataclass(frozen=True)
class Copy:
    """Files that hold the rows of a relation together, and were found sound when they were written."""

    files: tuple[Path, ...]


Relation: TypeAlias = pa.Table | Path | Copy


@dataclass(frozen=True)
class Inputs:
    """The input relations of one organisation for one period; every one is required, empty where nothing applies."""

    transaction: Relation
    trait: Relation
    label: Relation
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
    settled: Relation
    participant: Relation
    component: Relation
    band: Relation
    formula: Relation
    formula_input: Relation
    gate: Relation
    earning_limit: Relation
    counting: Relation
    counted_product: Relation
    counted_account: Relation
    weight: Relation
    weight_product: Relation
    asked_label: Relation
    activity: Relation
    objective: Relation
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
    "figure": pa.decimal128(20, 6),
}


def arrow_schema(relation: str) -> pa.Schema:
    """The Arrow schema to build an input with: ids as text, exact decimals."""
    return pa.schema(
        [pa.field(column.name, _ARROW_TYPES[column.type], column.nullable) for column in RELATIONS[relation]]
    )


def copy_schema() -> pa.Schema:
    """The Arrow schema of a copied transaction: as in the file, which has no ids as text."""
    types = _ARROW_TYPES | {"id": pa.uuid(), "amount": pa.decimal64(18, 4)}
    return pa.schema([(column.name, types[column.type]) for column in RELATIONS["transaction"]])


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
