"""What a calculation reads: one relation per table, as an Arrow table, a Parquet path or a copy of several."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, TypeAlias

import pyarrow as pa

from app.domain.compensation.calculation.relations.balances import BALANCES
from app.domain.compensation.calculation.relations.columns import ARROW_TYPES, Column
from app.domain.compensation.calculation.relations.crediting import CREDITING
from app.domain.compensation.calculation.relations.plans import PLANS

RELATIONS: Final[dict[str, tuple[Column, ...]]] = {**CREDITING, **PLANS, **BALANCES}


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


def arrow_schema(relation: str) -> pa.Schema:
    """The Arrow schema to build an input with: ids as text, exact decimals."""
    return pa.schema(
        [pa.field(column.name, ARROW_TYPES[column.type], column.nullable) for column in RELATIONS[relation]]
    )


def copy_schema() -> pa.Schema:
    """The Arrow schema of a copied transaction: as in the file, which has no ids as text."""
    types = ARROW_TYPES | {"id": pa.uuid(), "amount": pa.decimal64(18, 4)}
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
