"""How territory models are agreed on and put in force."""

from app.domain.kernel.fields import RequiredComment
from app.domain.territories.contract.models import ActivateTerritoryModel, TerritoryModelState
from app.domain.workflow.engine import Guard, Machine, Move

DRAFT, SUBMITTED, REVIEWED, CHANGES_REQUESTED, APPROVED, ACTIVE, ARCHIVED = TerritoryModelState

DESIGNED = (DRAFT, CHANGES_REQUESTED)
"""States in which the design of a model may change."""
PLACEABLE = (*DESIGNED, ACTIVE)
"""States in which accounts may be placed: the design still changes, or the model is in force and life goes on."""

_HAS_TERRITORIES = Guard(
    "model_empty", "exists (select 1 from territory t where t.org_id = {org} and t.model_id = {row}.id)"
)
_SUBMITTER = Guard("not_concerned", "{row}.submitted_by = {actor}")
_NOT_SUBMITTER = Guard("four_eyes", "{row}.submitted_by <> {actor}")

TERRITORY_MODEL = Machine(
    "territory_model",
    TerritoryModelState,
    DRAFT,
    (
        Move(
            "submit",
            DESIGNED,
            SUBMITTED,
            "territories:write",
            "Submit a territory model for review; its design no longer changes.",
            guards=(_HAS_TERRITORIES,),
            stamp="submitted",
        ),
        Move(
            "review",
            (SUBMITTED,),
            REVIEWED,
            "territories:review",
            "Find a territory model fit for approval.",
            guards=(_NOT_SUBMITTER,),
            stamp="reviewed",
        ),
        Move(
            "request_changes",
            (SUBMITTED, REVIEWED),
            CHANGES_REQUESTED,
            "territories:review",
            "Send a territory model back, saying what to change.",
            body=RequiredComment,
            guards=(_NOT_SUBMITTER,),
        ),
        Move(
            "withdraw",
            (SUBMITTED,),
            DRAFT,
            "territories:write",
            "Take back a territory model that one submitted, before it is reviewed.",
            guards=(_SUBMITTER,),
        ),
        Move(
            "approve",
            (REVIEWED,),
            APPROVED,
            "territories:approve",
            "Approve a territory model.",
            guards=(_NOT_SUBMITTER,),
            stamp="approved",
        ),
        Move(
            "activate",
            (APPROVED,),
            ACTIVE,
            "territories:activate",
            "Put a territory model in force from its first day on; one model is in force at a date.",
            body=ActivateTerritoryModel,
        ),
        Move(
            "archive",
            (ACTIVE,),
            ARCHIVED,
            "territories:activate",
            "Take a territory model out of force from today on; what it was in force for stays as it was.",
        ),
    ),
)
