"""What may be asked of campaigns, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from app.domain.accounts.contract.prioritisation import Quadrant
from app.domain.kernel.fields import Command, Fields, Name
from app.domain.kernel.money import Amount, Share
from app.domain.kernel.resource import Stored, View


class PlanCampaignFields(Fields):
    """What is expected of whom by when."""

    name: Name
    template_id: UUID
    """What the plans are written from; its kind says whether there is one per seller, territory or account."""
    period_id: UUID
    """The fiscal period the plans are for."""
    due_on: date
    """Last day on which a plan is submitted in time."""
    manager_id: UUID | None = None
    """Only plans of this manager's reporting line, without the manager's own."""
    team: Name | None = None
    """Only plans of sellers who are in the team."""
    territory_id: UUID | None = None
    """Only plans for this territory, those below it, or accounts in them."""
    minimum_potential: Amount | None = None
    """Only account plans for accounts of this potential or more, in the organisation's currency."""


class PlanCampaignView(PlanCampaignFields, Stored):
    """A set of plans expected by a day, such as all account plans of EMEA by 15 January."""

    quadrants: list[Quadrant]
    """Only account plans for accounts of these quadrants; all when empty."""
    launched_at: datetime | None = None
    """When its drafts were last started; null before."""
    created_by: UUID
    """Principal who runs it."""


class CreatePlanCampaign(PlanCampaignFields, Command):
    """Prepare a campaign; `launch` starts its plans."""

    quadrants: list[Quadrant] = Field(default_factory=list, max_length=4)


class UpdatePlanCampaign(Command):
    """Change the name or the due day of a campaign."""

    name: Name | None = Field(default_factory=lambda: None)
    due_on: date | None = Field(default_factory=lambda: None)


class LaunchPlanCampaign(Command):
    """Start the drafts of a campaign."""

    prefill: bool = True
    """Whether their sections are filled from data where the template names a source."""


class LaunchedCampaign(View):
    """What launching a campaign came to."""

    expected: int
    """Plans the campaign expects now."""
    created: int
    """Drafts that were started."""
    adopted: int
    """Plans for the same subject and period that were there before and count from now on."""


class ProgressGroup(StrEnum):
    """What a row of progress is about."""

    CAMPAIGN = "campaign"
    TEAM = "team"
    SELLER = "seller"


class CampaignProgressView(View):
    """How far a campaign is. Only plans that the reader sees are counted."""

    id: UUID
    campaign_id: UUID
    campaign_name: str
    due_on: date
    team: str | None = None
    """The owners' team today; null for the whole campaign."""
    owner_id: UUID | None = None
    """The owner, when asked per seller."""
    owner_name: str | None = None
    expected: int
    """Plans expected; the other counts are parts of it."""
    draft: int
    """Being written, whether for the first time or after changes were requested."""
    submitted: int
    """Submitted, not reviewed yet."""
    reviewed: int
    approved: int
    """Approved, whether put aside since or not."""
    rejected: int
    late: int
    """Submitted after the due day for the first time, or not yet although it is over."""
    below_bar: int
    """Reviewed below the bar of the template."""
    completeness: Share | None = None
    """Mean completeness."""
    quality: Share | None = None
    """Mean quality of those reviewed; null when none is."""


class RemindOfPlans(Command):
    """Remind the owners of plans that are due."""

    within_days: int = Field(default=7, ge=0, le=365)
    """How many days before the due day reminders begin; they go on until the plan is submitted."""


class PlansReminded(View):
    """What reminding came to."""

    reminded: int
    """Plans whose owners were reminded now, each by an event `plan.reminded`."""
    already: int
    """Plans whose owners were reminded before on the same day."""
