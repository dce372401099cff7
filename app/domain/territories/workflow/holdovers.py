"""How a deal leaves its former seller."""

from app.domain.kernel.fields import RequiredComment
from app.domain.territories.contract.holdovers import ExtendHoldover, HoldoverState
from app.domain.workflow.engine import Machine, Move

HELD, RELEASED, LAPSED = HoldoverState

HOLDOVER = Machine(
    "holdover",
    HoldoverState,
    HELD,
    (
        Move(
            "release",
            (HELD,),
            RELEASED,
            "assignments:propose",
            "Hand the deal over now, saying why.",
            body=RequiredComment,
        ),
        Move(
            "extend",
            (HELD,),
            None,
            "assignments:propose",
            "Let the former seller keep the deal for longer, saying why.",
            body=ExtendHoldover,
        ),
        Move("lapse", (HELD,), LAPSED, "", "The day has come: the deal goes over.", internal=True),
    ),
)
