"""How sellers take territories."""

from app.domain.kernel.fields import RequiredComment
from app.domain.territories.contract.assignments import (
    EndTerritoryAssignment,
    ReviseTerritoryAssignment,
    TerritoryAssignmentState,
)
from app.domain.workflow.engine import Guard, Machine, Move

PROPOSED, ACCEPTED, DISPUTED, ENDED = TerritoryAssignmentState

_CONCERNED = Guard("not_concerned", "{row}.seller_id = {seller}")
# A manager takes territories too, and coverage decides who is credited.
_NOT_ONES_OWN = Guard("four_eyes", "{row}.seller_id is distinct from {seller}")

TERRITORY_ASSIGNMENT = Machine(
    "territory_assignment",
    TerritoryAssignmentState,
    PROPOSED,
    (
        Move(
            "accept",
            (PROPOSED,),
            ACCEPTED,
            "assignments:respond",
            "Accept one's territory; from then on it counts as coverage.",
            guards=(_CONCERNED,),
        ),
        Move(
            "dispute",
            (PROPOSED,),
            DISPUTED,
            "assignments:respond",
            "Dispute one's territory, saying why.",
            body=RequiredComment,
            guards=(_CONCERNED,),
        ),
        Move(
            "revise",
            (DISPUTED,),
            PROPOSED,
            "assignments:propose",
            "Answer a dispute: propose again, with other terms or the same ones.",
            body=ReviseTerritoryAssignment,
            guards=(_NOT_ONES_OWN,),
        ),
        Move(
            "end",
            (ACCEPTED,),
            ENDED,
            "assignments:propose",
            "Let an accepted assignment end on a day; until then it still counts as coverage.",
            body=EndTerritoryAssignment,
        ),
        Move(
            "relieve",
            (ACCEPTED,),
            ENDED,
            "",
            "The seller left, or somebody took over from it.",
            internal=True,
        ),
        Move(
            "stand_in",
            (PROPOSED,),
            ACCEPTED,
            "",
            "An open position takes the territory of a seller who left.",
            internal=True,
        ),
    ),
)
