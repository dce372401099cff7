"""How evenly quotas lie on those who get them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Command
from app.domain.kernel.money import Currency, Money, Rate
from app.domain.kernel.resource import View
from app.domain.quotas.contract.measures import QuotaMeasure


class QuotaFairnessView(View):
    """One seller's quota against the potential of its accounts, and how far that is from the middle."""

    id: UUID
    """The quota's id."""
    seller_id: UUID
    period_id: UUID
    measure: QuotaMeasure
    allocation_id: UUID | None = None
    """The allocation that made it; null when it was made by hand."""
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
    history: Money | None = None
    """What the allocation that made the quota took for the seller's history; null when none is known."""
    growth: Rate | None = None
    """Quota over history, minus 1; null without history."""
    median_growth: Rate | None = None
    """The median over the live quotas of the measure and period."""
    growth_outlier: bool
    """Whether the growth lies more than 1.5 interquartile ranges outside the quartiles."""
    explanation: str
    """Where the quota lies, in words and figures."""
    probability: Rate | None = None
    """How likely it is to be reached by the latest simulation of its present amount; null when there is none."""


class SimulateAttainment(Command):
    """How to draw from the past."""

    seed: int = Field(default=1, ge=0, le=2**31 - 1)
    """The same seed and the same past give the same answer."""
    draws: int = Field(default=1_000, ge=100, le=10_000)
    """How many times the period is drawn."""
    months: int = Field(default=24, ge=6, le=60)
    """How many full months before the period and before today are drawn from; those before hiring are left out."""


class AttainmentChanceView(View):
    """How likely a quota is to be reached, as a simulation found."""

    id: UUID
    quota_id: UUID
    seller_id: UUID
    allocation_id: UUID
    quota: Money
    """The quota's amount at the time."""
    probability: Rate
    """Share of the draws that reached it."""
    low: Money
    """A tenth of the draws do not exceed it."""
    middle: Money
    """Half of the draws do not exceed it."""
    high: Money
    """Nine tenths of the draws do not exceed it."""
    currency: Currency
    months: int
    """Past months that were drawn from."""
    seed: int
    draws: int
    simulated_at: datetime
