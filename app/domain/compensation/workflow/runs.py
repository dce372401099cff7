"""How a compensation run comes from the calculation to the payroll."""

from app.domain.compensation.contract.runs import CompensationRunState as S
from app.domain.kernel.fields import OptionalComment
from app.domain.workflow.engine import Guard, Machine, Move

NOT_REQUESTER = Guard("four_eyes", "{row}.requested_by is distinct from {actor}")
# A run pays adjustments too, so who decided one of them does not approve it either.
NEITHER_REQUESTER_NOR_ADJUSTER = Guard(
    "four_eyes",
    f"{NOT_REQUESTER.holds} and not exists (select from run_adjustment taken join earning_adjustment decided"
    " on decided.org_id = taken.org_id and decided.id = taken.adjustment_id where taken.org_id = {org}"
    " and taken.run_id = {row}.id and decided.decided_by = {actor})",
)
OFFICIAL = Guard("preview_run", "{row}.kind = 'official'")
PERIOD_OPEN = Guard(
    "period_closed",
    "(select p.state from fiscal_period p where p.org_id = {org} and p.id = {row}.period_id) = 'open'",
)
# Earnings and balances are differences to what was posted when the run read its inputs, for earlier years too. Counted,
# because what was not committed yet is not seen, whatever time it bears.
UP_TO_DATE = Guard(
    "run_outdated",
    "(select count(*) from journal j where j.org_id = {org} and j.kind in ('posting', 'write_off'))"
    " = {row}.postings_seen",
)
NO_LATER_POSTED = Guard(
    "later_period_posted",
    "not exists (select from compensation_run other join fiscal_period theirs on theirs.org_id = other.org_id"
    " and theirs.id = other.period_id join fiscal_period own on own.org_id = other.org_id and own.id = {row}.period_id"
    " where other.org_id = {org} and other.id <> {row}.id and other.state in ('posted', 'paid')"
    " and theirs.fiscal_year = own.fiscal_year and theirs.end_date >= own.end_date)",
)

COMPENSATION_RUN = Machine(
    "compensation_run",
    S,
    S.QUEUED,
    (
        Move(
            "start",
            (S.QUEUED,),
            S.CALCULATING,
            "runs:write",
            "The worker begins.",
            stamp="started",
            internal=True,
        ),
        Move(
            "finish",
            (S.CALCULATING,),
            S.CALCULATED,
            "runs:write",
            "The calculation is complete.",
            stamp="calculated",
            internal=True,
        ),
        Move(
            "fail",
            (S.QUEUED, S.CALCULATING),
            S.FAILED,
            "runs:write",
            "The calculation ended without a result; the job says why.",
            internal=True,
        ),
        Move(
            "cancel",
            (S.QUEUED, S.CALCULATING, S.CALCULATED, S.REVIEWED, S.APPROVED),
            S.CANCELLED,
            "runs:write",
            "Give the run up, whether it is still calculated or not yet posted.",
        ),
        Move(
            "review",
            (S.CALCULATED,),
            S.REVIEWED,
            "runs:review",
            "Confirm that the results were checked.",
            body=OptionalComment,
            guards=(OFFICIAL, NOT_REQUESTER),
            stamp="reviewed",
        ),
        Move(
            "approve",
            (S.REVIEWED,),
            S.APPROVED,
            "runs:approve",
            "Approve the results, with the adjustments they take in, for posting.",
            guards=(NEITHER_REQUESTER_NOR_ADJUSTER,),
            stamp="approved",
        ),
        Move(
            "post",
            (S.APPROVED,),
            S.POSTED,
            "runs:approve",
            "Post what is owed to the ledger and issue the statements; nothing of it changes afterwards.",
            guards=(PERIOD_OPEN, NO_LATER_POSTED, UP_TO_DATE),
            stamp="posted",
        ),
        Move(
            "pay",
            (S.POSTED,),
            S.PAID,
            "runs:approve",
            "Hand what is payable over to payroll.",
            stamp="paid",
        ),
    ),
)
