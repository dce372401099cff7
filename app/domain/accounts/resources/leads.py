"""What can be read of leads."""

from app.domain.accounts.contract.leads import LeadView
from app.domain.accounts.resources.searches import FOUND_BY
from app.domain.kernel.resource import (
    LinkFrom,
    Many,
    One,
    Resource,
    by_seller,
    external_id_filter,
    external_ids_of,
)

LEAD = Resource(
    "lead",
    "leads",
    LeadView,
    "leads:read",
    "People and companies that may become customers.",
    columns={"external_ids": external_ids_of("lead")},
    links={
        "owner": One("seller", "{row}.owner_id", "The seller who works on it."),
        "account": One("account", "{row}.account_id", "The account it was converted to."),
        "opportunity": One("opportunity", "{row}.opportunity_id", "The deal that its conversion began."),
    },
    filters=(
        "name",
        "company",
        "city",
        "country",
        "job_function",
        "industry",
        "employees",
        "source",
        "score",
        "state",
        "owner_id",
        "account_id",
        "opportunity_id",
        "created_at",
        "updated_at",
        FOUND_BY["lead"],
        external_id_filter("lead"),
    ),
    sorts=("name", "score", "created_at"),
    sort="-created_at",
    search=("name", "company"),
    visible=by_seller("{row}.owner_id"),
    machine="lead",
    external_ids=True,
)

LEADS_OF_ACCOUNT = LinkFrom(
    "account", "leads", Many("lead", "{other}.account_id = {row}.id", "-created_at", "Leads that were converted to it.")
)
