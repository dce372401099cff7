"""What can be read of those who write, review and comment on plans together."""

from app.domain.kernel.resource import One, Resource
from app.domain.plans.contract.collaboration import PlanCommentView, PlanContributorView
from app.domain.plans.contract.reviews import PlanReviewerView, PlanReviewView, ReviewDelegationView
from app.domain.plans.resources.plans import of_plan

_PLAN = One("plan", "{row}.plan_id")

PLAN_REVIEW = Resource(
    "plan_review",
    "plan_reviews",
    PlanReviewView,
    "plans:read",
    "Reviews of plans; append-only.",
    links={"plan": _PLAN},
    filters=("round", "reviewer_id", "quality", "reviewed_at"),
    sorts=("reviewed_at",),
    visible=of_plan("{row}.plan_id"),
    versioned=False,
    hidden=True,
)

PLAN_REVIEWER = Resource(
    "plan_reviewer",
    "plan_reviewers",
    PlanReviewerView,
    "plans:read",
    "Who was appointed to review which plan, by when.",
    links={"plan": _PLAN},
    filters=("plan_id", "principal_id", "due_on"),
    sorts=("due_on", "created_at"),
    sort="-created_at",
    visible=of_plan("{row}.plan_id"),
)

REVIEW_DELEGATION = Resource(
    "review_delegation",
    "review_delegations",
    ReviewDelegationView,
    "plans:read",
    "Who reviews in whose place, and when.",
    filters=("from_principal_id", "to_principal_id", "effective_from"),
    sorts=("effective_from",),
    sort="-effective_from",
)

PLAN_CONTRIBUTOR = Resource(
    "plan_contributor",
    "plan_contributors",
    PlanContributorView,
    "plans:read",
    "Who of another function writes which section of which plan, by when.",
    links={"plan": _PLAN},
    filters=("plan_id", "principal_id", "due_on"),
    sorts=("due_on", "created_at"),
    sort="-created_at",
    visible=of_plan("{row}.plan_id"),
)

PLAN_COMMENT = Resource(
    "plan_comment",
    "plan_comments",
    PlanCommentView,
    "plans:read",
    "Comments on sections of plans.",
    links={"plan": _PLAN},
    filters=("plan_id", "section", "state", "author_id", "created_at"),
    sorts=("created_at",),
    sort="created_at",
    search=("body",),
    visible=of_plan("{row}.plan_id"),
)
