"""What can be read of the territories."""

from uuid import UUID

from app.domain.kernel.resource import Filter, LinkFrom, Many, One, Resource, by_seller
from app.domain.territories.contract import (
    TerritoryAssignmentView,
    TerritoryMembershipView,
    TerritoryModelView,
    TerritoryView,
)

# A model that begins later, or is over, is shown as on its nearest day.
_DAY = (
    "(select greatest(m.starts_on, least({today}, m.ends_on - 1)) from territory_model m"
    " where m.org_id = {org} and m.id = {row}.model_id)"
)
_MEMBERS = (
    "from territory_membership held join account on account.org_id = {org} and account.id = held.account_id"
    f" where held.org_id = {{org}} and held.territory_id = {{row}}.id and held.valid @> {_DAY}"
)
_OWN_CURRENCY = "(select o.currency from organisation o where o.org_id = {org})"
_OWNER = "(select a.owner_id from account a where a.org_id = {org} and a.id = {row}.account_id)"

TERRITORY_MODEL = Resource(
    "territory_model",
    "territory_models",
    TerritoryModelView,
    "territories:read",
    "Versions of the territory design; one is in force at a date.",
    columns={
        "territory_count": "select count(*) from territory t where t.org_id = {org} and t.model_id = {row}.id",
    },
    links={
        "based_on": One("territory_model", "{row}.based_on_id", "The model it was cloned from."),
        "territories": Many("territory", "{other}.model_id = {row}.id", "code", "Its territories."),
    },
    filters=("code", "name", "state", "model_version", "based_on_id", "starts_on", "ends_on"),
    sorts=("starts_on",),
    sort="-starts_on",
    search=("name", "code"),
    machine="territory_model",
)

TERRITORY = Resource(
    "territory",
    "territories",
    TerritoryView,
    "territories:read",
    "Territories of the models, with their figures of today, or of the model's nearest day.",
    columns={
        "currency": _OWN_CURRENCY,
        "account_count": f"select count(*) {_MEMBERS}",
        "potential": f"select coalesce(sum(account.potential), 0) {_MEMBERS} and account.currency = {_OWN_CURRENCY}",
        "accounts_in_other_currencies": f"select count(*) {_MEMBERS} and account.potential is not null"
        f" and account.currency <> {_OWN_CURRENCY}",
        "assigned_share": "select coalesce(sum(a.share), 0) from territory_assignment a where a.org_id = {org}"
        f" and a.territory_id = {{row}}.id and a.state in ('accepted', 'ended') and a.valid @> {_DAY}",
    },
    links={
        "model": One("territory_model", "{row}.model_id", "The model it belongs to."),
        "parent": One("territory", "{row}.parent_id", "The territory it is part of."),
        "children": Many("territory", "{other}.parent_id = {row}.id", "code", "The territories it consists of."),
        "members": Many(
            "account",
            "{other}.id in (select held.account_id from territory_membership held where held.org_id = {org}"
            f" and held.territory_id = {{row}}.id and held.valid @> {_DAY})",
            "name",
            "Accounts in it today, or on the model's nearest day.",
        ),
        "memberships": Many(
            "territory_membership", "{other}.territory_id = {row}.id", "-effective_from", "Accounts at any date."
        ),
        "assignments": Many(
            "territory_assignment", "{other}.territory_id = {row}.id", "-effective_from", "Who covers it, at any date."
        ),
    },
    filters=("model_id", "parent_id", "code", "name", "priority"),
    sorts=("code", "name"),
    sort="code",
    search=("name", "code"),
)

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

TERRITORY_ASSIGNMENT = Resource(
    "territory_assignment",
    "territory_assignments",
    TerritoryAssignmentView,
    "territories:read",
    "Territories proposed to sellers, accepted, disputed and ended.",
    links={
        "territory": One("territory", "{row}.territory_id"),
        "seller": One("seller", "{row}.seller_id"),
    },
    filters=(
        "territory_id",
        "seller_id",
        "state",
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
SELLER_ASSIGNMENTS = LinkFrom(
    "seller",
    "territory_assignments",
    Many("territory_assignment", "{other}.seller_id = {row}.id", "-effective_from", "Territories it was proposed."),
)
