"""What can be read of saved searches, of what they find, and of what their watches saw change."""

from collections.abc import Mapping
from uuid import UUID

from app.domain.accounts.contract.searches import SavedSearchView, SearchChangeView, SearchTarget
from app.domain.accounts.searching import found
from app.domain.kernel.resource import Filter, Many, One, Resource, Visible

_OWN = "{row}.principal_id = {actor}"

SAVED_SEARCH = Resource(
    "saved_search",
    "saved_searches",
    SavedSearchView,
    "leads:read",
    "Searches over leads or accounts that somebody keeps, and watches if wanted.",
    links={
        "leads": Many("lead", found("lead", "{row}", "{other}"), "-created_at", "Leads that it finds now."),
        "accounts": Many("account", found("account", "{row}", "{other}"), "name", "Accounts that it finds now."),
        "changes": Many("search_change", "{other}.saved_search_id = {row}.id", "-id", "What its watch saw change."),
    },
    filters=("name", "target", "watched", "principal_id", "checked_at"),
    sorts=("name",),
    sort="name",
    search=("name",),
    visible=Visible(_OWN),
)

SEARCH_CHANGE = Resource(
    "search_change",
    "search_changes",
    SearchChangeView,
    "leads:read",
    "What appeared, disappeared or changed under a watched search.",
    links={
        "saved_search": One("saved_search", "{row}.saved_search_id"),
        "lead": One("lead", "{row}.subject_id", "The lead, while it exists and is visible."),
        "account": One("account", "{row}.subject_id", "The account, while it exists and is visible."),
    },
    filters=("saved_search_id", "subject_id", "kind", "found_at"),
    sorts=("found_at",),
    visible=Visible(
        "{row}.saved_search_id in (select own.id from saved_search own where own.org_id = {org}"
        " and own.principal_id = {actor})"
    ),
    versioned=False,
)

FOUND_BY: Mapping[str, Filter] = {
    str(target): Filter(
        "saved_search_id",
        UUID,
        "exists (select from saved_search wanted where wanted.org_id = {org} and wanted.id = {value}"
        f" and wanted.principal_id = {{actor}} and {found(target, 'wanted', '{row}')})",
        "Rows that one of your saved searches finds.",
    )
    for target in SearchTarget
}
