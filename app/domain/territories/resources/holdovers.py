"""What can be read of deals that stay with their former seller for a time."""

from app.domain.kernel.resource import LinkFrom, Many, One, Resource, Visible, by_seller
from app.domain.territories.contract.holdovers import HoldoverView

HOLDOVER = Resource(
    "holdover",
    "holdovers",
    HoldoverView,
    "territories:read",
    "Open deals that stay with their former seller until a day, although another one covers the account.",
    links={
        "model": One("territory_model", "{row}.model_id", "The model that brought the change."),
        "opportunity": One("opportunity", "{row}.opportunity_id"),
        "account": One("account", "{row}.account_id"),
        "from_seller": One("seller", "{row}.from_seller_id", "Who keeps the deal until then."),
        "to_seller": One("seller", "{row}.to_seller_id", "Who gets it."),
    },
    filters=("model_id", "opportunity_id", "account_id", "from_seller_id", "to_seller_id", "until", "state"),
    sorts=("until",),
    sort="until",
    visible=Visible(f"({by_seller('{row}.from_seller_id').rule} or {by_seller('{row}.to_seller_id').rule})"),
    machine="holdover",
)

OF_OPPORTUNITY = LinkFrom(
    "opportunity",
    "holdovers",
    Many("holdover", "{other}.opportunity_id = {row}.id", "-until", "When it went or goes to another seller."),
)
