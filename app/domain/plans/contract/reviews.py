"""What may be asked of reviews and reviewers of plans, and what is answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.domain.kernel.fields import Command, Comment, Fields, OptionalComment
from app.domain.kernel.money import Rate, Share
from app.domain.kernel.resource import Stored, View
from app.domain.plans.contract.templates import SectionKey


class CriterionScore(View):
    """The score a reviewer gives on one criterion of the rubric."""

    criterion: SectionKey
    score: Annotated[Rate, Field(ge=0)]
    """From 0 to the criterion's `max_score`."""


Scores = Annotated[list[CriterionScore], Field(min_length=1, max_length=20)]


class ReviewPlan(OptionalComment):
    """Score a plan on every criterion of its rubric."""

    scores: Scores


class PlanReviewView(View):
    """One review of a plan."""

    id: UUID
    plan_id: UUID
    round: int
    """Which submission of the plan it is about; the latest review of a reviewer in a round counts."""
    scores: list[CriterionScore]
    quality: Share
    """Σ weight·score / Σ weight·max_score."""
    comment: str | None = None
    reviewer_id: UUID
    """Principal who reviewed it."""
    reviewer_name: str
    on_behalf_of: UUID | None = None
    """The appointed reviewer for whom it was reviewed by delegation."""
    reviewed_at: datetime


class PlanReviewerFields(Fields):
    """Who is to review a plan."""

    plan_id: UUID
    principal_id: UUID
    """The reviewer; its role must allow reviews."""
    due_on: date | None = None
    """Day by which the review is wanted."""


class PlanReviewerView(PlanReviewerFields, Stored):
    """A reviewer appointed for a plan. With appointed reviewers, these alone review, and all of them must."""


class CreatePlanReviewer(PlanReviewerFields, Command):
    """Appoint a reviewer."""


class ReviewDelegationFields(Fields):
    """Who reviews in whose place."""

    from_principal_id: UUID
    """The appointed reviewer."""
    to_principal_id: UUID
    """Who reviews in its place."""
    effective_from: date
    effective_to: date | None = None
    """First day on which it no longer holds; null means open."""


class ReviewDelegationView(ReviewDelegationFields, Stored):
    """While it holds, the delegate may review what the reviewer was appointed for."""


class CreateReviewDelegation(ReviewDelegationFields, Command):
    """Let somebody review in one's place for a time."""


class ReviewItem(View):
    """The review of one plan among many."""

    plan_id: UUID
    scores: Scores
    comment: Comment | None = None


class SubmitPlans(Command):
    """Submit many plans."""

    plan_ids: list[UUID] = Field(min_length=1, max_length=1000)


class ReviewPlans(Command):
    """Review many plans."""

    reviews: list[ReviewItem] = Field(min_length=1, max_length=1000)


class ApprovePlans(OptionalComment):
    """Approve many plans."""

    plan_ids: list[UUID] = Field(min_length=1, max_length=1000)


class RequestChangesOfPlans(Command):
    """Send many plans back."""

    plan_ids: list[UUID] = Field(min_length=1, max_length=1000)
    comment: Comment


class RefusedPlan(View):
    """A plan that stays as it is, and why."""

    plan_id: UUID
    code: str
    """The problem code that the action on this plan alone is refused with."""
    quality: Share | None = None
    """Its quality, where a review gave one."""
    minimum_quality: Share | None = None
    """The bar of its template."""


class PlansMoved(View):
    """What became of many plans."""

    moved: list[UUID]
    refused: list[RefusedPlan]
    """Plans that the actor does not see are refused with `not_found`."""
