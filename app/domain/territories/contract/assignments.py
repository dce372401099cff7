"""What may be asked of who covers a territory, and what is answered."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Command, Fields, OptionalComment
from app.domain.kernel.money import Share
from app.domain.kernel.resource import AllowedAction, Stored

CoverageShare = Annotated[Share, Field(gt=0)]


class TerritoryAssignmentState(StrEnum):
    """How far a territory's assignment to a seller has come."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    ENDED = "ended"


class TerritoryAssignmentFields(Fields):
    """Who covers how much of which territory, when."""

    territory_id: UUID
    seller_id: UUID
    share: CoverageShare = Decimal(1)
    """Share of the territory's results credited to the seller."""
    effective_from: date
    effective_to: date | None = None
    """First day on which it no longer holds; null means open."""


class TerritoryAssignmentView(TerritoryAssignmentFields, Stored):
    """A seller's part in covering a territory; it counts as coverage once the seller accepted."""

    state: TerritoryAssignmentState
    replaces_id: UUID | None = None
    """The assignment it takes over from: that of an open position, or of the seller who left one."""
    allowed_actions: list[AllowedAction]


class ProposeTerritoryAssignment(TerritoryAssignmentFields, Command):
    """Propose a territory, or a share of it, to a seller."""


class FillVacancy(OptionalComment):
    """Propose a territory that an open position holds to somebody."""

    seller_id: UUID
    effective_from: date | None = None
    """First day of the new seller; by default today, or the first day of the vacancy when that is later."""


class ReviseTerritoryAssignment(OptionalComment):
    """Propose again with other terms; an absent field stays as it is."""

    share: CoverageShare | None = Field(default_factory=lambda: None)
    effective_from: date | None = Field(default_factory=lambda: None)
    effective_to: date | None = Field(default_factory=lambda: None)


class EndTerritoryAssignment(OptionalComment):
    """Let a seller's coverage end."""

    effective_to: date
    """First day on which the seller no longer covers the territory."""
