"""Who owned an account when, as it can be read."""

from datetime import date

from app.domain.accounts.contract.ownership import AccountOwnershipView
from app.domain.accounts.queries import account_owner
from app.domain.kernel.resource import Filter, LinkFrom, Many, One, Resource, by_seller

ACCOUNT_OWNERSHIP = Resource(
    "account_ownership",
    "account_ownerships",
    AccountOwnershipView,
    "accounts:read",
    "Who owned an account when.",
    links={"account": One("account", "{row}.account_id"), "owner": One("seller", "{row}.owner_id")},
    filters=(
        "account_id",
        "owner_id",
        "effective_from",
        "effective_to",
        Filter("on", date, "{row}.valid @> {value}", "Owners on this day."),
    ),
    sorts=("effective_from",),
    visible=by_seller(account_owner("{row}.account_id")),
    versioned=False,
)

OF_ACCOUNT = LinkFrom(
    "account",
    "ownerships",
    Many("account_ownership", "{other}.account_id = {row}.id", "-effective_from", "Who owned it when."),
)
