"""What may be asked of the figures of plans, and what is answered."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command
from app.domain.kernel.money import Amount, Money, Rate
from app.domain.kernel.resource import View
from app.domain.plans.contract.plans import PlanState
from app.domain.plans.contract.templates import SectionKey


class CascadeWeight(View):
    """How much of a plan goes to one seller."""

    seller_id: UUID
    weight: Rate = Field(ge=0)


class CascadePlan(Command):
    """Hand a revenue plan down to those who report to its owner."""

    weights: list[CascadeWeight] = Field(default_factory=list, max_length=200)
    """Who gets how much; by default everybody who reports directly to the owner gets the same."""


class CascadedPlan(View):
    """What a plan below has after the cascade."""

    plan_id: UUID
    owner_id: UUID
    created: bool
    held: bool
    """It was submitted before and keeps its figures; the others share the rest."""


class CascadedPlans(View):
    """What a cascade came to; for every measure and period the parts sum to the plan exactly."""

    plans: list[CascadedPlan]


class PeriodWeight(View):
    """How much of a total falls into one period."""

    period_code: Code
    weight: Rate = Field(ge=0)


class SpreadPlan(Command):
    """Spread a total over the months of the plan's period."""

    section: SectionKey
    """A section of the type measures."""
    total: Money
    weights: list[PeriodWeight] = Field(default_factory=list, max_length=12)
    """Seasonality by the code of the month; even by default."""


class PlanFigureView(View):
    """One figure of a plan."""

    id: UUID
    plan_id: UUID
    owner_id: UUID
    measure: str
    """The section, such as revenue, margin or bookings."""
    period_id: UUID
    period_code: str
    amount: Amount
    currency: str
    state: PlanState


class CascadeStatus(StrEnum):
    """How a plan stands against the plans below it."""

    BALANCED = "balanced"
    BELOW = "below"
    """The plan holds less than those below it together."""
    ABOVE = "above"
    """The plan holds more: a part of it is nobody's yet."""
    OTHER_CURRENCY = "other_currency"
    """Some below are in another currency; they are not summed."""


class CascadeBalanceView(View):
    """A figure of a plan against the sum of those below it, in the same measure and within the same period."""

    id: UUID
    plan_id: UUID
    owner_id: UUID
    measure: str
    period_id: UUID
    period_code: str
    amount: Amount
    """The plan's own figure."""
    children_amount: Amount
    """Sum over the plans below it, without those rejected or revised since."""
    gap: Amount
    """`amount` minus `children_amount`."""
    currency: str
    children: int
    """Plans that are summed."""
    status: CascadeStatus


class PlanFigureComparisonView(View):
    """A figure in two plans."""

    id: UUID
    plan_id: UUID
    with_plan_id: UUID
    measure: str
    period_code: str
    before: Amount | None = None
    """In the plan compared with; null where it says nothing."""
    after: Amount | None = None
    """In the plan; null where it says nothing."""
    change: Amount | None = None
    """`after` minus `before`, nothing counting as zero; null between two currencies."""
    change_rate: Rate | None = None
    """`change` over `before`; null without a base."""
    before_currency: str | None = None
    after_currency: str | None = None
