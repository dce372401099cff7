"""What can be read of plans: templates, plans, how they were submitted."""

from app.domain.kernel.resource import Many, One, Resource, Visible, by_seller
from app.domain.plans.contract.plans import PlanSubmissionView, PlanView
from app.domain.plans.contract.templates import PlanTemplateView

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


def _seen(plan: str) -> str:
    """SQL of whether the actor sees a plan by its alias: in its line, as a contributor, reviewer or stand-in."""
    return (
        f"({by_seller(f'{plan}.owner_id').rule}"
        f" or exists (select from plan_contributor own where own.org_id = {{org}} and own.plan_id = {plan}.id"
        "     and own.principal_id = {actor})"
        f" or exists (select from plan_reviewer own where own.org_id = {{org}} and own.plan_id = {plan}.id"
        "     and (own.principal_id = {actor} or exists (select from review_delegation handed"
        "       where handed.org_id = {org} and handed.from_principal_id = own.principal_id"
        "        and handed.to_principal_id = {actor} and handed.valid @> {today}))))"
    )


def of_plan(plan_id: str) -> Visible:
    """Rows whose plan the actor sees; `plan_id` is SQL over `{row}`."""
    return Visible(
        f"exists (select from plan held where held.org_id = {{org}} and held.id = {plan_id} and {_seen('held')})"
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
        "revisions": Many("plan", "{other}.based_on_id = {row}.id", "-created_at", "Versions that revise it."),
        "started_from": One("exemplary_plan", "{row}.started_from_id", "The exemplary plan it was started from."),
        "parent": One("plan", "{row}.parent_id", "The plan it is a part of."),
        "parts": Many("plan", "{other}.parent_id = {row}.id", "title", "Plans that are parts of it."),
        "campaign": One("plan_campaign", "{row}.campaign_id", "The campaign that expects it."),
        "submissions": Many("plan_submission", "{other}.plan_id = {row}.id", "-round", "As it was submitted."),
        "reviews": Many("plan_review", "{other}.plan_id = {row}.id", "-reviewed_at", "Its reviews, latest first."),
        "reviewers": Many("plan_reviewer", "{other}.plan_id = {row}.id", "id", "Who was appointed to review it."),
        "contributors": Many("plan_contributor", "{other}.plan_id = {row}.id", "id", "Who writes which section."),
        "comments": Many("plan_comment", "{other}.plan_id = {row}.id", "created_at", "What was said about it."),
        "figures": Many("plan_figure", "{other}.plan_id = {row}.id", "id", "Its measures, figure by figure."),
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
        "parent_id",
        "campaign_id",
        "started_from_id",
        "completeness",
        "quality",
        "created_at",
        "updated_at",
    ),
    sorts=("title", "created_at", "updated_at", "quality", "completeness"),
    search=("title",),
    visible=Visible(_seen("{row}")),
)

PLAN_SUBMISSION = Resource(
    "plan_submission",
    "plan_submissions",
    PlanSubmissionView,
    "plans:read",
    "Plans as they were submitted each time; append-only.",
    links={"plan": One("plan", "{row}.plan_id")},
    filters=("plan_id", "round"),
    sorts=("round",),
    visible=of_plan("{row}.plan_id"),
    versioned=False,
    hidden=True,
)
