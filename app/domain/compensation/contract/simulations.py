"""Trying out plans: what draft plans would cost over a period that was, or over a scenario of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Fields, Name
from app.domain.kernel.money import Amount, Currency, Money, Rate, Share
from app.domain.kernel.resource import Stored, View
from app.domain.organisation.contract import PeriodKind

Growth = Annotated[Rate, Field(ge=Decimal(-1), le=Decimal(10))]
"""By how much something grows; 0.1 is 10 % more."""

Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
"""The same seed and the same data give the same answer."""


class Shift(Fields):
    """What one segment or product grows by instead of the whole."""

    segment_id: UUID | None = None
    product_id: UUID | None = None
    growth: Growth


class AttainmentSource(StrEnum):
    """Where the attainments of sellers come from."""

    NORMAL = "normal"
    """A normal distribution with the given mean and spread, cut off at 0."""
    HISTORY = "history"
    """What the sellers attained in the period, drawn from with equal chances."""


class AttainmentFields(Fields):
    """How attainments are distributed among sellers."""

    source: AttainmentSource
    mean: Annotated[Rate, Field(ge=Decimal(0), le=Decimal(5))] | None = None
    """Of `normal`; 1 is 100 % of quota."""
    spread: Annotated[Rate, Field(ge=Decimal(0), le=Decimal(2))] | None = None
    """Standard deviation, of `normal`."""


class ScenarioFields(Fields):
    """How the period differs from what it was; absent parts do not differ.

    With `attainment` the sales of the period are replaced: every seller reaches the drawn part of its quota.
    """

    growth: Growth | None = None
    """Of all sales."""
    shifts: list[Shift] = Field(default_factory=list, max_length=50)
    """Of those of a segment or product; of several that name a sale the first counts."""
    keep_total: bool = False
    """Whether the shifts change the mix only: sales are scaled back to the total that `growth` gives."""
    attainment: AttainmentFields | None = None
    expected_clawback: Share | None = None
    """The part of what components with a clawback earn that is expected to be taken back, beyond the returns that are
    recorded; it lowers cost. Absent expects none."""


class TriedPlan(Fields):
    """A plan put in force for a calculation, whatever its state and fiscal year.

    One in which nobody takes part yet gets the participants of the plan it replaces; those of a plan of another year
    take part on the same days of the calculated one.
    """

    plan_id: UUID
    instead_of_id: UUID | None = None
    """The plan in force that it replaces; by default that of its code."""


class CreatePlanSimulation(Command):
    """Calculate a period with draft plans beside the plans in force; nothing is posted."""

    name: Name
    period_id: UUID
    """The fiscal period whose sales, quotas and participants are used."""
    plans: list[TriedPlan] = Field(default_factory=list, max_length=5)
    """Plans to try out, compared with the plans in force over the same scenario. Without any, the plans in force are
    compared with themselves: without the scenario, and with it."""
    scenario: ScenarioFields | None = None
    """Without one the period is taken as it was."""
    paid_every: PeriodKind | None = None
    """How often is paid: guarantees fill up what each pay period earned, and draws are recovered from later ones. By
    default each month where some plan has draws or holdbacks, and otherwise the period at once."""
    seed: Seed = 1


class SimulatedParts(View):
    """What a cost is made of, and what of it is paid out when."""

    earned: Amount
    """By components."""
    guarantees: Amount
    """Paid beyond that by draws that are not recoverable."""
    forgiven: Amount
    """Draws that were not earned and are given up."""
    clawback: Amount
    """Expected to be taken back; it lowers cost, and nothing that is paid out."""
    paid: Amount
    """Paid out: earned, guarantees and forgiven, with what becomes owed, less what becomes held back."""
    owed: Amount
    """Owed by sellers at the end: draws not recovered, and pay below zero that was carried forward. Nothing is owed at
    the beginning of the period."""
    held_back: Amount
    """Kept back and not released at the end; what waits for a decision or for the customer's payment is never
    released here."""

    @property
    def cost(self) -> Decimal:
        """What it costs."""
        return self.earned + self.guarantees + self.forgiven - self.clawback


class SimulatedPeriod(View):
    """All sellers of one currency in a pay period."""

    period_id: UUID
    currency: Currency
    before: SimulatedParts
    after: SimulatedParts


class SimulatedTotal(View):
    """All sellers paid in one currency, with the present plans and with those tried out."""

    currency: Currency
    before: Amount
    """Cost with the plans in force: earned, guarantees and forgiven draws, less expected clawbacks."""
    after: Amount
    """Cost with the plans tried out."""
    before_parts: SimulatedParts | None = None
    after_parts: SimulatedParts | None = None
    credited_before: Amount
    """Revenue credited directly."""
    credited_after: Amount
    cost_of_sales_before: Rate | None = None
    """Cost over credited revenue; null without any."""
    cost_of_sales_after: Rate | None = None
    winners: int
    """Sellers who would get more."""
    losers: int
    unchanged: int
    needs_attention: int
    """Sellers of whom one of both cannot be said; what can be said of their earnings is in the sums."""


class SimulatedComponent(View):
    """A component of a plan; those of the same plan code and component code are compared."""

    plan_code: Code
    component_code: Code
    component_name: str
    currency: Currency
    before: Amount
    after: Amount
    earners_before: int
    """Sellers to whom it paid something."""
    earners_after: int


class PlanSimulationView(Stored):
    """A trial of plans over a period."""

    name: Name
    period_id: UUID
    plans: list[TriedPlan]
    scenario: ScenarioFields | None = None
    paid_every: PeriodKind | None = None
    seed: int
    job_id: UUID
    """The job that calculates it: progress, and the problem if it failed."""
    requested_by: UUID
    finished_at: datetime | None = None
    """Null until it is calculated; the results below are empty so long."""
    watermark: datetime | None = None
    """The instant of the data it read."""
    inputs_hash: str | None = None
    """SHA-256 over the inputs of both calculations; with the seed they decide the answer."""
    digest_before: str | None = None
    """SHA-256 of every step's result, as of a run."""
    digest_after: str | None = None
    totals: list[SimulatedTotal]
    components: list[SimulatedComponent]
    periods: list[SimulatedPeriod]
    """The pay periods in turn."""


class SimulatedPayView(View):
    """What a seller costs by a simulation, with the present plans and with those tried out."""

    id: UUID
    simulation_id: UUID
    seller_id: UUID
    currency: Currency
    before: Money | None = None
    """Null where it cannot be said, as is `difference` then."""
    after: Money | None = None
    before_parts: SimulatedParts | None = None
    """What `before` is made of, as far as it can be said."""
    after_parts: SimulatedParts | None = None
    difference: Money | None = None
    code: str | None = None
    """Why something cannot be said, such as `no_quota`."""
