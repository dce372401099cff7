"""How much a year may cost by chance: what sellers attain is drawn again and again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.compensation.contract.simulations import AttainmentFields, Seed, TriedPlan
from app.domain.kernel.fields import Command, Name
from app.domain.kernel.money import Amount, Currency, Money, Rate, Share
from app.domain.kernel.resource import Stored, View


class CreateBudgetRisk(Command):
    """Draw what sellers attain, and pay each draw with the steps of a run; nothing is posted.

    Sellers who take part in a plan of the budget's currency and have a quota are drawn; the others are counted.
    """

    name: Name
    period_id: UUID
    """The fiscal period whose quotas and participants are used."""
    plans: list[TriedPlan] = Field(default_factory=list, max_length=5)
    """Plans to try out instead of those in force."""
    attainment: AttainmentFields
    """How each seller's attainment is distributed."""
    correlation: Share
    """Between any two sellers, by a factor common to all: 0 is independent, 1 is everybody alike."""
    budget: Money
    draws: int = Field(default=1_000, ge=100, le=10_000)
    step: Annotated[Rate, Field(ge=Decimal("0.001"), le=Decimal("0.1"))] = Decimal("0.01")
    """Drawn attainments are rounded to multiples of it; pay of these is exact."""
    seed: Seed = 1


class CostBin(View):
    """A bar of the histogram: how many draws cost so much."""

    lower: Amount
    upper: Amount
    """Excluded, but of the last bar."""
    draws: int


class BudgetRiskView(Stored):
    """A simulated distribution of cost; without figures until it is `finished_at`."""

    name: Name
    period_id: UUID
    plans: list[TriedPlan]
    attainment: AttainmentFields
    correlation: Share
    budget: Money
    currency: Currency
    draws: int
    step: Rate
    seed: int
    job_id: UUID
    requested_by: UUID
    finished_at: datetime | None = None
    watermark: datetime | None = None
    inputs_hash: str | None = None
    """SHA-256 over everything that decides the answer; with the same one and seed the answer is the same."""
    sellers: int | None = None
    """Who was drawn."""
    left_out: int | None = None
    """Who takes part and was not drawn: without quota, or of a plan in another currency."""
    needs_attention: int | None = None
    """Drawn sellers some of whose pay cannot be said; it is not in the cost."""
    at_target: Money | None = None
    """What it costs when everybody attains exactly 100 %."""
    mean: Money | None = None
    deviation: Money | None = None
    """Standard deviation."""
    p5: Money | None = None
    """5 % of the draws do not cost more."""
    p50: Money | None = None
    p90: Money | None = None
    p95: Money | None = None
    above_budget: Rate | None = None
    """Share of the draws that cost more than the budget."""
    histogram: list[CostBin]
