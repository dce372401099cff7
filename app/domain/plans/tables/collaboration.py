"""Stored rows of those who write, review and comment on plans together."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app.domain.kernel.tables import VersionedRow, instant, text
from app.domain.plans.contract.collaboration import CommentState, PlanCommentFields, PlanContributorFields
from app.domain.plans.contract.reviews import PlanReviewerFields, ReviewDelegationFields


class PlanContributor(PlanContributorFields, VersionedRow, table=True):
    """Somebody of another function who writes a section."""

    __tablename__ = "plan_contributor"


class PlanReviewer(PlanReviewerFields, VersionedRow, table=True):
    """A reviewer appointed for a plan."""

    __tablename__ = "plan_reviewer"


class ReviewDelegation(ReviewDelegationFields, VersionedRow, table=True):
    """Who reviews in whose place, and when."""

    __tablename__ = "review_delegation"


class PlanComment(PlanCommentFields, VersionedRow, table=True):
    """A comment on a section."""

    __tablename__ = "plan_comment"

    body: str
    state: CommentState = text(default=CommentState.OPEN)
    author_id: UUID
    author_name: str
    resolved_by: UUID | None = None
    resolved_at: datetime | None = instant(default=None)
