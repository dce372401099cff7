"""Compensation runs, and what they found: earnings, credits, findings."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from app.domain.compensation.contract.crediting import CreditedBy, CreditRole
from app.domain.compensation.contract.plans import InWordsView
from app.domain.kernel.fields import Command, Fields
from app.domain.kernel.money import Amount, Currency, Figure, Money, Rate, RateName
from app.domain.kernel.resource import AllowedAction, Pay, Stored, View


class CompensationRunState(StrEnum):
    """Where a compensation run stands."""

    QUEUED = "queued"
    CALCULATING = "calculating"
    CALCULATED = "calculated"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    POSTED = "posted"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunExtent(StrEnum):
    """How much a run calculated itself."""

    FULL = "full"
    INCREMENTAL = "incremental"


class RunKind(StrEnum):
    """What a run is for."""

    OFFICIAL = "official"
    """May be posted and paid."""
    PREVIEW = "preview"
    """Calculated the same way, and never posted."""


class EarningKind(StrEnum):
    """Which time an earning is about."""

    BASE = "base"
    """What the period itself earned."""
    TRUE_UP = "true_up"
    """What an earlier period now earns beyond what was posted for it."""


class EarningStatus(StrEnum):
    """Whether an earning can be paid."""

    OK = "ok"
    NEEDS_ATTENTION = "needs_attention"
    """It cannot be said, `code` tells why; it is not paid."""


class FindingKind(StrEnum):
    """What somebody should look at."""

    UNCREDITED = "uncredited"
    """A transaction that credits nobody."""
    LOST = "lost"
    """Somebody a crediting rule names and who is not credited."""
    NEEDS_ATTENTION = "needs_attention"
    """An earning that cannot be said."""


class RunFields(Fields):
    """What is to be calculated."""

    period_id: UUID
    """The fiscal period to be paid."""
    kind: RunKind
    years_back: int = Field(default=1, ge=0, le=10)
    """How many fiscal years before the period's own are looked through for differences to what was posted for them."""


class CreateCompensationRun(RunFields, Command):
    """Start a calculation; one run of an organisation is calculated at a time."""


class EarlierYear(View):
    """An earlier fiscal year that a run looked through for differences to what was posted for it."""

    fiscal_year: int
    calculated: bool
    """False where nothing had changed since a posted run looked: there is no difference then."""
    inputs_hash: str
    """SHA-256 of all its inputs, transactions included."""
    digest: str | None = None
    """SHA-256 of every step's result."""
    digests: dict[str, Any] = Field(default_factory=dict)
    """SHA-256 of each step's result."""
    artefact: str | None = None
    """Key of the kept intermediate results."""


class EarlierSales(View):
    """A month before the fiscal year that plans look back at, such as for growth."""

    period_code: str
    credits: int
    """Credits of the month; 0 means that whatever is compared with it is compared with nothing."""
    uncredited: int
    """Transactions of the month that credit nobody, or not for the whole of them."""


class RunTotal(View):
    """The lines of a run in one currency, added up."""

    currency: Currency
    base: Amount
    true_up: Amount
    earning: Amount
    lines: int
    needs_attention: int
    """Lines that could not be said and are not in the sums."""


class CompensationRunView(RunFields, Stored):
    """One calculation of what a period owes every participant."""

    state: CompensationRunState
    job_id: UUID
    """The job that calculates it: progress, and the problem if it failed."""
    parent_run_id: UUID | None = None
    """The run of the same period before this one."""
    requested_by: UUID
    watermark: datetime | None = None
    """The instant of the data it read: what was committed later is not in it."""
    inputs_hash: str | None = None
    """SHA-256 of the inputs other than transactions; equal for equal configuration."""
    engine: str | None = None
    """What calculated it, with its version."""
    extent: RunExtent | None = None
    """Whether it took over what an earlier run of the year had credited on some days; the outcome is the same."""
    code: str | None = None
    """SHA-256 of the texts of the steps that calculated it."""
    digest: str | None = None
    """SHA-256 of every step's result; equal inputs give equal digests."""
    digests: dict[str, Any]
    """SHA-256 of each step's result, in the order of the steps."""
    artefact: str | None = None
    """Key of the kept intermediate results."""
    earlier_years: list[EarlierYear]
    """The earlier fiscal years it looked through, newest first."""
    earlier_sales: list[EarlierSales]
    """The months before the fiscal year that its plans look back at; empty when none does."""
    counts: dict[str, Any]
    """Rows that each step made."""
    totals: Annotated[list[RunTotal] | None, Pay] = None
    """Per currency; only for those who see everybody's pay."""
    started_at: datetime | None = None
    calculated_at: datetime | None = None
    reviewed_at: datetime | None = None
    approved_at: datetime | None = None
    posted_at: datetime | None = None
    paid_at: datetime | None = None
    allowed_actions: list[AllowedAction]


class EarningSlice(View):
    """What a window earned in one band of the rate: a tier, a piece of a curve, a cell of a matrix."""

    window_start: date
    ordinal: int
    lower: Figure
    upper: Figure | None = None
    """Null on the last, which has no end."""
    value: Figure
    """What the band pays, as the component's rate says."""
    amount: Figure
    """What was measured in the band, not rounded."""
    earned: Amount
    """What it earned, not rounded; the sum of a window is rounded once."""


class EarningView(View):
    """What a run says a seller earned with a component, with everything the figure is made of.

    `amount` is `earned_to_date` less `earned_before` and less `posted_before`; `earned_to_date` is the rounded sum of
    the slices.
    """

    id: UUID
    run_id: UUID
    seller_id: UUID
    plan_id: UUID
    component_id: UUID
    component_code: str
    component_name: str
    in_words: list[InWordsView]
    """What the component says, sentence by sentence, in English and French."""
    kind: EarningKind
    origin_period_id: UUID
    """The fiscal period that earned it: the run's own of a base line, an earlier one of a true-up."""
    origin_period_code: str
    amount: Money | None = None
    """What is owed; null while it needs attention."""
    as_of: date
    """Earned to date runs from the start of the origin's fiscal year to the day before this one."""
    window_start: date | None = None
    """First day of the window that the following figures are of; null when it is paid by transaction."""
    credited_to_date: Figure | None = None
    """What the component measured: an amount in the currency of the line, or a number."""
    quota_to_date: Figure | None = None
    quota_window: Figure | None = None
    """Quota of the whole window."""
    target: Money | None = None
    """Target incentive of the window, on the basis of its quota."""
    attainment: Rate | None = None
    """As a ratio, against the quota basis of the component; 1 is 100 %."""
    tier_reached: int | None = None
    """Ordinal of the highest tier reached."""
    earned_to_date: Money | None = None
    earned_before: Money
    """Earned to date at the end of the pay period before the origin."""
    posted_before: Money
    """Posted for the origin by runs before this one."""
    currency: Currency
    status: EarningStatus
    code: str | None = None
    """Why it needs attention, such as `no_quota` or `no_rate_for_currency`."""
    slices: list[EarningSlice]


class CreditView(View):
    """What a seller was credited for a transaction, by which rule."""

    id: UUID
    run_id: UUID
    seller_id: UUID
    transaction_id: UUID
    role: CreditRole
    rule: CreditedBy
    rule_id: UUID | None = None
    """The crediting rule; null for a manual credit."""
    source_id: UUID
    """The transaction, territory, account, overlay assignment or manual credit that named the seller."""
    credit_date: date
    amount: Money | None = None
    """In the plan's currency; null when no exchange rate of the date leads there."""
    exchange_rates: RateName
    """By which rates it was converted, where it was."""
    margin: Money | None = None
    """The share of the margin; null when it is unknown."""
    quantity: Amount | None = None
    """The share of the units; null when they are unknown."""
    deals: Rate | None = None
    """The share of the deal; negative for a return, which takes it back."""


class RunFindingView(View):
    """Something a run could not credit or pay, with the reason."""

    id: UUID
    run_id: UUID
    kind: FindingKind
    reason: str
    """Such as `no_rule_applies`, `not_eligible`, `lower_precedence`, `named_twice` or `no_rate_for_currency`."""
    transaction_id: UUID | None = None
    seller_id: UUID | None = None
    component_id: UUID | None = None
    rule: CreditedBy | None = None
    """What named the seller."""
    rule_id: UUID | None = None
    """The crediting rule that named the seller."""
    winning_rule: CreditedBy | None = None
    """What took precedence."""
    remedy: InWordsView | None = None
    """What to do about it."""
