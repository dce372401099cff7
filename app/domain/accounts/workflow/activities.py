"""How an activity comes to its end."""

from app.domain.accounts.contract.activities import ActivityState, CompleteActivity
from app.domain.workflow.engine import Machine, Move

PLANNED, DONE, CANCELLED = ActivityState

ACTIVITY = Machine(
    "activity",
    ActivityState,
    PLANNED,
    (
        Move(
            "complete",
            (PLANNED,),
            DONE,
            "activities:write",
            "Say that a planned activity took place, when, and what came of it.",
            body=CompleteActivity,
        ),
        Move("cancel", (PLANNED,), CANCELLED, "activities:write", "Call a planned activity off."),
    ),
)
