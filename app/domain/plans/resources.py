"""What can be read of plans."""

from app.domain.kernel.resource import Many, One, Resource, by_seller
from app.domain.plans.contract import PlanReviewView, PlanTemplateView, PlanView

PLAN_TEMPLATE = Resource(
    "plan_template",
    "plan_templates",
    PlanTemplateView,
    "plans:read",
    "Templates of plans, every version of them.",
    filters=("kind", "code", "template_version", "name"),
    sorts=("code", "name", "created_at"),
    sort="code",
    search=("code", "name"),
)

PLAN = Resource(
    "plan",
    "plans",
    PlanView,
    "plans:read",
    "Revenue, territory and account plans.",
    links={
        "template": One("plan_template", "{row}.template_id", "What it consists of."),
        "owner": One("seller", "{row}.owner_id", "Whose plan it is."),
        "account": One("account", "{row}.account_id"),
        "territory": One("territory", "{row}.territory_id"),
        "period": One("fiscal_period", "{row}.period_id"),
        "based_on": One("plan", "{row}.based_on_id", "The approved plan it revises."),
        "reviews": Many("plan_review", "{other}.plan_id = {row}.id", "-reviewed_at", "Its reviews, latest first."),
    },
    filters=(
        "kind",
        "state",
        "owner_id",
        "period_id",
        "account_id",
        "territory_id",
        "template_id",
        "based_on_id",
        "completeness",
        "quality",
        "created_at",
        "updated_at",
    ),
    sorts=("title", "created_at", "updated_at", "quality", "completeness"),
    search=("title",),
    visible=by_seller("{row}.owner_id"),
)

_OWNER = "(select reviewed.owner_id from plan reviewed where reviewed.org_id = {org} and reviewed.id = {row}.plan_id)"

PLAN_REVIEW = Resource(
    "plan_review",
    "plan_reviews",
    PlanReviewView,
    "plans:read",
    "Reviews of plans; append-only.",
    filters=("reviewer_id", "quality", "reviewed_at"),
    sorts=("reviewed_at",),
    visible=by_seller(_OWNER),
    versioned=False,
    hidden=True,
)
