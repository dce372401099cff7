"""Whether the plans in force do what they are for, from what was posted."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from app.domain.compensation.terms.choices import ComponentKind
from app.domain.kernel.fields import Code
from app.domain.kernel.money import Amount, Currency, Money, Rate
from app.domain.kernel.resource import View


class EffectivenessGroup(StrEnum):
    """What a row adds up."""

    PLAN = "plan"
    JOB_ROLE = "job_role"
    TEAM = "team"
    SEGMENT = "segment"
    """The market segment that brought most of what a seller is credited; of no segment the name is empty."""


class PayPerformanceView(View):
    """What a seller attained and was paid with a plan in a fiscal year, over all posted runs."""

    id: UUID
    fiscal_year: int
    plan_code: Code
    seller_id: UUID
    seller_name: str
    job_role: str | None = None
    """On the last day that was paid, as is `team`."""
    team: str | None = None
    currency: Currency
    pay: Money
    """Posted earnings of the year, true-ups included."""
    target: Money | None = None
    """Target incentive of the windows that were paid; null where no component has one."""
    attainment: Rate | None = None
    """Credited over quota to date of the plan's main component, the first that is held against a quota."""
    fifth: int | None = None
    """Place by attainment within the plan, from 1, the lowest fifth, to 5; null without attainment."""
    credited: Money
    """Revenue credited directly."""
    cost_of_sales: Rate | None = None
    """Pay over credited revenue."""
    largest_deal: Rate | None = None
    """The largest credit, as a share of the year's quota of the main component."""


class PlanEffectivenessView(View):
    """How pay and performance go together in a plan, job role, team or segment; every share with what it is made of."""

    id: UUID
    fiscal_year: int
    name: str
    """Of the plan, job role or team; the code of the segment."""
    currency: Currency
    sellers: int
    paid_sellers: int
    """Who was paid something."""
    pay: Money
    credited: Money
    cost_of_sales: Rate | None = None
    """Compensation cost of sales: pay over credited revenue."""
    target: Money | None = None
    pay_to_target: Rate | None = None
    """Pay of those with a target over their target."""
    with_attainment: int
    """Sellers whose attainment is known; the shares below are of these."""
    pay_for_performance: Rate | None = None
    """Pearson's correlation of pay and attainment: 1 is pay that follows performance; null for fewer than three."""
    at_threshold: Rate | None = None
    """Share of sellers who attain the threshold or more."""
    at_quota: Rate | None = None
    at_excellence: Rate | None = None
    leverage: Rate | None = None
    """Pay over target of the seller at the 90th percentile of it."""
    top_fifth_pay: Money | None = None
    """Mean pay of the fifth that attains most."""
    bottom_fifth_pay: Money | None = None
    differentiation: Rate | None = None
    """Mean pay of the top fifth over that of the bottom fifth."""
    windfalls: int
    """Sellers one of whose deals alone brought the given part of the year's quota."""
    paid_without_credits: int
    """Sellers who were paid and are credited for nothing."""
    credited_without_pay: int
    """Sellers who are credited for something and were paid nothing."""
    components: int
    """Components that pay or could."""
    light_components: int
    """Components that weigh less than 15 % of the target."""


class PayoutFifthView(View):
    """A fifth of the sellers of a plan, by attainment."""

    id: UUID
    fiscal_year: int
    plan_code: Code
    fifth: int
    """From 1, who attain least, to 5."""
    currency: Currency
    sellers: int
    lowest: Rate
    """Attainment."""
    highest: Rate
    pay: Money
    mean_pay: Money
    share_of_pay: Rate | None = None
    credited: Money


class ComponentEffectivenessView(View):
    """What a component cost, for whom and for what, by its newest posted version."""

    id: UUID
    fiscal_year: int
    plan_id: UUID
    plan_code: Code
    component_id: UUID
    component_code: Code
    component_name: str
    kind: ComponentKind
    currency: Currency
    sellers: int
    earners: int
    """Sellers to whom it paid something."""
    earning_share: Rate
    pay: Money
    share_of_pay: Rate | None = None
    """Of all that the plan paid."""
    weight: Rate | None = None
    """Share of the target incentive; null when it has none."""
    measured: Amount
    """What sellers measured, in the unit of its measure."""
    below_gate: int
    """Sellers whom a gate on their own attainment leaves with less."""
    at_cap: int
    """Sellers at a cap of the window or year, counted by what is known of their last window."""
    top_reached: int
    """Sellers who reached its highest tier or the last piece of its curve."""
    bands: int
    """Tiers, pieces or cells of its rate."""


class AttainmentBandView(View):
    """How many sellers of a plan attained so much of the quota."""

    id: UUID
    fiscal_year: int
    plan_code: Code
    lower: Rate
    """Included; the last band has everything from 200 % on."""
    sellers: int
    share: Rate
    """Of the sellers of the plan whose attainment is known."""
