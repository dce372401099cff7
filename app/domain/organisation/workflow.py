"""Periods open and close."""

from app.domain.kernel.fields import RequiredComment
from app.domain.organisation.contract import PeriodState
from app.domain.workflow.engine import Machine, Move

FISCAL_PERIOD = Machine(
    "fiscal_period",
    PeriodState,
    PeriodState.OPEN,
    (
        Move(
            "close",
            (PeriodState.OPEN,),
            PeriodState.CLOSED,
            "periods:close",
            "Close a period: its figures no longer change; later differences go to an open one.",
        ),
        Move(
            "reopen",
            (PeriodState.CLOSED,),
            PeriodState.OPEN,
            "periods:close",
            "Reopen a closed period, saying why.",
            body=RequiredComment,
        ),
    ),
)
