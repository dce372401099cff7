"""How a scorecard comes into use."""

from app.domain.accounts.contract.scorecards import ScorecardState
from app.domain.workflow.engine import Machine, Move

DRAFT, PUBLISHED, RETIRED = ScorecardState

SCORECARD = Machine(
    "scorecard",
    ScorecardState,
    DRAFT,
    (
        Move(
            "publish",
            (DRAFT,),
            PUBLISHED,
            "scorecards:write",
            "Make this version the one that counts; the version of the code that was published is retired.",
        ),
        Move(
            "revise",
            (PUBLISHED, RETIRED),
            None,
            "scorecards:write",
            "Begin the next version as a draft and answer with it; this one stays as it is.",
        ),
        Move(
            "retire",
            (PUBLISHED,),
            RETIRED,
            "scorecards:write",
            "Take a scorecard out of use; what accounts scored on it stays.",
        ),
    ),
)
