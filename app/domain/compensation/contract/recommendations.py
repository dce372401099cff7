"""What could be better in a plan, by rule, with what it would have cost and changed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.compensation.contract.plans import InWordsView
from app.domain.compensation.terms.component import ComponentFields
from app.domain.kernel.fields import Code, Command, Name
from app.domain.kernel.money import Currency, Figure, Money
from app.domain.kernel.resource import View


class RecommendationRule(StrEnum):
    """Which rule found it."""

    PAYS_FEW = "pays_few"
    """A component that pays fewer than 5 % of its sellers: leave it out."""
    LIGHT_WEIGHT = "light_weight"
    """A component that weighs less than 15 % of the target: leave it out, its weight goes to the heaviest."""
    THRESHOLD_EXCLUDES = "threshold_excludes"
    """A gate that more than 40 % of sellers miss: lower it to what four in five reach."""
    CAP_BITES = "cap_bites"
    """A cap that 5 % of sellers or more are at: lift it."""
    TOP_UNREACHED = "top_unreached"
    """A highest tier that nobody reaches: begin it where the best tenth is."""


class RecommendForPlan(Command):
    """Look for what could be better, over the sales of a period; nothing is posted."""

    period_id: UUID
    """The fiscal period whose sales are used, best a whole year."""


class RecommendationFigure(View):
    """A figure behind a recommendation."""

    name: str
    value: Figure


class PlanRecommendationView(View):
    """A change to a plan that a rule recommends, with its simulated effect on the period."""

    id: UUID
    plan_id: UUID
    period_id: UUID
    rule: RecommendationRule
    component_code: Code
    component_name: str
    reason: str
    """In English."""
    in_words: InWordsView
    """The reason in both languages."""
    figures: list[RecommendationFigure]
    """What the reason is made of."""
    components: list[ComponentFields]
    """The changed plan document."""
    cost_before: Money
    """What the plans in force earned in the period, with this plan in force, in its currency."""
    cost_after: Money
    cost_difference: Money
    currency: Currency
    sellers_affected: int
    """Sellers whose earnings would differ."""
    winners: int
    losers: int
    needs_attention: int
    """Sellers of whom one of both cannot be said."""
    found_at: datetime


class DraftRecommendation(Command):
    """Create the changed plan as a draft."""

    name: Name | None = None
    """Of the draft; the plan's own by default."""
