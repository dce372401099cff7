"""What can be read of the books of sellers, and of how quadrants performed after they were frozen."""

from datetime import date
from uuid import UUID

from app.domain.accounts.contract.portfolio import (
    PortfolioView,
    QuadrantPerformanceView,
    QuadrantPlacementView,
    QuadrantSnapshotView,
)
from app.domain.accounts.queries import QUADRANT
from app.domain.kernel.resource import LinkFrom, Many, One, Param, Resource, Visible, by_seller

_QUADRANTS = "(values ('priority'), ('big_bet'), ('quick_win'), ('deprioritised'))"
_UNTIL = "coalesce({until}, {today} + 1)"

_PORTFOLIO = f"""(
  with sorted as materialized (
    select account.id, account.owner_id, {QUADRANT.format(account="account", org="{org}")} as quadrant,
           case when account.currency = whole.currency then account.potential end as potential,
           case when account.currency = whole.currency then account.expected_value end as expected_value
    from account join organisation whole on whole.org_id = account.org_id
    where account.org_id = {{org}}
  ), book as (
    select owner_id as seller_id, quadrant, count(*) as account_count,
           sum(potential) as potential, sum(expected_value) as expected_value
    from sorted where owner_id is not null group by owner_id, quadrant
  ), effort as (
    select done.seller_id, sorted.quadrant, count(*) as touches
    from activity done join sorted on sorted.id = done.account_id
    where done.org_id = {{org}} and done.state = 'done'
      and done.done_on >= coalesce({{from}}, cast({{today}} - interval '1 year' as date))
      and done.done_on < coalesce({{to}}, {{today}} + 1)
    group by done.seller_id, sorted.quadrant
  ), concerned as (
    select seller_id from book union select seller_id from effort
  ), listed as (
    select concerned.seller_id, named.quadrant from concerned cross join {_QUADRANTS} named(quadrant)
    union select seller_id, null from book where quadrant is null
    union select seller_id, null from effort where quadrant is null
  ), joined as (
    select listed.seller_id, listed.quadrant, coalesce(book.account_count, 0) as account_count,
           coalesce(book.potential, 0) as potential, coalesce(book.expected_value, 0) as expected_value,
           coalesce(effort.touches, 0) as touches,
           round(coalesce(effort.touches, 0)
                 / nullif(sum(effort.touches) over (partition by listed.seller_id), 0), 6) as share_of_effort
    from listed
    left join book on book.seller_id = listed.seller_id and book.quadrant is not distinct from listed.quadrant
    left join effort on effort.seller_id = listed.seller_id and effort.quadrant is not distinct from listed.quadrant
  )
  select cast(md5(joined.seller_id || coalesce(joined.quadrant, '')) as uuid) as id, joined.*,
         seller.name as seller_name, whole.currency, wanted.target_share,
         joined.share_of_effort - wanted.target_share as gap
  from joined
  join seller on seller.org_id = {{org}} and seller.id = joined.seller_id
  join organisation whole on whole.org_id = {{org}}
  left join lateral (
    select cast(held.target_mix ->> joined.quadrant as numeric) as target_share
    from prioritisation held where held.org_id = {{org}}
  ) wanted on true
)"""

PORTFOLIO = Resource(
    "portfolio",
    "portfolios",
    PortfolioView,
    "accounts:read",
    "The book of each seller by quadrant: what it holds, the effort it gets, and the effort it should get.",
    source=_PORTFOLIO,
    links={"seller": One("seller", "{row}.seller_id")},
    filters=("seller_id", "quadrant", "gap"),
    sorts=("seller_name", "potential", "touches", "gap"),
    sort="seller_name",
    visible=by_seller("{row}.seller_id"),
    params={
        "from": Param(date, "First day whose touches count; a year ago by default."),
        "to": Param(date, "First day whose touches no longer count; tomorrow by default."),
    },
    versioned=False,
)

QUADRANT_SNAPSHOT = Resource(
    "quadrant_snapshot",
    "quadrant_snapshots",
    QuadrantSnapshotView,
    "accounts:read",
    "Where accounts stood on a day.",
    links={
        "placements": Many("quadrant_placement", "{other}.snapshot_id = {row}.id", "id", "Where each account stood."),
        "performance": Many("quadrant_performance", "{other}.snapshot_id = {row}.id", "id", "What became of it."),
    },
    filters=("name", "taken_on"),
    sorts=("taken_on",),
    search=("name",),
    versioned=False,
)

QUADRANT_PLACEMENT = Resource(
    "quadrant_placement",
    "quadrant_placements",
    QuadrantPlacementView,
    "accounts:read",
    "Where each account stood in a snapshot.",
    columns={
        "expected_value": "round({row}.potential * {row}.win_probability, 4)",
        "currency": "(select taken.currency from quadrant_snapshot taken"
        " where taken.org_id = {org} and taken.id = {row}.snapshot_id)",
    },
    links={
        "snapshot": One("quadrant_snapshot", "{row}.snapshot_id"),
        "account": One("account", "{row}.account_id"),
    },
    filters=("snapshot_id", "account_id", "quadrant"),
    visible=by_seller(
        "(select placed.owner_id from account placed where placed.org_id = {org} and placed.id = {row}.account_id)"
    ),
    versioned=False,
)


def _wilson(sign: str, won: str, closed: str) -> str:
    """A bound of the 95 % Wilson score interval of won over closed; null without a closed deal."""
    z = "1.959963984540054"
    spread = f"{z} * sqrt({won} * ({closed} - {won}) / nullif({closed}, 0) + {z} * {z} / 4)"
    return f"({won} + {z} * {z} / 2 {sign} {spread}) / (nullif({closed}, 0) + {z} * {z})"


# Long quotients: rounding a figure that enters another one would change its last digit.
_LONG = "cast({} as numeric(60,30))"

_PERFORMANCE = f"""(
  with placed as materialized (
    select taken.id as snapshot_id, taken.taken_on, taken.currency, {_UNTIL} as until,
           held.account_id, held.quadrant, round(held.potential * held.win_probability, 4) as expected_value
    from quadrant_snapshot taken
    join quadrant_placement held on held.org_id = {{org}} and held.snapshot_id = taken.id
    where taken.org_id = {{org}} and taken.id = coalesce({{snapshot_id}}, (
      select newest.id from quadrant_snapshot newest where newest.org_id = {{org}}
      order by newest.taken_at desc, newest.id desc limit 1))
  ), expected as (
    select quadrant, count(*) as account_count, sum(expected_value) as expected_value from placed group by quadrant
  ), sold as (
    select placed.quadrant, {_LONG.format("count(*)")} as closed,
           {_LONG.format("count(*) filter (where deal.stage = 'won')")} as won,
           coalesce(sum(deal.amount) filter (where deal.stage = 'won' and deal.currency = placed.currency), 0)
             as revenue,
           count(*) filter (where deal.stage = 'won' and deal.currency <> placed.currency) as other_currency_count
    from placed
    join opportunity deal on deal.org_id = {{org}} and deal.account_id = placed.account_id
     and deal.closed_on >= placed.taken_on and deal.closed_on < placed.until
    group by placed.quadrant
  ), touched as (
    select placed.quadrant, count(*) as touches
    from placed
    join activity done on done.org_id = {{org}} and done.account_id = placed.account_id and done.state = 'done'
     and done.done_on >= placed.taken_on and done.done_on < placed.until
    group by placed.quadrant
  ), counted as (
    select scope.*, named.quadrant, coalesce(expected.account_count, 0) as account_count,
           coalesce(expected.expected_value, 0) as expected_value, coalesce(sold.closed, 0) as closed,
           coalesce(sold.won, 0) as won, coalesce(sold.revenue, 0) as revenue,
           coalesce(sold.other_currency_count, 0) as other_currency_count, coalesce(touched.touches, 0) as touches
    from (select distinct snapshot_id, taken_on, until, currency from placed) scope
    cross join {_QUADRANTS} named(quadrant)
    left join expected on expected.quadrant = named.quadrant
    left join sold on sold.quadrant = named.quadrant
    left join touched on touched.quadrant = named.quadrant
  ), compared as (
    select *, sum(account_count) over () - account_count as rest_accounts, sum(closed) over () - closed as rest_closed,
           sum(won) over () - won as rest_won, sum(revenue) over () - revenue as rest_revenue
    from counted
  ), judged as (
    select *, won / nullif(closed, 0) as rate, rest_won / nullif(rest_closed, 0) as rest_rate,
           {_wilson("-", "won", "closed")} as low, {_wilson("+", "won", "closed")} as high,
           {_wilson("-", "rest_won", "rest_closed")} as rest_low, {_wilson("+", "rest_won", "rest_closed")} as rest_high
    from compared
  ), decided as (
    select *, rate - rest_rate as difference,
           rate - rest_rate - sqrt((rate - low) * (rate - low) + (rest_high - rest_rate) * (rest_high - rest_rate))
             as below,
           rate - rest_rate + sqrt((high - rate) * (high - rate) + (rest_rate - rest_low) * (rest_rate - rest_low))
             as above
    from judged
  )
  select cast(md5(snapshot_id || quadrant) as uuid) as id, snapshot_id, quadrant, taken_on, until, currency,
         account_count, cast(closed as bigint) as deals_closed, cast(won as bigint) as deals_won,
         round(rate, 6) as win_rate, round(low, 6) as win_rate_low, round(high, 6) as win_rate_high,
         revenue as won_revenue, other_currency_count, expected_value,
         round(revenue / nullif(expected_value, 0), 6) as actual_to_expected,
         round(revenue / nullif(account_count, 0), 2) as won_revenue_per_account,
         touches, round(revenue / nullif(touches, 0), 2) as won_revenue_per_touch,
         round(rest_rate, 6) as rest_win_rate, round(difference, 6) as win_rate_difference,
         round(below, 6) as difference_low, round(above, 6) as difference_high,
         case when below > 0 then 'better' when above < 0 then 'worse' when below is not null then 'open' end
           as verdict,
         round(rest_revenue / nullif(rest_accounts, 0), 2) as rest_won_revenue_per_account
  from decided
)"""

QUADRANT_PERFORMANCE = Resource(
    "quadrant_performance",
    "quadrant_performances",
    QuadrantPerformanceView,
    "accounts:read",
    "How the accounts of each quadrant of a snapshot performed since: the test of the prioritisation.",
    source=_PERFORMANCE,
    path="quadrant-performance",
    links={"snapshot": One("quadrant_snapshot", "{row}.snapshot_id")},
    filters=("quadrant",),
    sorts=("win_rate", "won_revenue"),
    sort="-won_revenue",
    # Sums over the whole organisation are for who sees the whole organisation.
    visible=Visible("false"),
    params={
        "snapshot_id": Param(UUID, "The snapshot; the newest by default."),
        "until": Param(date, "First day that no longer counts; tomorrow by default."),
    },
    versioned=False,
)

PORTFOLIO_OF_SELLER = LinkFrom(
    "seller", "portfolio", Many("portfolio", "{other}.seller_id = {row}.id", "id", "Its book by quadrant.")
)
