"""How a lead becomes a customer, or does not."""

from app.domain.accounts.contract.leads import ConvertLead, DisqualifyLead, LeadState
from app.domain.kernel.fields import RequiredComment
from app.domain.workflow.engine import Machine, Move

NEW, QUALIFIED, CONVERTED, DISQUALIFIED = LeadState

WORKABLE = (NEW, QUALIFIED)
"""States in which a lead is worked on and may change."""

LEAD = Machine(
    "lead",
    LeadState,
    NEW,
    (
        Move("qualify", (NEW,), QUALIFIED, "leads:write", "Find a lead worth pursuing."),
        Move(
            "convert",
            (QUALIFIED,),
            CONVERTED,
            "leads:write",
            "Make an account of a lead, or link it to one, and begin a deal if wanted: all of it or nothing. The answer"
            " names what was made. Needs `accounts:write` and `opportunities:write` for what it creates.",
            body=ConvertLead,
            stamp="converted",
        ),
        Move(
            "disqualify",
            WORKABLE,
            DISQUALIFIED,
            "leads:write",
            "Stop working on a lead, saying why.",
            body=DisqualifyLead,
        ),
        Move(
            "reopen",
            (DISQUALIFIED,),
            NEW,
            "leads:write",
            "Work on a disqualified lead again, saying why.",
            body=RequiredComment,
        ),
    ),
)
