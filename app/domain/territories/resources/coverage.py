"""What can be read of who covered an account."""

from datetime import date
from uuid import UUID

from app.domain.kernel.resource import Filter, LinkFrom, Many, One, Param, Resource, Visible, by_seller
from app.domain.territories.contract.coverage import AccountCoverageView

_DAY = "coalesce({as_of}, {today})"
_COVERAGE = f"""(
  select held.org_id, held.id, held.account_id, held.model_id, held.territory_id, territory.code as territory_code,
         territory.name as territory_name, greatest(held.effective_from, model.starts_on) as since,
         least(held.effective_to, model.ends_on) as until, held.source, held.reason, account.owner_id, {_DAY} as day
  from territory_model model
  join territory_membership held on held.org_id = model.org_id and held.model_id = model.id and held.valid @> {_DAY}
  join territory on territory.org_id = held.org_id and territory.id = held.territory_id
  join account on account.org_id = held.org_id and account.id = held.account_id
  where model.org_id = {{org}} and model.state in ('active', 'archived') and model.valid @> {_DAY}
)"""
_COVERING = (
    "territory_assignment own join seller on seller.org_id = own.org_id and seller.id = own.seller_id"
    " where own.org_id = {org} and own.territory_id = {row}.territory_id"
    " and own.state in ('accepted', 'ended') and own.valid @> {row}.day"
)
_SELLERS = (
    "select coalesce(jsonb_agg(jsonb_build_object('seller_id', own.seller_id, 'name', seller.name,"
    " 'placeholder', seller.placeholder, 'share', decimal_text(own.share), 'since', own.effective_from,"
    " 'until', own.effective_to) order by own.share desc, own.seller_id), jsonb_build_array())"
    f" from {_COVERING}"
)

ACCOUNT_COVERAGE = Resource(
    "account_coverage",
    "account_coverages",
    AccountCoverageView,
    "territories:read",
    "Which territory an account belonged to on a day, why, and who covered it.",
    source=_COVERAGE,
    path="account-coverage",
    columns={"sellers": _SELLERS},
    links={
        "account": One("account", "{row}.account_id"),
        "model": One("territory_model", "{row}.model_id"),
        "territory": One("territory", "{row}.territory_id"),
    },
    filters=(
        "account_id",
        "territory_id",
        "source",
        Filter(
            "seller_id",
            list[UUID],
            f"exists (select from {_COVERING} and own.seller_id = any({{value}}))",
            "Accounts that one of these sellers covers.",
        ),
    ),
    visible=Visible(
        f"({by_seller('{row}.owner_id').rule}"
        f" or exists (select from {_COVERING} and {by_seller('own.seller_id').rule}))"
    ),
    params={"as_of": Param(date, "The day; today by default.")},
    versioned=False,
)

OF_ACCOUNT = LinkFrom(
    "account",
    "coverage",
    Many("account_coverage", "{other}.account_id = {row}.id", "id", "Its territory and who covers it, on a day."),
)
