"""What may be asked of activities, and what is answered."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Command, Fields, LongText, OptionalComment, ShortText
from app.domain.kernel.money import Kilometres, Rate
from app.domain.kernel.resource import AllowedAction, Stored, View

Minutes = Annotated[int, Field(ge=0, le=100_000)]


class ActivityKind(StrEnum):
    """The channel of an activity."""

    VISIT = "visit"
    CALL = "call"
    VIDEO = "video"
    EMAIL = "email"
    MEETING = "meeting"


class ActivityState(StrEnum):
    """Whether an activity took place."""

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"


class ActivityFields(Fields):
    """What an activity is, and about whom."""

    account_id: UUID
    kind: ActivityKind
    contact_id: UUID | None = None
    """The person it is with, if one; of the same account."""
    opportunity_id: UUID | None = None
    """The deal it serves, if any; of the same account."""
    planned_on: date | None = None
    """Day it is planned for; null for what was done without a plan."""
    duration_minutes: Minutes | None = None
    distance_km: Kilometres | None = None
    """Kilometres travelled for it, there and back."""
    subject: ShortText | None = None
    outcome: ShortText | None = None
    """What came of it."""
    notes: LongText | None = None


class ActivityView(ActivityFields, Stored):
    """A visit, call, video call, e-mail or meeting with an account: planned, done or cancelled."""

    seller_id: UUID
    """The seller who does it."""
    state: ActivityState
    done_on: date | None = None
    """Day on which it took place; null until then."""
    allowed_actions: list[AllowedAction]


class CreateActivity(ActivityFields, Command):
    """Plan an activity, or record one that took place: that with `done_on` is done."""

    seller_id: UUID | None = None
    """The seller who does it; the acting seller when absent."""
    done_on: date | None = None
    """Day on which it took place, not after today; absent for what is only planned."""


class UpdateActivity(Command):
    """Change an activity that was not cancelled; an absent field stays as it is."""

    seller_id: UUID | None = Field(default_factory=lambda: None)
    kind: ActivityKind | None = Field(default_factory=lambda: None)
    contact_id: UUID | None = Field(default_factory=lambda: None)
    opportunity_id: UUID | None = Field(default_factory=lambda: None)
    planned_on: date | None = Field(default_factory=lambda: None)
    done_on: date | None = Field(default_factory=lambda: None)
    duration_minutes: Minutes | None = Field(default_factory=lambda: None)
    distance_km: Kilometres | None = Field(default_factory=lambda: None)
    subject: ShortText | None = Field(default_factory=lambda: None)
    outcome: ShortText | None = Field(default_factory=lambda: None)
    notes: LongText | None = Field(default_factory=lambda: None)


class CompleteActivity(OptionalComment):
    """Say that a planned activity took place; an absent field stays as it is."""

    done_on: date | None = None
    """Day on which it took place; today when absent."""
    duration_minutes: Minutes | None = None
    distance_km: Kilometres | None = None
    """Kilometres travelled for it, there and back."""
    outcome: ShortText | None = None
    """What came of it."""


class VisitAdherenceView(View):
    """A seller's visits of a month: what was planned for it and what became of that."""

    id: UUID
    """Of the seller and the month."""
    seller_id: UUID
    seller_name: str
    month: date
    """First day of the month."""
    planned: int
    """Visits planned for a day of the month, whatever became of them: the sum of the three that follow."""
    done: int
    """Of those, visits that took place, on whatever day."""
    cancelled: int
    """Of those, visits that were cancelled."""
    still_open: int
    """Of those, visits that neither took place nor were cancelled."""
    done_unplanned: int
    """Visits that took place in the month without having been planned."""
    adherence: Rate | None = None
    """Done of planned, from 0 to 1; null when none was planned."""
