"""What may be asked of quotas and allocations, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.domain.kernel.fields import Command, Comment, Fields, OptionalComment, RequiredComment
from app.domain.kernel.money import Amount, Currency, Money, Rate
from app.domain.kernel.resource import AllowedAction, Stored, View
from app.domain.organisation.contract import Team

NotNegative = Annotated[Amount, Field(ge=0)]
Weight = Annotated[Rate, Field(ge=0)]

NO_CURRENCY = "XXX"
"""ISO 4217's code where no currency is involved: quotas counted in units or activities."""


class QuotaMeasure(StrEnum):
    """What is promised."""

    REVENUE = "revenue"
    MARGIN = "margin"
    BOOKINGS = "bookings"
    UNITS = "units"
    """A whole number of units, in the currency XXX (none)."""
    ACTIVITY = "activity"
    """A whole number of activities, in the currency XXX (none)."""


COUNTED = frozenset({QuotaMeasure.UNITS, QuotaMeasure.ACTIVITY})
"""Measures that are numbers of things, not money."""


class QuotaState(StrEnum):
    """Where a quota stands."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    DISPUTED = "disputed"
    UNDER_INVESTIGATION = "under_investigation"
    ACCEPTED = "accepted"
    LOCKED = "locked"
    CANCELLED = "cancelled"


class QuotaFields(Fields):
    """What every form of a quota has."""

    seller_id: UUID
    territory_id: UUID | None = None
    """The territory it is for; null for everything the seller covers."""
    measure: QuotaMeasure = QuotaMeasure.REVENUE
    period_id: UUID
    """The fiscal period it is for; it is phased into the months of this period."""


class QuotaView(QuotaFields, Stored):
    """What a seller is to bring in a period."""

    amount: Money
    counter_amount: Money | None = None
    """What the seller asked for in the latest dispute."""
    currency: Currency
    """Currency of the amounts; XXX for units and activities."""
    allocation_id: UUID | None = None
    """The allocation that made it; null when it was made by hand."""
    state: QuotaState
    proposed_by: UUID | None = None
    """Principal who proposed it."""
    proposed_at: datetime | None = None
    accepted_by: UUID | None = None
    accepted_at: datetime | None = None
    disputed_by: UUID | None = None
    disputed_at: datetime | None = None
    locked_by: UUID | None = None
    locked_at: datetime | None = None
    allowed_actions: list[AllowedAction]


class CreateQuota(QuotaFields, Command):
    """Draft a quota by hand, spread evenly over the months of its period."""

    amount: NotNegative
    currency: Currency | None = None
    """The organisation's when absent; always XXX for units and activities."""


class UpdateQuota(Command):
    """Change the amount of a draft; its months keep their proportions."""

    amount: NotNegative
    comment: Comment | None = None


class DisputeQuota(RequiredComment):
    """Ask for another amount, saying why."""

    counter_amount: NotNegative
    """What the seller would accept, in the quota's currency."""


class ReviseQuota(RequiredComment):
    """Give a quota another amount, saying why."""

    amount: NotNegative
    """The new amount, in the quota's currency."""


class RevisionAction(StrEnum):
    """What gave a quota its amount."""

    CREATE = "create"
    ALLOCATE = "allocate"
    UPDATE = "update"
    REVISE = "revise"
    AMEND = "amend"


class QuotaRevisionView(View):
    """One change of a quota's amount."""

    id: UUID
    quota_id: UUID
    action: RevisionAction
    amount_before: Money | None = None
    """Null for the amount it began with."""
    amount_after: Money
    currency: Currency
    comment: str | None = None
    """Why, in words."""
    actor_id: UUID
    """Principal who changed it."""
    actor_name: str
    occurred_at: datetime


class QuotaMonthView(View):
    """What of a quota falls into one month; the months of a quota add up exactly to it."""

    id: UUID
    quota_id: UUID
    period_id: UUID
    """The fiscal month."""
    starts_on: date
    """First day of the month."""
    amount: Money
    currency: Currency


class AllocationMethod(StrEnum):
    """What shares follow."""

    EQUAL = "equal"
    """The same for everybody."""
    HISTORY = "history"
    """Won opportunities of earlier periods."""
    POTENTIAL = "potential"
    """Potential of the accounts the seller owns."""
    BLEND = "blend"
    """A weighted mixture of the other three."""


class Seasonality(StrEnum):
    """How a quota is spread over months."""

    EVEN = "even"
    HISTORY = "history"
    """As won opportunities of all the sellers fell in the same months of the history periods."""
    GIVEN = "given"
    """By the weights given."""


class HistoryPeriod(View):
    """An earlier fiscal period and how much it counts."""

    period_id: UUID
    weight: Annotated[Rate, Field(gt=0)]


class Blend(View):
    """How much each basis counts in a blend; only proportions matter."""

    equal: Weight = Decimal("0.00")
    history: Weight = Decimal("0.00")
    potential: Weight = Decimal("0.00")


class AllocateQuotas(Command):
    """Cut a total into quotas, for the sellers of one of `team`, `manager_id` and `seller_ids`, or for everybody."""

    period_id: UUID
    """The fiscal period the quotas are for."""
    measure: QuotaMeasure = QuotaMeasure.REVENUE
    total: Annotated[Amount, Field(gt=0)]
    """What the sellers are to bring together, before over-assignment."""
    currency: Currency | None = None
    """The organisation's when absent; always XXX for units and activities."""
    over_assignment: Weight = Decimal(0)
    """By how much the quotas add up to more than the total; 0.05 is 5 %. The organisation sets the most."""
    method: AllocationMethod = AllocationMethod.EQUAL
    blend: Blend | None = None
    """Only for the method blend."""
    history: list[HistoryPeriod] = Field(default_factory=list, max_length=12)
    """Earlier periods that shares, seasonality and growth cap look at."""
    growth_cap: Weight | None = None
    """No quota exceeds the seller's history by more than this; 0.20 is 20 %. Only for
    revenue and bookings, over `history` of the period's kind."""
    floor: NotNegative | None = None
    """No quota is below this, even above its growth cap."""
    team: Team | None = None
    """Sellers of this team."""
    manager_id: UUID | None = None
    """Sellers below this manager, directly or not."""
    seller_ids: list[UUID] | None = Field(default=None, min_length=1, max_length=5_000)
    """Exactly these sellers."""
    include_managers: bool = False
    """Whether sellers who lead others get a quota too, where they are not named in `seller_ids`."""
    seasonality: Seasonality = Seasonality.EVEN
    month_weights: list[Weight] | None = Field(default=None, min_length=12, max_length=12)
    """Weight of each month of the fiscal year, the first month first; only for given seasonality."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum(scope is not None for scope in (self.team, self.manager_id, self.seller_ids)) > 1:
            raise ValueError("give one of team, manager_id and seller_ids")
        if (self.method is AllocationMethod.BLEND) != (self.blend is not None):
            raise ValueError("blend is for the method blend, which needs it")
        if (self.seasonality is Seasonality.GIVEN) != (self.month_weights is not None):
            raise ValueError("month_weights are for given seasonality, which needs them")
        if self._looks_back() and not self.history:
            raise ValueError("history names the periods that shares, seasonality or growth cap look at")
        if len({past.period_id for past in self.history}) < len(self.history):
            raise ValueError("history names a period twice")
        return self

    def _looks_back(self) -> bool:
        blended = self.blend is not None and self.blend.history > 0
        by_history = self.method is AllocationMethod.HISTORY or self.seasonality is Seasonality.HISTORY
        return by_history or blended or self.growth_cap is not None


class Bound(StrEnum):
    """What kept a share from following its weight."""

    FLOOR = "floor"
    GROWTH_CAP = "growth_cap"


class AllocationShare(View):
    """How one seller's quota came about."""

    seller_id: UUID
    history: Amount | None = None
    """Won amount of a period, the weighted mean over the history periods; null when not known, which is not zero."""
    potential: Amount | None = None
    """Potential of its accounts; null when it is not known, which is not zero."""
    weight: Rate
    """Its share of all weights, to 6 digits; the exact one follows from the inputs."""
    bound: Bound | None = None
    """The bound that decided, if one did."""
    exact: Amount
    """The share before rounding to the currency's smallest unit, to 4 digits."""
    remainder_rank: int | None = None
    """Its place, from 1, among those that got one smallest unit more; null when rounded down or exact."""
    amount: Amount
    """The quota."""


class AllocationMonth(View):
    """How a month takes part."""

    period_id: UUID
    code: str
    weight: Rate
    """Its share of all weights, to 6 digits."""


class AllocationFinding(View):
    """Something the reader of an allocation should know."""

    code: str = Field(examples=["no_history"])
    """`no_history`, `no_potential`: the mean of the others was used; `cap_below_floor`: the floor held;
    `other_currency`: amounts in another currency were left out."""
    seller_id: UUID | None = None
    detail: str


class Fairness(View):
    """How evenly quotas lie on the potential of those who get them: figures over quota divided by potential."""

    sellers: int
    """Sellers whose potential is known; the figures are about them."""
    gini: Rate | None = None
    """0 when every load is the same, towards 1 when one carries all; null without known potential."""
    variation: Rate | None = None
    """Standard deviation over mean."""
    highest: Rate | None = None
    """The highest load over the median, minus 1."""
    outliers: list[UUID]
    """Sellers whose load lies more than 1.5 interquartile ranges outside the quartiles."""


class AllocationProof(View):
    """Everything needed to check an allocation by hand."""

    assigned: Amount
    """What the quotas add up to: total · (1 + over_assignment), in smallest units of the currency."""
    shares: list[AllocationShare]
    """One per seller, by seller id."""
    months: list[AllocationMonth]
    fairness: Fairness
    findings: list[AllocationFinding]


class AllocationFields(Fields):
    """What every form of an allocation has."""

    period_id: UUID
    measure: QuotaMeasure
    method: AllocationMethod
    seasonality: Seasonality
    team: str | None = None
    """Sellers of this team, if it was said so."""
    manager_id: UUID | None = None
    """Sellers below this manager, if it was said so."""


class AllocationView(AllocationFields, View):
    """A total cut into quotas; it never changes."""

    id: UUID
    total: Money
    assigned: Money
    """What the quotas add up to, over-assignment included."""
    currency: Currency
    over_assignment: Rate
    blend: Blend | None = None
    history: list[HistoryPeriod]
    growth_cap: Rate | None = None
    floor: Money | None = None
    seller_count: int
    proof: AllocationProof
    created_by: UUID
    """Principal who ran it."""
    created_at: datetime


class AllocationPreview(AllocationProof):
    """What an allocation would give; nothing is stored."""

    currency: Currency


class QuotasOfAllocation(OptionalComment):
    """Every quota that an allocation made."""

    allocation_id: UUID


class RefusedQuota(View):
    """A quota that could not be moved, and why."""

    quota_id: UUID
    code: str
    """Problem code."""


class ProposedQuotas(View):
    """What became of the quotas of an allocation."""

    proposed: int
    refused: list[RefusedQuota]
    """Those that stay as they are, such as quotas proposed before."""


class CancelledQuotas(View):
    """What became of the quotas of an allocation."""

    cancelled: int
    refused: list[RefusedQuota]
    """Those that stay as they are, such as locked quotas."""


class QuotaFairnessView(View):
    """One seller's quota against the potential of its accounts, and how far that is from the middle."""

    id: UUID
    """The quota's id."""
    seller_id: UUID
    period_id: UUID
    measure: QuotaMeasure
    amount: Money
    potential: Money | None = None
    """Potential of the accounts the seller owns, in the quota's currency; null when none is known."""
    currency: Currency
    load: Rate | None = None
    """Quota over potential; null without potential."""
    median_load: Rate | None = None
    """The median over the live quotas of the measure and period."""
    deviation: Rate | None = None
    """Load over median load, minus 1; 0.5 means half as hard again as the middle."""
    outlier: bool
    """Whether the load lies more than 1.5 interquartile ranges outside the quartiles."""
