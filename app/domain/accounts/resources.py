"""What can be read of accounts and opportunities."""

from uuid import UUID

from app.domain.accounts.contract import (
    STAGE_PROBABILITY,
    AccountView,
    OpportunityStageChangeView,
    OpportunityView,
    PrioritisationView,
    SegmentCoverageView,
)
from app.domain.accounts.queries import IN_SEGMENT
from app.domain.kernel.resource import (
    Filter,
    LinkFrom,
    Many,
    One,
    Resource,
    by_seller,
    external_id_filter,
    external_ids_of,
)

_QUADRANT = (
    "(select case when {row}.potential >= thresholds.potential_threshold"
    " then case when {row}.win_probability >= thresholds.win_probability_threshold then 'priority' else 'big_bet' end"
    " else case when {row}.win_probability >= thresholds.win_probability_threshold then 'quick_win'"
    " else 'deprioritised' end end"
    " from prioritisation thresholds where thresholds.org_id = {org} and thresholds.currency = {row}.currency"
    " and {row}.potential is not null and {row}.win_probability is not null)"
)
_PROBABILITY = (
    "case {row}.stage "
    + " ".join(f"when '{stage}' then {chance}" for stage, chance in STAGE_PROBABILITY.items())
    + " end"
)
# An array, so that the accounts above are fetched by key.
_ANCESTORS = (
    "{other}.id = any(array(with recursive above(id) as (select {row}.parent_id union"
    " select held.parent_id from above join account held on held.org_id = {org} and held.id = above.id)"
    " select above.id from above where above.id is not null))"
)
_COVERAGE = f"""(
  select described.org_id, described.id, described.code, described.name, described.tam, described.currency,
         held.account_count, held.other_currency_count, held.potential
  from segment described, lateral (
    select count(*) as account_count,
           count(*) filter (where account.currency <> described.currency) as other_currency_count,
           coalesce(sum(account.potential) filter (where account.currency = described.currency), 0) as potential
    from account where account.org_id = {{org}} and {IN_SEGMENT.format(segment="described", account="account")}
  ) held
  where described.org_id = {{org}}
)"""

ACCOUNT = Resource(
    "account",
    "accounts",
    AccountView,
    "accounts:read",
    "Customers and prospects in their hierarchy, with what they are worth.",
    columns={"quadrant": _QUADRANT, "external_ids": external_ids_of("account")},
    links={
        "parent": One("account", "{row}.parent_id", "The account directly above."),
        "children": Many("account", "{other}.parent_id = {row}.id", "name", "Accounts directly below."),
        "ancestors": Many("account", _ANCESTORS, "name", "Every account above, up to the top."),
        "owner": One("seller", "{row}.owner_id", "The seller who looks after it."),
        "segments": Many(
            "segment", IN_SEGMENT.format(segment="{other}", account="{row}"), "name", "Segments whose rule it meets."
        ),
        "opportunities": Many("opportunity", "{other}.account_id = {row}.id", "-created_at", "Deals with it."),
    },
    filters=(
        "name",
        "owner_id",
        "parent_id",
        "industry",
        "country",
        "city",
        "employees",
        "annual_revenue",
        "potential",
        "win_probability",
        "expected_value",
        "quadrant",
        "created_at",
        "updated_at",
        Filter(
            "segment_id",
            list[UUID],
            "exists (select from segment wanted where wanted.org_id = {org} and wanted.id = any({value}) and "
            + IN_SEGMENT.format(segment="wanted", account="{row}")
            + ")",
            "Accounts that meet the rule of one of these segments.",
        ),
        external_id_filter("account"),
    ),
    sorts=("name", "potential", "expected_value", "created_at"),
    sort="name",
    search=("name",),
    visible=by_seller("{row}.owner_id"),
    external_ids=True,
)

PRIORITISATION = Resource(
    "prioritisation",
    "prioritisations",
    PrioritisationView,
    "accounts:read",
    "The thresholds that sort accounts into quadrants; one set per organisation.",
)

SEGMENT_COVERAGE = Resource(
    "segment_coverage",
    "segment_coverages",
    SegmentCoverageView,
    "market:read",
    "What the accounts of each segment add up to, against its total addressable market.",
    source=_COVERAGE,
    path="segment-coverage",
    filters=("code",),
    sorts=("name", "potential"),
    sort="name",
    versioned=False,
)

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

OF_SELLER = LinkFrom("seller", "accounts", Many("account", "{other}.owner_id = {row}.id", "name", "Accounts it owns."))
DEALS_OF_SELLER = LinkFrom(
    "seller", "opportunities", Many("opportunity", "{other}.seller_id = {row}.id", "-created_at", "Deals it works on.")
)
DEALS_OF_PRODUCT = LinkFrom(
    "product", "opportunities", Many("opportunity", "{other}.product_id = {row}.id", "-created_at", "Deals on it.")
)
OF_SEGMENT = LinkFrom(
    "segment",
    "accounts",
    Many("account", IN_SEGMENT.format(segment="{row}", account="{other}"), "name", "Accounts that meet its rule."),
)
COVERAGE_OF_SEGMENT = LinkFrom(
    "segment", "coverage", One("segment_coverage", "{row}.id", "What its accounts add up to against its market.")
)
