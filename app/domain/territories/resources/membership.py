"""What can be read of the accounts of territories."""

from app.domain.kernel.resource import Filter, LinkFrom, Many, One, Resource, by_seller
from app.domain.territories.contract.membership import TerritoryMembershipView

# A model that begins later, or is over, is shown as on its nearest day.


_OWNER = "(select a.owner_id from account a where a.org_id = {org} and a.id = {row}.account_id)"

TERRITORY_MEMBERSHIP = Resource(
    "territory_membership",
    "territory_memberships",
    TerritoryMembershipView,
    "territories:read",
    "Which account belongs to which territory of a model, from when to when, and why.",
    links={
        "model": One("territory_model", "{row}.model_id"),
        "territory": One("territory", "{row}.territory_id"),
        "account": One("account", "{row}.account_id"),
    },
    filters=(
        "model_id",
        "territory_id",
        "account_id",
        "source",
        "effective_from",
        "effective_to",
        Filter(
            "ambiguous",
            type=bool,
            sql="(jsonb_array_length({row}.reason->'others') > 0) = {value}",
            description="Whether other territories' rules match the account too.",
        ),
    ),
    sorts=("effective_from",),
    visible=by_seller(_OWNER),
    versioned=False,
)

ACCOUNT_TERRITORY = LinkFrom(
    "account",
    "territory",
    One(
        "territory",
        "(select held.territory_id from territory_membership held join territory_model m on m.org_id = {org}"
        " and m.id = held.model_id and m.state in ('active', 'archived') and m.valid @> {today}"
        " where held.org_id = {org} and held.account_id = {row}.id and held.valid @> {today})",
        "Its territory in the model in force today.",
    ),
)
ACCOUNT_MEMBERSHIPS = LinkFrom(
    "account",
    "territory_memberships",
    Many(
        "territory_membership",
        "{other}.account_id = {row}.id",
        "-effective_from",
        "Its places in territory models, at any date.",
    ),
)
