"""What can be read of opportunities."""

from app.domain.accounts.contract.opportunities import STAGE_PROBABILITY, OpportunityStageChangeView, OpportunityView
from app.domain.kernel.resource import (
    LinkFrom,
    Many,
    One,
    Resource,
    by_seller,
    external_id_filter,
    external_ids_of,
)

_PROBABILITY = (
    "case {row}.stage "
    + " ".join(f"when '{stage}' then {chance}" for stage, chance in STAGE_PROBABILITY.items())
    + " end"
)
# An array, so that the accounts above are fetched by key.
OPPORTUNITY = Resource(
    "opportunity",
    "opportunities",
    OpportunityView,
    "opportunities:read",
    "Deals in the pipeline, and those that were won or lost.",
    columns={
        "probability": _PROBABILITY,
        "weighted_amount": f"round({{row}}.amount * {_PROBABILITY}, 4)",
        "external_ids": external_ids_of("opportunity"),
    },
    links={
        "account": One("account", "{row}.account_id", "The buyer."),
        "seller": One("seller", "{row}.seller_id", "The seller who works on it."),
        "product": One("product", "{row}.product_id", "What is sold."),
        "stage_changes": Many(
            "opportunity_stage_change", "{other}.opportunity_id = {row}.id", "id", "The history of its stages."
        ),
    },
    filters=(
        "name",
        "account_id",
        "seller_id",
        "product_id",
        "stage",
        "amount",
        "opened_on",
        "expected_close_on",
        "closed_on",
        "created_at",
        "updated_at",
        external_id_filter("opportunity"),
    ),
    sorts=("name", "amount", "opened_on", "expected_close_on", "closed_on", "created_at"),
    sort="-created_at",
    search=("name",),
    visible=by_seller("{row}.seller_id"),
    external_ids=True,
)

OPPORTUNITY_STAGE_CHANGE = Resource(
    "opportunity_stage_change",
    "opportunity_stage_changes",
    OpportunityStageChangeView,
    "opportunities:read",
    "Movement of deals between stages.",
    links={"opportunity": One("opportunity", "{row}.opportunity_id")},
    filters=("opportunity_id", "from_stage", "to_stage", "occurred_at"),
    visible=by_seller(
        "(select deal.seller_id from opportunity deal where deal.org_id = {org} and deal.id = {row}.opportunity_id)"
    ),
    versioned=False,
)

DEALS_OF_SELLER = LinkFrom(
    "seller", "opportunities", Many("opportunity", "{other}.seller_id = {row}.id", "-created_at", "Deals it works on.")
)
DEALS_OF_PRODUCT = LinkFrom(
    "product", "opportunities", Many("opportunity", "{other}.product_id = {row}.id", "-created_at", "Deals on it.")
)
