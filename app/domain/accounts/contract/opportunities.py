"""What may be asked of opportunities, and what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Command, Comment, Fields, Name
from app.domain.kernel.money import Currency, Money, Rate
from app.domain.kernel.resource import ExternalId, Stored, View
from app.domain.market.contract import NotNegative


class OpportunityStage(StrEnum):
    """How far a deal is."""

    PROSPECTING = "prospecting"
    ENGAGING = "engaging"
    PROPOSAL = "proposal"
    WON = "won"
    LOST = "lost"


CLOSED = frozenset({OpportunityStage.WON, OpportunityStage.LOST})

STAGE_PROBABILITY: Mapping[OpportunityStage, Decimal] = {
    OpportunityStage.PROSPECTING: Decimal("0.10"),
    OpportunityStage.ENGAGING: Decimal("0.30"),
    OpportunityStage.PROPOSAL: Decimal("0.60"),
    OpportunityStage.WON: Decimal(1),
    OpportunityStage.LOST: Decimal(0),
}
"""How probable it is that a deal at the stage is won; it weighs the pipeline."""


class OpportunityFields(Fields):
    """What a deal is about, and its days."""

    name: Name
    account_id: UUID | None = None
    """The buyer; null while it is not known."""
    product_id: UUID | None = None
    opened_on: date | None = None
    """Day on which work on the deal began; null before."""
    expected_close_on: date | None = None
    """Day by which a decision is expected."""
    closed_on: date | None = None
    """Day on which it was won or lost; null while it is open."""


class OpportunityView(OpportunityFields, Stored):
    """A deal in the pipeline, or what became of it."""

    seller_id: UUID
    """The seller who works on it."""
    stage: OpportunityStage
    amount: Money | None = None
    """What it is worth, or was sold for."""
    probability: Rate
    """Probability of its stage: prospecting 0.10, engaging 0.30, proposal 0.60, won 1, lost 0."""
    weighted_amount: Money | None = None
    """Amount times probability."""
    currency: Currency
    """Currency of the amounts."""
    external_ids: list[ExternalId]


class CreateOpportunity(OpportunityFields, Command):
    """Add a deal to the pipeline, or record one that is closed already."""

    seller_id: UUID | None = None
    """The seller who works on it; the acting seller when absent."""
    stage: OpportunityStage = OpportunityStage.PROSPECTING
    amount: NotNegative | None = None
    """What it is worth, or was sold for, in `currency`."""
    currency: Currency | None = None
    """Currency of the amount; the organisation's when absent."""


class UpdateOpportunity(Command):
    """Change the details of a deal; an absent field stays as it is. The stage has its own action."""

    name: Name | None = Field(default_factory=lambda: None)
    account_id: UUID | None = Field(default_factory=lambda: None)
    seller_id: UUID | None = Field(default_factory=lambda: None)
    product_id: UUID | None = Field(default_factory=lambda: None)
    amount: NotNegative | None = Field(default_factory=lambda: None)
    currency: Currency | None = Field(default_factory=lambda: None)
    opened_on: date | None = Field(default_factory=lambda: None)
    expected_close_on: date | None = Field(default_factory=lambda: None)
    closed_on: date | None = Field(default_factory=lambda: None)


class ChangeOpportunityStage(Command):
    """Move a deal to another stage."""

    stage: OpportunityStage
    amount: NotNegative | None = None
    """What it was sold for; the present amount when absent."""
    closed_on: date | None = None
    """Day on which it was won or lost; only for those stages."""
    comment: Comment | None = None
    """Why; needed to reopen a closed deal."""


class OpportunityStageChangeView(View):
    """One step in the history of a deal."""

    id: UUID
    opportunity_id: UUID
    from_stage: OpportunityStage | None = None
    """Null for the stage it began with."""
    to_stage: OpportunityStage
    amount: Money | None = None
    """What it was worth at that moment."""
    comment: str | None = None
    actor_id: UUID
    """The principal who recorded it."""
    actor_name: str
    occurred_at: datetime
    """When it was recorded."""
