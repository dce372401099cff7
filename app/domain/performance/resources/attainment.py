"""What can be read of the attainment of sellers and teams."""

from __future__ import annotations

from app.domain.kernel.resource import IN_LINE, Many, One, Resource, Visible, by_seller
from app.domain.performance.attainment_sources import (
    CREDITS,
    DEALS,
    DONE,
    FIGURES,
    FILTERS,
    LINKS,
    OF_SELLERS,
    PARAMS,
    QUOTAS,
    SCOPE,
    SORTS,
)
from app.domain.performance.contract.attainment import AttainmentView, TeamAttainmentView

_PERIOD = "(select p.{} from fiscal_period p where p.org_id = {{org}} and p.id = {{row}}.period_id)"
_START, _END = _PERIOD.format("start_date"), _PERIOD.format("end_date")

_OF_SELLER = f"""(
  with {SCOPE}, {QUOTAS}, {CREDITS}, {DEALS}, {OF_SELLERS}
  select cast(md5(seller.id || known.currency) as uuid) as id, seller.id as seller_id, seller.name as seller_name,
         {FIGURES}
  from scope cross join known {DONE}
  join seller on seller.org_id = {{org}} and seller.id = known.seller_id
)"""

ATTAINMENT = Resource(
    "attainment",
    "attainment",
    AttainmentView,
    # Not `reports:read`: a viewer sees aggregates.
    "quotas:read",
    "Credited revenue against quota per seller, for the whole period, to date and as forecast.",
    source=_OF_SELLER,
    links={
        "seller": One("seller", "{row}.seller_id"),
        **LINKS,
        "quotas": Many(
            "quota",
            "{other}.seller_id = {row}.seller_id and {other}.currency = {row}.currency and {other}.measure = 'revenue'"
            f" and {{other}}.valid && daterange({_START}, {_END}) and {{other}}.accepted_amount is not null"
            " and {other}.state <> 'cancelled'",
            "id",
            "The quotas it is measured against.",
        ),
        "credits": Many(
            "credit",
            "{other}.run_id = {row}.run_id and {other}.seller_id = {row}.seller_id and {other}.role = 'direct'"
            " and {other}.currency = {row}.currency and {other}.credit_date < {row}.counted_until"
            f" and {{other}}.credit_date >= {_START}",
            "credit_date",
            "The credits that `credited_to_date` adds up; each leads to its transaction.",
        ),
        "opportunities": Many(
            "opportunity",
            "{other}.seller_id = {row}.seller_id and {other}.currency = {row}.currency"
            f" and {{other}}.expected_close_on >= {_START} and {{other}}.expected_close_on < {_END}",
            "expected_close_on",
            "Its deals that are expected to close in the period.",
        ),
    },
    filters=("seller_id", *FILTERS),
    sorts=(*SORTS, "seller_name"),
    sort="-attainment",
    visible=by_seller("{row}.seller_id"),
    params=PARAMS,
    versioned=False,
    path="reports/attainment",
)

_OF_TEAM = f"""(
  with {SCOPE}, {QUOTAS}, {CREDITS}, {DEALS}, {OF_SELLERS.replace("known as", "each as", 1)}, known as (
    select held.team, each.currency, count(*) as sellers,
           sum(quota) as quota, sum(quota_to_date) as quota_to_date, sum(credited) as credited,
           sum(unposted) as unposted, sum(won) as won, sum(pipeline) as pipeline
    from scope cross join each
    left join position held on held.org_id = {{org}} and held.seller_id = each.seller_id
     and held.valid @> scope.held_on
    group by held.team, each.currency
  )
  select cast(md5(coalesce(known.team, '') || known.currency) as uuid) as id, known.team, known.sellers,
         {FIGURES}
  from scope cross join known {DONE}
)"""

TEAM_ATTAINMENT = Resource(
    "team_attainment",
    "team_attainment",
    TeamAttainmentView,
    "reports:read",
    "Credited revenue against quota per team. A manager or seller sees the teams that somebody of its line is in.",
    source=_OF_TEAM,
    links=LINKS,
    filters=("team", *FILTERS),
    sorts=(*SORTS, "team"),
    sort="-attainment",
    visible=Visible(
        "exists (select from position mine where mine.org_id = {org} and mine.team = {row}.team"
        f" and mine.valid @> {{today}} and {IN_LINE.format(column='mine.seller_id', on='{today}')})"
    ),
    params=PARAMS,
    versioned=False,
    path="reports/team-attainment",
)
