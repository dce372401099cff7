"""What can be read of territories."""

from app.domain.kernel.resource import Many, One, Resource
from app.domain.territories.contract.territories import TerritoryView

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
    filters=("model_id", "parent_id", "code", "name", "priority", "coverage_mode"),
    sorts=("code", "name"),
    sort="code",
    search=("name", "code"),
)
