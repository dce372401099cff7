"""What a calculation answers. Amounts are exact decimals in the currency named beside them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pyarrow as pa

Rule = Literal["manual", "explicit_split", "territory_coverage", "account_owner", "named_overlay", "product_specialist"]
Role = Literal["direct", "overlay"]
LineKind = Literal["base", "true_up"]
LineStatus = Literal["ok", "needs_attention"]
AttentionCode = Literal[
    "no_quota",
    "zero_quota",
    "negative_quota",
    "no_rate_for_currency",
    "attainment_out_of_range",
    "earning_out_of_range",
    "no_target",
    "no_margin",
    "no_quantity",
    "no_customer",
    "no_revenue",
    "no_trait",
    "no_figure",
    "figure_out_of_range",
    "formula_unknown",
    "no_objectives",
    "objective_not_assessed",
    "no_longer_eligible",
]
MovementKind = Literal[
    "holdback",
    "release",
    "guarantee",
    "draw_advance",
    "draw_recovery",
    "draw_forgiveness",
    "clawback",
    "carried",
    "recovery",
]
LostReason = Literal["lower_precedence", "named_twice", "not_eligible", "no_rate_for_currency"]
EarlierReason = Literal["earlier_sales_uncredited", "no_earlier_sales"]
UncreditedReason = Literal["no_rule_applies", "not_eligible", "no_rate_for_currency", "partly_covered"]


@dataclass(frozen=True)
class EarningLine:
    """What the run owes one seller for one component and one pay period of the year. Key: seller, component, origin.

    `base` is what the period being paid earned; a `true_up` is what an earlier one now earns beyond what was posted
    for it, and exists only when that is not zero. When all lines of a seller and component are ok, their earnings and
    what was posted before add up to the last earned to date.
    Amounts that cannot be said are None, never zero; `code` says why.
    """

    seller_id: UUID
    component_id: UUID
    kind: LineKind
    origin: str  # code of the pay period that earned it
    plan_id: UUID | None  # None when the component itself is no longer known
    currency: str | None
    as_of: date  # earned to date runs from the start of the fiscal year to the day before
    window_start: date | None  # the last window, which the figures below are of; None of one paid by transaction
    credited_to_date: Decimal | None  # measured in the window; of one paid by transaction in the year
    quota_to_date: Decimal | None
    quota_window: Decimal | None
    target: Decimal | None  # target incentive of the window, on the basis of the quota
    attainment: Decimal | None  # ratio, 6 places, against the quota basis of the component
    tier_reached: int | None
    earned_to_date: Decimal | None  # rounded once, to the minor unit of the currency
    earned_before: Decimal  # earned to date at the end of the pay period before the origin
    posted_before: Decimal  # Σ posted for the origin, whenever that was
    earning: Decimal | None  # earned_to_date − earned_before − posted_before
    status: LineStatus
    code: AttentionCode | None


@dataclass(frozen=True)
class Slice:
    """What a window of a line earns in one band of its rate. Neither amount nor earned is rounded."""

    seller_id: UUID
    component_id: UUID
    origin: str
    window_start: date
    ordinal: int
    lower: Decimal
    upper: Decimal | None
    value: Decimal
    amount: Decimal
    earned: Decimal


@dataclass(frozen=True)
class Movement:
    """What moves a balance of a seller; above zero raises pay or what is owed."""

    seller_id: UUID
    currency: str
    kind: MovementKind
    component_id: UUID | None  # what is held back, released or taken back, of which component
    origin: str | None  # and which pay period earned it
    transaction_id: UUID | None  # what is taken back
    amount: Decimal


@dataclass(frozen=True)
class StatementTotal:
    """A seller's lines of one currency added up; lines that need attention are counted and not added."""

    seller_id: UUID
    currency: str | None
    base: Decimal
    true_up: Decimal
    earning: Decimal
    payable: Decimal  # with adjustments and differences of earlier years, after all movements; never below zero
    lines: int
    needs_attention: int


@dataclass(frozen=True)
class Credit:
    """A seller's share of a transaction in a plan currency; amount is None when no dated rate leads there."""

    transaction_id: UUID
    role: Role
    rule_ordinal: int  # of the crediting rule; 0 for a manual credit instead of the rules, -1 for one beside them
    rule: Rule
    source_id: UUID  # the transaction, territory, account, overlay assignment or manual credit that named the seller
    split_ordinal: int
    seller_id: UUID
    credit_date: date
    currency: str
    amount: Decimal | None


@dataclass(frozen=True)
class Uncredited:
    """A transaction that credits nobody."""

    transaction_id: UUID
    reason: UncreditedReason


@dataclass(frozen=True)
class EarlierMonth:
    """A month before the fiscal year that a plan looks back at."""

    period_code: str
    credits: int
    uncredited: int  # transactions that credit nobody, or not for the whole of them


@dataclass(frozen=True)
class Lost:
    """Somebody a rule named for a transaction and who is paid nothing for it."""

    transaction_id: UUID
    rule_id: UUID | None  # None for a manual credit
    rule: Rule
    source_id: UUID
    split_ordinal: int
    seller_id: UUID
    reason: LostReason
    winning_rule: Rule


@dataclass(frozen=True)
class Columns:
    """Lists of an outcome in columns, ids as text: a tenth of the room of the records, and of the time to get there."""

    lines: pa.Table
    slices: pa.Table
    movements: pa.Table
    totals: pa.Table
    workings: pa.Table
    earlier: pa.Table


@dataclass(frozen=True)
class Outcome:
    """The result of a calculation; records are made when they are asked for.

    Lists that grow with transactions stay in the artefact: see `trace`.
    """

    artefact: Path  # the folder that now holds one Parquet file per relation kept
    digest: str  # of all step digests: equal inputs give an equal digest on every engine
    digests: Mapping[str, str]  # step → digest of its relation
    counts: Mapping[str, int]  # step → rows
    columns: Columns
    reused: int = 0  # slices of days taken over from an earlier run

    @cached_property
    def lines(self) -> tuple[EarningLine, ...]:
        """What is owed for each seller, component and pay period."""
        return tuple(EarningLine(*row) for row in _rows(self.columns.lines))

    @cached_property
    def slices(self) -> tuple[Slice, ...]:
        """What the windows of the lines earn band by band."""
        return tuple(Slice(*row) for row in _rows(self.columns.slices))

    @cached_property
    def movements(self) -> tuple[Movement, ...]:
        """What moves balances."""
        return tuple(Movement(*row) for row in _rows(self.columns.movements))

    @cached_property
    def totals(self) -> tuple[StatementTotal, ...]:
        """Each seller's sums."""
        return tuple(StatementTotal(*row) for row in _rows(self.columns.totals))

    @cached_property
    def workings(self) -> Mapping[tuple[UUID, UUID, str], str]:
        """How the amounts of lines came about, by seller, component and origin; see `workings`."""
        return {(seller, component, origin): told for seller, component, origin, told in _rows(self.columns.workings)}

    @cached_property
    def earlier(self) -> tuple[EarlierMonth, ...]:
        """The months before the fiscal year that plans look back at."""
        return tuple(EarlierMonth(*row) for row in _rows(self.columns.earlier))

    @property
    def attention(self) -> tuple[EarningLine, ...]:
        """The lines somebody must look at before they can be paid."""
        return tuple(line for line in self.lines if line.status == "needs_attention")


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    return zip(*(_values(name, table.column(name)) for name in table.column_names), strict=True)


def _values(name: str, column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if not name.endswith("_id"):
        return values
    # Few ids differ, and each is made once.
    known = {text: UUID(text) for text in set(values) if text is not None}
    return [known.get(text) for text in values]
