"""What may be asked of those who write a plan together and of what they say about it, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Command, Comment, Fields, Name
from app.domain.kernel.resource import AllowedAction, Stored
from app.domain.plans.contract.plans import SectionContents
from app.domain.plans.contract.templates import SectionKey


class PlanContributorFields(Fields):
    """Who writes a section in the owner's place."""

    plan_id: UUID
    principal_id: UUID
    """Who writes it, such as somebody of marketing."""
    section: SectionKey
    """The section, which nobody else writes."""
    function: Name
    """What the contributor stands for, such as marketing or finance."""
    due_on: date | None = None
    """Day by which the section is wanted."""


class PlanContributorView(PlanContributorFields, Stored):
    """A contributor to a plan: it sees the plan and writes the section; nobody else writes it."""


class CreatePlanContributor(PlanContributorFields, Command):
    """Ask somebody to write a section."""


class ContributeToPlan(Command):
    """Write one's own sections: those named are replaced, those set to null are emptied."""

    sections: SectionContents


class CommentState(StrEnum):
    """Whether a comment still asks for something."""

    OPEN = "open"
    RESOLVED = "resolved"


class PlanCommentFields(Fields):
    """What somebody says about a section."""

    plan_id: UUID
    section: SectionKey


class PlanCommentView(PlanCommentFields, Stored):
    """A comment on a section of a plan."""

    body: str
    state: CommentState
    author_id: UUID
    """Principal who wrote it."""
    author_name: str
    resolved_by: UUID | None = None
    resolved_at: datetime | None = None
    allowed_actions: list[AllowedAction]


class CreatePlanComment(PlanCommentFields, Command):
    """Comment on a section."""

    body: Comment = Field(description="What is said.")
