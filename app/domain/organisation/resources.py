"""What can be read of the organisation."""

from datetime import date
from uuid import UUID

from app.domain.kernel.resource import Filter, Many, One, Param, Resource, Visible, by_seller
from app.domain.organisation.contract import (
    ApiKeyView,
    FiscalPeriodView,
    FxRateView,
    OrganisationView,
    PositionView,
    PrincipalView,
    SellerSkillView,
    SellerView,
)

_WITH_POSITION = """(
  select seller.*, held.job_role, held.team, held.manager_id
  from seller left join position held on held.org_id = seller.org_id and held.seller_id = seller.id
   and held.effective_from <= coalesce({as_of}, {today})
   and (held.effective_to is null or held.effective_to > coalesce({as_of}, {today}))
  where seller.org_id = {org}
)"""

ORGANISATION = Resource(
    "organisation", "organisations", OrganisationView, "sellers:read", "The organisation the caller belongs to."
)

SELLER = Resource(
    "seller",
    "sellers",
    SellerView,
    "sellers:read",
    "Sellers, managers among them, with the position they hold at `as_of`.",
    source=_WITH_POSITION,
    links={
        "manager": One("seller", "{row}.manager_id", "Who it reports to."),
        "positions": Many("position", "{other}.seller_id = {row}.id", "-effective_from", "Every position it held."),
        "skills": Many("seller_skill", "{other}.seller_id = {row}.id", "skill", "What it masters, and how well."),
        "reports": Many(
            "seller",
            "{other}.id in (select held.seller_id from position held where held.org_id = {org}"
            " and held.manager_id = {row}.id and held.effective_from <= {today}"
            " and (held.effective_to is null or held.effective_to > {today}))",
            "name",
            "Who reports to it today.",
        ),
    },
    filters=(
        "name",
        "email",
        "employee_number",
        "hired_on",
        "left_on",
        "placeholder",
        "job_role",
        "team",
        "manager_id",
        Filter(
            "in_line_of",
            type=list[UUID],
            sql="{row}.id in (select line.descendant_id from reporting_closure line where line.org_id = {org}"
            " and line.ancestor_id = any({value}) and line.valid_from <= {today} and line.valid_to > {today})",
            description="Sellers who report to this one, directly or not, itself included.",
        ),
    ),
    sorts=("name", "hired_on", "created_at"),
    sort="name",
    search=("name", "email", "employee_number"),
    visible=Visible(
        f"({by_seller('{row}.id').rule} or {{row}}.id in (select line.ancestor_id from reporting_closure line"
        " where line.org_id = {org} and line.descendant_id = {seller} and line.valid_from <= {today}"
        " and line.valid_to > {today}))"
    ),
    params={"as_of": Param(date, "Business day at which the position is read; today by default.")},
    external_ids=True,
)

POSITION = Resource(
    "position",
    "positions",
    PositionView,
    "sellers:read",
    "Dated positions: job role, team and manager of a seller.",
    links={"seller": One("seller", "{row}.seller_id"), "manager": One("seller", "{row}.manager_id")},
    filters=("seller_id", "manager_id", "team", "job_role", "effective_from", "effective_to"),
    sorts=("effective_from",),
    visible=by_seller("{row}.seller_id"),
    versioned=False,
)

SELLER_SKILL = Resource(
    "seller_skill",
    "seller_skills",
    SellerSkillView,
    "sellers:read",
    "What sellers master, from 1, a beginner, to 5, who teaches others.",
    links={"seller": One("seller", "{row}.seller_id")},
    filters=("seller_id", "skill", "level"),
    sorts=("skill", "level"),
    sort="skill",
    visible=by_seller("{row}.seller_id"),
)

FISCAL_PERIOD = Resource(
    "fiscal_period",
    "fiscal_periods",
    FiscalPeriodView,
    "calendar:read",
    "Months, quarters, halves and years of the fiscal calendar.",
    path="periods",
    filters=("code", "kind", "fiscal_year", "state", "start_date", "end_date"),
    sorts=("start_date", "code"),
    sort="code",
    machine="fiscal_period",
)

FX_RATE = Resource(
    "fx_rate",
    "fx_rates",
    FxRateView,
    "calendar:read",
    "Dated exchange rates.",
    filters=("name", "from_currency", "to_currency", "effective_from"),
    sorts=("effective_from",),
    versioned=False,
)

PRINCIPAL = Resource(
    "principal",
    "principals",
    PrincipalView,
    "keys:write",
    "People and programs that may call the service.",
    links={"seller": One("seller", "{row}.seller_id"), "api_keys": Many("api_key", "{other}.principal_id = {row}.id")},
    filters=("kind", "name", "active", "seller_id"),
    sorts=("name", "created_at"),
    columns={"roles": "to_jsonb({row}.roles)"},
)

API_KEY = Resource(
    "api_key",
    "api_keys",
    ApiKeyView,
    "keys:write",
    "API keys, without their secrets.",
    links={"principal": One("principal", "{row}.principal_id")},
    filters=("principal_id", "revoked_at", "expires_at"),
    sorts=("created_at",),
    columns={"scopes": "to_jsonb({row}.scopes)"},
    versioned=False,
)
