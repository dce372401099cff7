"""How plans are agreed on: written, reviewed against the rubric, approved by a second pair of eyes."""

from app.domain.kernel.fields import RequiredComment
from app.domain.kernel.resource import by_seller
from app.domain.plans.contract.library import MarkPlanExemplary
from app.domain.plans.contract.plans import PlanState
from app.domain.plans.contract.reviews import ReviewPlan
from app.domain.plans.queries import BALANCE_SQL
from app.domain.workflow.engine import Guard, Machine, Move

DRAFT, SUBMITTED, REVIEWED, CHANGES_REQUESTED, APPROVED, REJECTED, ARCHIVED = PlanState

WRITABLE = (DRAFT, CHANGES_REQUESTED)
"""States in which the content may change."""

_CONCERNED = Guard("not_concerned", "{row}.owner_id = {seller}")
_COMPLETE = Guard("sections_incomplete", "{row}.completeness = 1")
_CONTRIBUTES = (
    "exists (select from plan_contributor own where own.org_id = {org} and own.plan_id = {row}.id"
    " and own.principal_id = {actor})"
)
# The submitter is kept as a principal: one person may act for an owner, or be the owner.
_SECOND_PAIR_OF_EYES = Guard(
    "four_eyes",
    f"{{row}}.submitted_by <> {{actor}} and {{row}}.owner_id is distinct from {{seller}} and not {_CONTRIBUTES}",
)
APPOINTED = (
    "(select appointed.principal_id from plan_reviewer appointed where appointed.org_id = {org}"
    " and appointed.plan_id = {row}.id and (appointed.principal_id = {actor} or exists ("
    "   select from review_delegation handed where handed.org_id = {org}"
    "    and handed.from_principal_id = appointed.principal_id and handed.to_principal_id = {actor}"
    "    and handed.valid @> {today}))"
    " order by appointed.principal_id <> {actor}, appointed.principal_id limit 1)"
)
"""The appointed reviewer of the plan `{row}` for whom the actor may review: itself first."""
_IN_LINE = by_seller("{row}.owner_id").rule
# Who sees the plan only because it writes a section or reviews it decides nothing else about it.
_OF_ITS_LINE = Guard(
    "not_concerned",
    f"({_IN_LINE} or not ({_CONTRIBUTES} or {APPOINTED} is not null))",
)
_REVIEWER = Guard(
    "not_a_reviewer",
    f"(not exists (select from plan_reviewer held where held.org_id = {{org}} and held.plan_id = {{row}}.id)"
    f" or {APPOINTED} is not null)",
)
_MISSING = (
    " from plan_reviewer held where held.org_id = {org} and held.plan_id = {row}.id and not exists ("
    "   select from plan_review given where given.org_id = {org} and given.plan_id = {row}.id"
    "    and given.round = {row}.review_round and coalesce(given.on_behalf_of, given.reviewer_id) = held.principal_id)"
)
_ALL_REVIEWED = Guard(
    "reviews_missing",
    f"not exists (select{_MISSING})",
    f"(select jsonb_build_object('missing', coalesce(jsonb_agg(held.principal_id), jsonb_build_array())){_MISSING})",
)
_BAR = "(select t.minimum_quality from plan_template t where t.org_id = {org} and t.id = {row}.template_id)"
_SCORED = """(
  select coalesce(jsonb_agg(jsonb_build_object('criterion', item.score ->> 'criterion',
    'score', item.score ->> 'score', 'reviewer', given.reviewer_name) order by given.id, item.place),
    jsonb_build_array())
  from plan_review given cross join lateral jsonb_array_elements(given.scores) with ordinality item(score, place)
  where given.org_id = {org} and given.plan_id = {row}.id and given.round = {row}.review_round
)"""
_ABOVE_BAR = Guard(
    "quality_below_bar",
    f"{{row}}.quality >= {_BAR}",
    "jsonb_build_object('detail', 'The quality is ' || decimal_text({row}.quality) || ', the bar '"
    f" || decimal_text({_BAR}) || '.', 'quality', decimal_text({{row}}.quality),"
    f" 'minimum_quality', decimal_text({_BAR}), 'scores', {_SCORED})",
)
_NOT_REVISED = Guard(
    "already_revised",
    "not exists (select 1 from plan later where later.org_id = {org} and later.based_on_id = {row}.id"
    " and later.state <> 'rejected')",
)
_SHORT = (
    f" from ({BALANCE_SQL}) balance where balance.plan_id in ({{row}}.id, {{row}}.parent_id)"
    " and balance.amount < balance.children_amount"
)
# The figures of the plan above are not for the owner of a part.
_HOLDS_ITS_PARTS = Guard(
    "below_its_parts",
    "((select t.cascade_rule from plan_template t where t.org_id = {org} and t.id = {row}.template_id) = 'flag'"
    f" or not exists (select{_SHORT}))",
    "(select jsonb_build_object('short', coalesce(jsonb_agg(jsonb_build_object('plan_id', balance.plan_id,"
    " 'measure', balance.measure, 'period', balance.period_code) || case when balance.plan_id = {row}.id"
    " then jsonb_build_object('amount', decimal_text(balance.amount), 'children_amount',"
    " decimal_text(balance.children_amount), 'currency', balance.currency) else jsonb_build_object() end),"
    f" jsonb_build_array())){_SHORT})",
)

PLAN = Machine(
    "plan",
    PlanState,
    DRAFT,
    (
        Move(
            "submit",
            WRITABLE,
            SUBMITTED,
            "plans:write",
            "Submit one's plan for review; its content no longer changes.",
            guards=(_CONCERNED, _COMPLETE, _HOLDS_ITS_PARTS),
            stamp="submitted",
        ),
        Move(
            "review",
            (SUBMITTED, REVIEWED),
            REVIEWED,
            "plans:review",
            "Score a plan on every criterion of its rubric. Its quality is the mean over its reviewers; scoring it"
            " again replaces one's own scores.",
            body=ReviewPlan,
            guards=(_SECOND_PAIR_OF_EYES, _REVIEWER),
            stamp="reviewed",
        ),
        Move(
            "approve",
            (REVIEWED,),
            APPROVED,
            "plans:approve",
            "Approve a plan whose quality reaches the bar; it is immutable from then on.",
            guards=(_SECOND_PAIR_OF_EYES, _ALL_REVIEWED, _ABOVE_BAR, _HOLDS_ITS_PARTS),
            stamp="approved",
        ),
        Move(
            "request_changes",
            (SUBMITTED, REVIEWED),
            CHANGES_REQUESTED,
            "plans:review",
            "Send a plan back to its owner, saying what to change.",
            body=RequiredComment,
            guards=(_SECOND_PAIR_OF_EYES,),
        ),
        Move(
            "reject",
            (REVIEWED,),
            REJECTED,
            "plans:approve",
            "Reject a plan for good, saying why.",
            body=RequiredComment,
            guards=(_SECOND_PAIR_OF_EYES,),
        ),
        Move(
            "withdraw",
            (SUBMITTED,),
            DRAFT,
            "plans:write",
            "Take one's plan back before it is reviewed.",
            guards=(_CONCERNED,),
        ),
        Move(
            "revise",
            (APPROVED,),
            None,
            "plans:write",
            "Start the next version of an approved plan; answers with the new draft.",
            guards=(_OF_ITS_LINE, _NOT_REVISED),
        ),
        Move(
            "archive",
            (APPROVED,),
            ARCHIVED,
            "plans:write",
            "Put an approved plan aside.",
            guards=(_OF_ITS_LINE,),
        ),
        Move(
            "mark_exemplary",
            (APPROVED,),
            None,
            "plans:approve",
            "Put an approved plan into the library for others to learn from.",
            body=MarkPlanExemplary,
            guards=(_SECOND_PAIR_OF_EYES,),
        ),
        Move(
            "unmark_exemplary",
            (APPROVED, ARCHIVED),
            None,
            "plans:approve",
            "Take a plan out of the library.",
        ),
    ),
)
