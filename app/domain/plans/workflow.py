"""How plans are agreed on: written, reviewed against the rubric, approved by a second pair of eyes."""

from app.domain.kernel.fields import RequiredComment
from app.domain.plans.contract import PlanState, ReviewPlan
from app.domain.workflow.engine import Guard, Machine, Move

DRAFT, SUBMITTED, REVIEWED, CHANGES_REQUESTED, APPROVED, REJECTED, ARCHIVED = PlanState

WRITABLE = (DRAFT, CHANGES_REQUESTED)
"""States in which the content may change."""

_CONCERNED = Guard("not_concerned", "{row}.owner_id = {seller}")
_COMPLETE = Guard("sections_incomplete", "{row}.completeness = 1")
# The submitter is kept as a principal: one person may act for an owner, or be the owner.
_SECOND_PAIR_OF_EYES = Guard("four_eyes", "{row}.submitted_by <> {actor} and {row}.owner_id is distinct from {seller}")
_ABOVE_BAR = Guard(
    "quality_below_bar",
    "{row}.quality >= (select t.minimum_quality from plan_template t"
    " where t.org_id = {org} and t.id = {row}.template_id)",
)
_NOT_REVISED = Guard(
    "already_revised",
    "not exists (select 1 from plan later where later.org_id = {org} and later.based_on_id = {row}.id"
    " and later.state <> 'rejected')",
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
            guards=(_CONCERNED, _COMPLETE),
            stamp="submitted",
        ),
        Move(
            "review",
            (SUBMITTED,),
            REVIEWED,
            "plans:review",
            "Score a plan on every criterion of its rubric; gives its quality.",
            body=ReviewPlan,
            guards=(_SECOND_PAIR_OF_EYES,),
            stamp="reviewed",
        ),
        Move(
            "approve",
            (REVIEWED,),
            APPROVED,
            "plans:approve",
            "Approve a plan whose quality reaches the bar; it is immutable from then on.",
            guards=(_SECOND_PAIR_OF_EYES, _ABOVE_BAR),
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
            guards=(_NOT_REVISED,),
        ),
        Move("archive", (APPROVED,), ARCHIVED, "plans:write", "Put an approved plan aside."),
    ),
)
