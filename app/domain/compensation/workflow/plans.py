"""How a compensation plan comes into force, and how a seller agrees to it."""

from app.domain.compensation.contract.plans import (
    AgreementState,
    AnswerAgreement,
    CompensationPlanState,
    PublishCompensationPlan,
    QueryAgreement,
    ReissueAgreement,
)
from app.domain.kernel.fields import RequiredComment
from app.domain.workflow.engine import Guard, Machine, Move

S = CompensationPlanState
NOT_SUBMITTER = Guard("four_eyes", "{row}.submitted_by is distinct from {actor}")
HAS_PARTICIPANTS = Guard(
    "no_participants",
    "exists (select from plan_participant p where p.org_id = {org} and p.plan_id = {row}.id)",
)
CONCERNED = Guard("not_concerned", "{row}.seller_id = {seller}")

COMPENSATION_PLAN = Machine(
    "compensation_plan",
    S,
    S.DRAFT,
    (
        Move(
            "submit",
            (S.DRAFT, S.CHANGES_REQUESTED),
            S.SUBMITTED,
            "compensation_plans:write",
            "Hand the plan in for review.",
            stamp="submitted",
        ),
        Move(
            "review",
            (S.SUBMITTED,),
            S.REVIEWED,
            "compensation_plans:review",
            "Confirm that the plan was checked.",
            guards=(NOT_SUBMITTER,),
            stamp="reviewed",
        ),
        Move(
            "request_changes",
            (S.SUBMITTED, S.REVIEWED),
            S.CHANGES_REQUESTED,
            "compensation_plans:review",
            "Send the plan back to its author, saying what to change.",
            body=RequiredComment,
        ),
        Move(
            "approve",
            (S.REVIEWED,),
            S.APPROVED,
            "compensation_plans:approve",
            "Approve the plan; it can no longer be changed.",
            guards=(NOT_SUBMITTER,),
            stamp="approved",
        ),
        Move(
            "publish",
            (S.APPROVED,),
            S.PUBLISHED,
            "compensation_plans:publish",
            "Put the plan in force and issue an agreement to every participant.",
            body=PublishCompensationPlan,
            guards=(HAS_PARTICIPANTS,),
            stamp="published",
        ),
        Move(
            "revise",
            (S.APPROVED, S.PUBLISHED),
            None,
            "compensation_plans:write",
            "Begin a new draft version and answer with it; this one stays as it is.",
        ),
        Move(
            "retire",
            (S.PUBLISHED,),
            S.RETIRED,
            "compensation_plans:publish",
            "Take the plan out of force; what it paid stays.",
        ),
    ),
)

A = AgreementState

PLAN_AGREEMENT = Machine(
    "plan_agreement",
    A,
    A.ISSUED,
    (
        Move(
            "acknowledge",
            (A.ISSUED,),
            A.ACKNOWLEDGED,
            "agreements:respond",
            "Acknowledge the plan; only the seller concerned can.",
            guards=(CONCERNED,),
            stamp="acknowledged",
        ),
        Move(
            "query",
            (A.ISSUED,),
            A.QUERIED,
            "agreements:respond",
            "Ask a question before acknowledging.",
            body=QueryAgreement,
            guards=(CONCERNED,),
        ),
        Move(
            "answer",
            (A.QUERIED,),
            A.ISSUED,
            "compensation_plans:publish",
            "Answer the seller's question.",
            body=AnswerAgreement,
        ),
        Move(
            "expire",
            (A.ISSUED, A.QUERIED),
            A.EXPIRED,
            "compensation_plans:publish",
            "Close an agreement that is overdue.",
            guards=(Guard("not_overdue", "{row}.due_on < {today}"),),
        ),
        Move(
            "reissue",
            (A.EXPIRED,),
            A.ISSUED,
            "compensation_plans:publish",
            "Issue an expired agreement again, with a new day by which to acknowledge it.",
            body=ReissueAgreement,
        ),
    ),
)
