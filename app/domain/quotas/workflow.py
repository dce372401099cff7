"""How quotas are agreed on: proposed to a seller, accepted or disputed, decided, locked."""

from app.domain.kernel.fields import RequiredComment
from app.domain.quotas.contract.disputes import DisputeQuota
from app.domain.quotas.contract.quotas import AmendQuota, QuotaState, ReviseQuota
from app.domain.workflow.engine import Guard, Machine, Move

DRAFT, PROPOSED, DISPUTED, UNDER_INVESTIGATION, ACCEPTED, LOCKED, CANCELLED = QuotaState

_CONCERNED = Guard("not_concerned", "{row}.seller_id = {seller}")
# A manager has a quota too, and sees it among those of its line.
_NOT_ONES_OWN = Guard("four_eyes", "{row}.seller_id is distinct from {seller}")
_PERIOD_OPEN = Guard(
    "quota_period_closed",
    "(select p.state from fiscal_period p where p.org_id = {org} and p.id = {row}.period_id) = 'open'",
)

QUOTA = Machine(
    "quota",
    QuotaState,
    DRAFT,
    (
        Move(
            "propose",
            (DRAFT,),
            PROPOSED,
            "quotas:write",
            "Propose a quota to its seller.",
            guards=(_NOT_ONES_OWN, _PERIOD_OPEN),
            stamp="proposed",
        ),
        Move(
            "accept",
            (PROPOSED,),
            ACCEPTED,
            "quotas:respond",
            "Accept one's quota.",
            guards=(_CONCERNED, _PERIOD_OPEN),
            stamp="accepted",
        ),
        Move(
            "dispute",
            (PROPOSED,),
            DISPUTED,
            "quotas:respond",
            "Dispute one's quota: ask for another amount, saying why.",
            body=DisputeQuota,
            guards=(_CONCERNED, _PERIOD_OPEN),
            stamp="disputed",
        ),
        Move(
            "investigate",
            (DISPUTED,),
            UNDER_INVESTIGATION,
            "quotas:decide",
            "Begin to look into a dispute.",
            guards=(_NOT_ONES_OWN,),
        ),
        Move(
            "revise",
            (UNDER_INVESTIGATION,),
            PROPOSED,
            "quotas:decide",
            "Answer a dispute with another amount, proposed again.",
            body=ReviseQuota,
            guards=(_NOT_ONES_OWN, _PERIOD_OPEN),
            stamp="proposed",
        ),
        Move(
            "uphold",
            (UNDER_INVESTIGATION,),
            PROPOSED,
            "quotas:decide",
            "Answer a dispute with the same amount, saying why; it is proposed again.",
            body=RequiredComment,
            guards=(_NOT_ONES_OWN, _PERIOD_OPEN),
            stamp="proposed",
        ),
        Move(
            "withdraw",
            (DISPUTED, UNDER_INVESTIGATION),
            PROPOSED,
            "quotas:respond",
            "Give one's dispute up; the quota is proposed as it was.",
            guards=(_CONCERNED, _PERIOD_OPEN),
        ),
        Move(
            "lock",
            (ACCEPTED,),
            LOCKED,
            "quotas:lock",
            "Lock an accepted quota; it never changes again.",
            stamp="locked",
        ),
        Move(
            "amend",
            (ACCEPTED,),
            PROPOSED,
            "quotas:write",
            "Change an accepted quota from a day of its period on, saying why; the seller has to accept again.",
            body=AmendQuota,
            guards=(_NOT_ONES_OWN, _PERIOD_OPEN),
            stamp="proposed",
        ),
        Move(
            "cancel",
            (DRAFT, PROPOSED, DISPUTED, UNDER_INVESTIGATION, ACCEPTED),
            CANCELLED,
            "quotas:write",
            "Cancel a quota that is not locked.",
            guards=(_NOT_ONES_OWN, _PERIOD_OPEN),
        ),
    ),
)
