"""What other contexts ask about territories in SQL: who belonged where, and who covered what, at any date.

Both texts have the placeholder `{org}` only, for the organisation's id. They look at models that are or were in force,
within the dates these were. Ranges are half open; an empty `valid_to` means open.
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
