"""How comments on plans are settled."""

from app.domain.plans.contract.collaboration import CommentState
from app.domain.workflow.engine import Machine, Move

OPEN, RESOLVED = CommentState

PLAN_COMMENT = Machine(
    "plan_comment",
    CommentState,
    OPEN,
    (
        Move("resolve", (OPEN,), RESOLVED, "plans:read", "Say that a comment is dealt with.", stamp="resolved"),
        Move("reopen", (RESOLVED,), OPEN, "plans:read", "Say that a comment still asks for something."),
    ),
)
