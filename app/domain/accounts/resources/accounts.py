"""What can be read of accounts."""

from uuid import UUID

from app.domain.accounts.contract.accounts import AccountView
from app.domain.accounts.queries import IN_SEGMENT
from app.domain.accounts.resources.searches import FOUND_BY
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
_ANCESTORS = (
    "{other}.id = any(array(with recursive above(id) as (select {row}.parent_id union"
    " select held.parent_id from above join account held on held.org_id = {org} and held.id = above.id)"
    " select above.id from above where above.id is not null))"
)
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
        FOUND_BY["account"],
        external_id_filter("account"),
    ),
    sorts=("name", "potential", "expected_value", "created_at"),
    sort="name",
    search=("name",),
    visible=by_seller("{row}.owner_id"),
    external_ids=True,
)

OF_SELLER = LinkFrom("seller", "accounts", Many("account", "{other}.owner_id = {row}.id", "name", "Accounts it owns."))
OF_SEGMENT = LinkFrom(
    "segment",
    "accounts",
    Many("account", IN_SEGMENT.format(segment="{row}", account="{other}"), "name", "Accounts that meet its rule."),
)
