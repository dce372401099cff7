"""What may be asked of allocations, and the proof that is answered."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.domain.kernel.fields import Command, Comment, Fields
from app.domain.kernel.money import Amount, Currency, Money, Rate, Share
from app.domain.kernel.resource import Span, View
from app.domain.organisation.contract import Team
from app.domain.quotas.contract.measures import NotNegative, QuotaMeasure

Weight = Annotated[Rate, Field(ge=0)]


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


class Hold(View):
    """An amount that is set by hand, whatever the method gives."""

    seller_id: UUID
    """A seller who gets a quota or, in a cascade, a manager whose team it is for."""
    amount: NotNegative
    reason: Comment


class Leave(Span):
    """Days on which a seller is away; they count for nothing."""

    seller_id: UUID

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.effective_to is not None and self.effective_to <= self.effective_from:
            raise ValueError("effective_to is after effective_from")
        return self


class AllocationTerms(View):
    """How an allocation treats levels, single sellers and time away."""

    cascade: bool = False
    """Whether the total goes down the reporting line, each manager's part cut among those who report to it."""
    level_over_assignment: list[Weight] = Field(default_factory=list, max_length=10)
    """In a cascade, by how much the parts below a manager add up to more than its own: first the managers of the first
    level, then those of the next; levels not named add nothing. `over_assignment` is that of the total."""
    holds: list[Hold] = Field(default_factory=list, max_length=5_000)
    """Amounts set by hand; the others take the rest, within the same team in a cascade."""
    prorate: bool = False
    """Whether who is employed for part of the period only counts for that part."""
    ramp: list[Share] = Field(default_factory=list, max_length=24)
    """How much of a quota is asked in the first, second, … month after hiring; 1 from then on."""
    leaves: list[Leave] = Field(default_factory=list, max_length=5_000)
    """Who is away when."""
    keep_adjustments: bool = True
    """Whether drafts of `replaces` that were changed by hand keep their amount and its reason."""


class AllocateQuotas(AllocationTerms, Command):
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
    replaces: UUID | None = None
    """The allocation that this one runs again: its drafts are cancelled, quotas beyond a draft stay and are counted."""

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
        if self.level_over_assignment and not self.cascade:
            raise ValueError("level_over_assignment is for a cascade")
        if len({hold.seller_id for hold in self.holds}) < len(self.holds):
            raise ValueError("holds names a seller twice")
        return self

    def _looks_back(self) -> bool:
        blended = self.blend is not None and self.blend.history > 0
        by_history = self.method is AllocationMethod.HISTORY or self.seasonality is Seasonality.HISTORY
        return by_history or blended or self.growth_cap is not None


class Bound(StrEnum):
    """What kept a share from following its weight."""

    FLOOR = "floor"
    GROWTH_CAP = "growth_cap"
    HOLD = "hold"
    """Set by hand, or agreed on before."""


class AllocationShare(View):
    """How one seller's quota came about."""

    seller_id: UUID
    manager_id: UUID | None = None
    """In a cascade, the manager whose part it was cut from; null for the total."""
    history: Amount | None = None
    """Won amount of a period, the weighted mean over the history periods; null when not known, which is not zero."""
    potential: Amount | None = None
    """Potential of its accounts; null when it is not known, which is not zero."""
    weight: Rate
    """Its share of all weights, to 6 digits; the exact one follows from the inputs."""
    available: Rate = Decimal(1)
    """How much of the period counts, by its months' weights, after employment, ramp and leave."""
    bound: Bound | None = None
    """The bound that decided, if one did."""
    computed: Amount | None = None
    """Only for a hold: what it would be without any hold; null when no allocation fits without them."""
    reason: str | None = None
    """Only for a hold: why."""
    exact: Amount
    """The share before rounding to the currency's smallest unit, to 4 digits."""
    remainder_rank: int | None = None
    """Its place, from 1, among those that got one smallest unit more; null when rounded down or exact."""
    amount: Amount
    """The quota."""


class AllocationNode(View):
    """One cut: what was to be shared, and that its children add up to it."""

    manager_id: UUID | None = None
    """Whose part was cut; null for the total."""
    parent_id: UUID | None = None
    """The manager its own part was cut from; null for the total, and directly below it."""
    level: int
    """0 for the total."""
    amount: Amount
    """What was to be shared, before over-assignment."""
    over_assignment: Rate
    children: int
    assigned: Amount
    """What the children add up to: amount · (1 + over_assignment) in smallest units; where holds, floors and caps leave
    no such sum, the next that they allow."""
    remainder_units: int
    """Smallest units that rounding down left over; the children with the largest remainders got one each."""
    bound: Bound | None = None
    """The bound that decided on its own part, if one did."""
    remainder_rank: int | None = None
    """Its place, from 1, among the children of its parent that got one smallest unit more."""
    reason: str | None = None
    """Only for a hold: why."""


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


class FairnessBasis(StrEnum):
    """What quotas are measured against."""

    POTENTIAL = "potential"
    HISTORY = "history"


class Outlier(View):
    """A seller whose load lies more than 1.5 interquartile ranges outside the quartiles, and why."""

    seller_id: UUID
    load: Rate
    median: Rate
    lower: Rate
    """The least load that is no outlier."""
    upper: Rate
    """The most load that is no outlier."""
    detail: str
    """In words and figures."""


class Fairness(View):
    """How evenly quotas lie on those who get them: figures over quota divided by the basis."""

    basis: FairnessBasis
    sellers: int
    """Sellers whose basis is known and not zero; the figures are about them."""
    gini: Rate | None = None
    """0 when every load is the same, towards 1 when one carries all; null without a known basis."""
    variation: Rate | None = None
    """Standard deviation over mean."""
    median: Rate | None = None
    """The load in the middle."""
    highest: Rate | None = None
    """The highest load over the median, minus 1."""
    worst_id: UUID | None = None
    """The seller with the highest load."""
    outliers: list[Outlier]


class AllocationProof(View):
    """Everything needed to check an allocation by hand."""

    assigned: Amount
    """What the quotas of the sellers add up to, quotas of managers for their teams left out."""
    nodes: list[AllocationNode]
    """Every cut, the total first."""
    shares: list[AllocationShare]
    """One per seller, by seller id."""
    months: list[AllocationMonth]
    fairness: list[Fairness]
    """Over potential, then over history."""
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
    replaces_id: UUID | None = None
    """The allocation that it ran again."""
    terms: AllocationTerms
    proof: AllocationProof
    created_by: UUID
    """Principal who ran it."""
    created_at: datetime


class AllocationPreview(AllocationProof):
    """What an allocation would give; nothing is stored."""

    currency: Currency
