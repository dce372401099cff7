"""What other contexts ask about territories in SQL: who belonged where, who covered what, how often to touch whom.

Every text has the placeholder `{org}` for the organisation's id; those of the cadence have `{day}` as well. They look
at models that are or were in force, within the dates these were. Ranges are half open; an empty `valid_to` means open.
"""

MEMBERSHIP_SQL = """
select membership.account_id, membership.territory_id,
       greatest(membership.effective_from, model.starts_on) as valid_from,
       least(membership.effective_to, model.ends_on) as valid_to
from territory_model model
join territory_membership membership on membership.org_id = model.org_id and membership.model_id = model.id
 and membership.valid && model.valid
where model.org_id = {org} and model.state in ('active', 'archived')
"""
"""Rows (account_id, territory_id, valid_from, valid_to): an account is in at most one territory at a date."""

# A territory's split changes as a whole: it is cut wherever an assignment begins or ends, so the bounds of the shares,
# stacked in the order of the sellers' ids, are right on every day of a piece.
COVERAGE_SQL = """
with covering as (
  select assignment.org_id, assignment.territory_id, assignment.seller_id, assignment.share,
         assignment.valid * model.valid as valid
  from territory_model model
  join territory on territory.org_id = model.org_id and territory.model_id = model.id
  join territory_assignment assignment on assignment.org_id = model.org_id and assignment.territory_id = territory.id
   and assignment.state in ('accepted', 'ended') and assignment.valid && model.valid
  where model.org_id = {org} and model.state in ('active', 'archived')
), cut as (
  select territory_id, lower(valid) as day from covering
  union
  select territory_id, upper(valid) from covering where not upper_inf(valid)
), piece as (
  select territory_id, day as valid_from, lead(day) over (partition by territory_id order by day) as valid_to from cut
), stacked as (
  select piece.territory_id, covering.seller_id, covering.share, piece.valid_from, piece.valid_to,
         row_number() over (split order by covering.seller_id) as ordinal,
         sum(covering.share) over (split order by covering.seller_id) as cum_hi
  from piece join covering on covering.territory_id = piece.territory_id and covering.valid @> piece.valid_from
  window split as (partition by piece.territory_id, piece.valid_from)
)
select territory_id, cast(ordinal as int) as ordinal, seller_id, cast(cum_hi - share as numeric(9,6)) as cum_lo,
       cast(cum_hi as numeric(9,6)) as cum_hi, valid_from, valid_to
from stacked
"""
"""Rows (territory_id, ordinal, seller_id, cum_lo, cum_hi, valid_from, valid_to).

Shares of a territory and date tile from 0 to their sum, which is below 1 while part of the territory is not covered.
"""

_NONE = "cast('00000000-0000-0000-0000-000000000000' as uuid)"
_IN_FORCE = "model.state in ('active', 'archived') and model.valid @> {day}"
_PLACES = f"""
  select territory.id, territory.coverage_mode
  from territory_model model
  join territory on territory.org_id = model.org_id and territory.model_id = model.id
  where model.org_id = {{org}} and {_IN_FORCE}
"""
_POLICIES = """
  select held.*, array(select part->>'channel' from jsonb_array_elements(held.channel_mix) part) as channels,
         coalesce((select cast(part->>'share' as numeric) from jsonb_array_elements(held.channel_mix) part
                   where part->>'channel' = 'visit'), 0) as visit_share
  from cadence_policy held where held.org_id = {org}
"""
# Policies are chosen once per territory and class, of which there are few, and not once per account. There is no CTE
# here, so that whoever asks for some accounts only has no others looked at.
CADENCE_SQL = f"""
select account.id as account_id, account.name as account_name, account.owner_id as seller_id, account.created_at,
       place.id as territory_id, place.coverage_mode, score.account_class,
       chosen.policy_id, chosen.interval_days, chosen.window_days, chosen.channels, chosen.visit_share
from account
left join (
  territory_membership membership
  join ({_PLACES}) place on place.id = membership.territory_id
) on membership.org_id = {{org}} and membership.account_id = account.id and membership.valid @> {{day}}
left join account_score score on score.org_id = {{org}} and score.account_id = account.id
 and score.scorecard_id = (
   select card.id from scorecard card where card.org_id = {{org}} and card.state = 'published'
   order by card.scored_at desc nulls last, card.id desc limit 1
 )
left join (
  select distinct on (spot.id, graded.account_class)
         coalesce(spot.id, {_NONE}) as territory_key, coalesce(graded.account_class, '') as class_key,
         policy.id as policy_id, policy.interval_days, policy.window_days, policy.channels, policy.visit_share
  from ({_PLACES} union all select null, null) spot
  cross join (values ('A'), ('B'), ('C'), ('D'), (null)) graded(account_class)
  join ({_POLICIES}) policy
    on (policy.territory_id is null or policy.territory_id = spot.id)
   and (policy.account_class is null or policy.account_class = graded.account_class)
   and (policy.coverage_mode is null or policy.coverage_mode = spot.coverage_mode)
  order by spot.id, graded.account_class,
           policy.territory_id nulls last, policy.account_class nulls last, policy.coverage_mode nulls last
) chosen on chosen.territory_key = coalesce(place.id, {_NONE})
 and chosen.class_key = coalesce(score.account_class, '')
where account.org_id = {{org}}
"""
"""One row per account on `{day}`: owner, territory, class, and the most specific policy that is for it, or nulls.

`chosen` is a policy for the territory before one for any, then one for the class before one for any, then one for the
coverage mode before one for any. `channels` are the kinds of activity that count as a touch.
"""

IDEAL_VISITS_SQL = f"""
select cadence.account_id, cadence.territory_id, cadence.seller_id,
       round(365 * cadence.visit_share / cadence.interval_days, 6) as visits_per_year,
       round(cast(365 as numeric) / cadence.interval_days, 6) as touches_per_year
from ({CADENCE_SQL}) cadence
where cadence.policy_id is not null
"""
"""Rows (account_id, territory_id, seller_id, visits_per_year, touches_per_year) of the accounts with a policy.

The seller is the account's owner, the territory the one it is in on `{day}`; either may be null.
"""

IDEAL_VISITS_OF_MODEL_SQL = IDEAL_VISITS_SQL.replace(_IN_FORCE, "model.id = {model}")
"""The same for the territories of the model `{model}`, whether it is in force or a draft."""
