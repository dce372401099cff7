"""What can be read of who covers a territory."""

from uuid import UUID

from app.domain.kernel.resource import Filter, LinkFrom, Many, One, Resource, by_seller
from app.domain.territories.contract.assignments import TerritoryAssignmentView

# A model that begins later, or is over, is shown as on its nearest day.


TERRITORY_ASSIGNMENT = Resource(
    "territory_assignment",
    "territory_assignments",
    TerritoryAssignmentView,
    "territories:read",
    "Territories proposed to sellers, accepted, disputed and ended.",
    links={
        "territory": One("territory", "{row}.territory_id"),
        "seller": One("seller", "{row}.seller_id"),
        "replaces": One("territory_assignment", "{row}.replaces_id", "The assignment it takes over from."),
    },
    filters=(
        "territory_id",
        "seller_id",
        "state",
        "replaces_id",
        "effective_from",
        "effective_to",
        Filter(
            "model_id",
            type=UUID,
            sql="{row}.territory_id in"
            " (select t.id from territory t where t.org_id = {org} and t.model_id = any({value}))",
            description="Assignments of the territories of these models.",
        ),
    ),
    sorts=("effective_from",),
    visible=by_seller("{row}.seller_id"),
    machine="territory_assignment",
)

SELLER_ASSIGNMENTS = LinkFrom(
    "seller",
    "territory_assignments",
    Many("territory_assignment", "{other}.seller_id = {row}.id", "-effective_from", "Territories it was proposed."),
)
