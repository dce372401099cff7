"""Objectives of a seller (MBO): what a component of the kind objective pays on."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Fields, LongText, Name
from app.domain.kernel.money import Rate
from app.domain.kernel.resource import Stored

Weight = Annotated[Rate, Field(gt=Decimal(0), description="Weight among the objectives of a window.", examples=["0.6"])]


class ObjectiveFields(Fields):
    """An objective, for whom, in which period, under which component."""

    plan_code: Code
    """Code of the compensation plan; the objective holds for all its versions."""
    component_code: Code
    """Code of a component of the kind objective."""
    seller_id: UUID
    period_id: UUID
    """The fiscal period it is to be met in; it counts in the window that the period lies in."""
    name: Name
    description: LongText | None = None
    weight: Weight


class PlanObjectiveView(ObjectiveFields, Stored):
    """An objective of a seller, and how far it was met."""

    score: Rate | None = None
    """1 is fully met; null until it is assessed."""
    assessed_by: UUID | None = None
    assessed_at: datetime | None = None


class CreatePlanObjective(ObjectiveFields, Command):
    """Set a seller an objective."""


class UpdatePlanObjective(Command):
    """Change an objective; an absent field stays as it is."""

    name: Name | None = Field(default_factory=lambda: None)
    description: LongText | None = Field(default_factory=lambda: None)
    weight: Weight | None = Field(default_factory=lambda: None)


class AssessPlanObjective(Command):
    """Say how far an objective was met."""

    score: Annotated[Rate, Field(ge=Decimal(0), description="1 is fully met, 1.2 is 120 %.", examples=["0.8"])]
