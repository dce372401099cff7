"""How references, testimonials and referrals are asked for, given and ended."""

from app.domain.accounts.contract.references import ReferenceState, RetireReference
from app.domain.kernel.fields import RequiredComment
from app.domain.workflow.engine import Machine, Move

REQUESTED, AGREED, DECLINED, RETIRED = ReferenceState

REFERENCE = Machine(
    "reference",
    ReferenceState,
    REQUESTED,
    (
        Move("agree", (REQUESTED,), AGREED, "accounts:write", "Record that the customer agreed; it may be used now."),
        Move(
            "decline",
            (REQUESTED, AGREED),
            DECLINED,
            "accounts:write",
            "Record that the customer declined, or took back what it had agreed to.",
            body=RequiredComment,
        ),
        Move(
            "retire",
            (AGREED,),
            RETIRED,
            "accounts:write",
            "Use it no more, and say what came of it.",
            body=RetireReference,
        ),
    ),
)
