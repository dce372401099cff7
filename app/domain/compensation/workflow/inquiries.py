"""How a seller's inquiry is answered."""

from app.domain.compensation.contract.inquiries import AdjustInquiry, CorrectByInquiry
from app.domain.compensation.contract.inquiries import InquiryState as S
from app.domain.kernel.fields import RequiredComment
from app.domain.workflow.engine import Guard, Machine, Move

CONCERNED = Guard("not_concerned", "{row}.seller_id = {seller}")
# Somebody of the pay desk may be a seller too.
NOT_ONES_OWN = Guard("four_eyes", "{row}.seller_id is distinct from {seller}")

INQUIRY = Machine(
    "inquiry",
    S,
    S.OPEN,
    (
        Move(
            "take",
            (S.OPEN,),
            S.IN_REVIEW,
            "inquiries:answer",
            "Begin to look into it.",
            guards=(NOT_ONES_OWN,),
            stamp="taken",
        ),
        Move(
            "adjust",
            (S.IN_REVIEW,),
            S.ADJUSTED,
            "inquiries:answer",
            "Agree, and pay the difference with the next run that is posted.",
            body=AdjustInquiry,
            guards=(NOT_ONES_OWN,),
            stamp="decided",
        ),
        Move(
            "correct",
            (S.IN_REVIEW,),
            S.CORRECTED,
            "inquiries:correct",
            "Agree, and correct the transaction; the next run pays what that changes.",
            body=CorrectByInquiry,
            guards=(NOT_ONES_OWN,),
            stamp="decided",
        ),
        Move(
            "uphold",
            (S.IN_REVIEW,),
            S.UPHELD,
            "inquiries:answer",
            "Leave the statement as it is, saying why.",
            body=RequiredComment,
            guards=(NOT_ONES_OWN,),
            stamp="decided",
        ),
        Move(
            "close",
            (S.ADJUSTED, S.CORRECTED, S.UPHELD),
            S.CLOSED,
            "inquiries:write",
            "Be content with the answer; only the seller concerned can.",
            guards=(CONCERNED,),
            stamp="closed",
        ),
        Move(
            "reopen",
            (S.CLOSED,),
            S.OPEN,
            "inquiries:write",
            "Ask again, saying why; only the seller concerned can.",
            body=RequiredComment,
            guards=(CONCERNED,),
        ),
    ),
)
