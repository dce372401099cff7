"""What can be read of cadences: the policies, what is due, and how well they were kept."""

from datetime import date

from app.domain.kernel.resource import IN_LINE, LinkFrom, Many, One, Param, Resource, by_seller
from app.domain.territories.contract.cadence import (
    AdherenceGroup,
    CadenceAdherenceView,
    CadenceDueView,
    CadencePolicyView,
)
from app.domain.territories.queries import CADENCE_SQL

CADENCE_POLICY = Resource(
    "cadence_policy",
    "cadence_policies",
    CadencePolicyView,
    "activities:read",
    "How often the accounts of a class, a coverage mode or a territory are to be touched.",
    links={"territory": One("territory", "{row}.territory_id", "The territory it is for, if for one.")},
    filters=("name", "account_class", "coverage_mode", "territory_id"),
    sorts=("name",),
    sort="name",
    search=("name",),
)

# The first day of an account in a territory in force; without any the day it was added stands for it.
_FIRST_DAY = "min(greatest(membership.effective_from, model.starts_on))"
_IN_FORCE = """
  from territory_membership membership
  join territory_model model on model.org_id = membership.org_id and model.id = membership.model_id
   and model.state in ('active', 'archived') and membership.valid && model.valid
  where membership.org_id = {org}
"""
_ADDED_ON = "cast(cadence.created_at at time zone 'UTC' as date)"

_ON = "coalesce({as_of}, {today})"
_DUE = f"""(
  select standing.*, standing.account_id as id,
         case when standing.status = 'overdue' then {_ON} - standing.next_due_on
              when standing.policy_id is not null then 0 end as days_overdue
  from (
    select reckoned.*, reckoned.since + reckoned.interval_days as next_due_on,
           case when reckoned.policy_id is null then 'no_policy'
                when {_ON} > reckoned.since + reckoned.interval_days + reckoned.window_days then 'overdue'
                when {_ON} >= reckoned.since + reckoned.interval_days - reckoned.window_days then 'due'
                else 'on_track' end as status
    from (
      select cadence.*, last.last_touch_on,
             coalesce(
               last.last_touch_on,
               (select {_FIRST_DAY} {_IN_FORCE} and membership.account_id = cadence.account_id),
               {_ADDED_ON}
             ) as since
      from ({CADENCE_SQL.format(org="{org}", day=_ON)}) cadence
      cross join lateral (
        select max(touch.done_on) as last_touch_on from activity touch
        where touch.org_id = {{org}} and touch.account_id = cadence.account_id and touch.state = 'done'
          and touch.kind = any(cadence.channels) and touch.done_on <= {_ON}
      ) last
    ) reckoned
  ) standing
)"""

CADENCE_DUE = Resource(
    "cadence_due",
    "cadence_due",
    CadenceDueView,
    "activities:read",
    "When each account is to be touched next, by which policy, and what is overdue.",
    source=_DUE,
    links={
        "account": One("account", "{row}.account_id"),
        "seller": One("seller", "{row}.seller_id", "The account's owner."),
        "territory": One("territory", "{row}.territory_id"),
        "policy": One("cadence_policy", "{row}.policy_id", "The policy that applies."),
    },
    filters=(
        "account_id",
        "seller_id",
        "territory_id",
        "account_class",
        "coverage_mode",
        "policy_id",
        "status",
        "last_touch_on",
        "next_due_on",
        "days_overdue",
    ),
    sorts=("next_due_on", "days_overdue", "account_name"),
    sort="next_due_on",
    search=("account_name",),
    visible=by_seller("{row}.seller_id"),
    params={"as_of": Param(date, "Day on which it is reckoned; today by default.")},
    versioned=False,
)

# Between a touch and the next one, due days lie a whole number of intervals after the first of them; so those within
# two days are counted by dividing. `low` is after the anchor, hence nothing negative is divided but where none is left.
_BETWEEN = "greatest(0, ({high} - anchor) / interval_days - ({low} - 1 - anchor) / interval_days)"
_UNTIL = "coalesce({to}, {today})"
_FROM = "coalesce({from}, cast(date_trunc('year', {today}) as date))"
_MISSED = _BETWEEN.format(low="low", high="least(high, coalesce(next_touch, {today}) - window_days - 1)")
_KEPT = _BETWEEN.format(low="greatest(low, next_touch - window_days)", high="least(high, next_touch + window_days)")
_OPEN = _BETWEEN.format(low="greatest(low, {today} - window_days)", high="high")
# Only accounts whose owner the reader sees are reckoned: nobody pays for rows that are dropped afterwards.
_ADHERENCE = f"""(
  with cadence as materialized (
    select cadence.account_id, cadence.seller_id, cadence.territory_id, cadence.interval_days, cadence.window_days,
           cadence.channels, coalesce(entered.first_day, {_ADDED_ON}) as starts_on
    from ({CADENCE_SQL.format(org="{org}", day=f"least({_UNTIL} - 1, {{today}})")}) cadence
    left join (
      select membership.account_id, {_FIRST_DAY} as first_day {_IN_FORCE} group by membership.account_id
    ) entered on entered.account_id = cadence.account_id
    where cadence.policy_id is not null and ({{sees_all}} or {IN_LINE.format(column="cadence.seller_id", on="{today}")})
  ), touched as materialized (
    select distinct cadence.account_id, touch.done_on as day
    from cadence join activity touch on touch.org_id = {{org}} and touch.account_id = cadence.account_id
     and touch.state = 'done' and touch.kind = any(cadence.channels) and touch.done_on <= {{today}}
  ), anchored as (
    select account_id, day from touched
    union all
    select cadence.account_id, cadence.starts_on from cadence
    left join (select account_id, min(day) as day from touched group by account_id) first using (account_id)
    where first.day is null or first.day > cadence.starts_on
  ), spans as (
    select account_id, day as anchor, lead(day) over (partition by account_id order by day) as next_touch from anchored
  ), counted as (
    select cadence.account_id, cadence.seller_id, cadence.territory_id, sum({_MISSED}) as missed,
           sum(case when next_touch is not null then {_KEPT} else 0 end) as kept,
           sum(case when next_touch is null then {_OPEN} else 0 end) as still_open
    from cadence join spans using (account_id)
    cross join lateral (
      select greatest({_FROM}, cadence.starts_on, spans.anchor + 1) as low, {_UNTIL} - 1 as high
    ) range
    group by cadence.account_id, cadence.seller_id, cadence.territory_id
  ), grouped as (
    select seller_id, case when {{per}} <> 'seller' then territory_id end as territory_id,
           case when {{per}} = 'account' then account_id end as account_id, count(*) as accounts,
           cast(sum(kept + missed) as bigint) as due, cast(sum(kept) as bigint) as kept,
           cast(sum(missed) as bigint) as missed, cast(sum(still_open) as bigint) as still_open
    from counted group by 1, 2, 3
  )
  select cast(md5(concat_ws(' ', coalesce(cast(grouped.seller_id as text), '-'),
                            coalesce(cast(grouped.territory_id as text), '-'), grouped.account_id)) as uuid) as id,
         grouped.*, seller.name as seller_name, round(grouped.kept / nullif(cast(grouped.due as numeric), 0), 6)
           as adherence
  from grouped left join seller on seller.org_id = {{org}} and seller.id = grouped.seller_id
)"""

CADENCE_ADHERENCE = Resource(
    "cadence_adherence",
    "cadence_adherence",
    CadenceAdherenceView,
    "activities:read",
    "How many due days were kept: by seller, by seller and territory, or by account.",
    source=_ADHERENCE,
    links={
        "seller": One("seller", "{row}.seller_id"),
        "territory": One("territory", "{row}.territory_id"),
        "account": One("account", "{row}.account_id"),
    },
    filters=("seller_id", "territory_id", "account_id", "due", "missed", "adherence"),
    sorts=("adherence", "due", "missed", "seller_name"),
    sort="seller_name",
    visible=by_seller("{row}.seller_id"),
    params={
        "from": Param(date, "First due day that counts; by default the first day of the year."),
        "to": Param(date, "First due day that no longer counts; today by default."),
        "per": Param(AdherenceGroup, "What a row is about; the seller by default.", default=AdherenceGroup.SELLER),
    },
    versioned=False,
)

CADENCE_OF_ACCOUNT = LinkFrom(
    "account", "cadence", One("cadence_due", "{row}.id", "When it is to be touched next, and by which policy.")
)
CADENCE_OF_TERRITORY = LinkFrom(
    "territory",
    "cadence_policies",
    Many("cadence_policy", "{other}.territory_id = {row}.id", "name", "Policies for this territory alone."),
)
