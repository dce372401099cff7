"""Pay as a function of attainment: what somebody would earn who reaches so much of the quota."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Code, Command, Fields
from app.domain.kernel.money import Amount, Currency, Rate, Share
from app.domain.kernel.resource import Stored, View


class CurveMarkKind(StrEnum):
    """What happens at a point of a pay curve."""

    THRESHOLD = "threshold"
    """Below it nothing is paid."""
    TARGET = "target"
    """The quota is reached."""
    ACCELERATOR = "accelerator"
    """From here on more is paid for each point of attainment, or a step is paid at once."""
    DECELERATOR = "decelerator"
    """From here on less is paid for each point."""
    CAP = "cap"
    """From here on nothing more is paid."""


class PayCurveFields(Fields):
    """Who is looked at: a seller of the plan, or anybody with a quota and a target incentive."""

    plan_id: UUID
    """Any version of a plan, a draft too."""
    seller_id: UUID | None = None
    """Takes the seller's quotas, month by month, its days in the plan and its target incentive."""
    quota: Annotated[Amount, Field(gt=Decimal(0))] | None = None
    """Of the year, in equal months, of every measure that a component is held against; instead of a seller's."""
    target_incentive: Annotated[Amount, Field(ge=Decimal(0))] | None = None
    """Of the year; instead of a seller's."""
    objective_score: Share = Decimal(1)
    """How well objectives are met: they do not follow attainment."""
    up_to: Annotated[Rate, Field(ge=Decimal("0.5"), le=Decimal(5))] = Decimal(2)
    """The highest attainment; 2 is 200 %."""


class CreatePayCurve(PayCurveFields, Command):
    """Calculate the pay of a whole year for attainments from nothing on, every 2 % and at every bound of the plan."""


class CurveComponent(View):
    """A component of the curve."""

    code: Code
    name: str


class CurvePoint(View):
    """What the year pays at an attainment."""

    attainment: Rate
    pay: Amount | None = None
    """Null where a component cannot be said."""
    components: list[Amount | None]
    """By component, in their order."""


class CurveMarkView(View):
    """A point of the curve that is worth a name."""

    kind: CurveMarkKind
    attainment: Rate
    pay: Amount


class PayCurveView(PayCurveFields, Stored):
    """A calculated pay curve; empty until it is `finished_at`."""

    currency: Currency
    job_id: UUID
    requested_by: UUID
    finished_at: datetime | None = None
    watermark: datetime | None = None
    inputs_hash: str | None = None
    components: list[CurveComponent]
    points: list[CurvePoint]
    marks: list[CurveMarkView]
    codes: list[str]
    """Why something cannot be said, such as `no_target`."""
