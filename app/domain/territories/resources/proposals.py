"""What can be read of a model that sellers are asked to accept."""

from uuid import UUID

from app.domain.kernel.resource import One, Param, Resource, by_seller
from app.domain.territories.contract.proposals import AcceptanceTimeView, TerritoryProposalView
from app.domain.territories.sides import BOOKED, PARAMS, PLACED, SIDES

_PROPOSALS = f"""(
  with {SIDES}, {PLACED}, {BOOKED}, book as (
    select booked.seller_id, placed.account_id,
           coalesce(max(booked.share) filter (where placed.side = 'with'), 0) as share_before,
           coalesce(max(booked.share) filter (where placed.side = 'model'), 0) as share_after,
           case when bool_or(placed.counted) then max(placed.potential) end as potential,
           max(placed.workload) filter (where placed.side = 'with') as workload_before,
           max(placed.workload) filter (where placed.side = 'model') as workload_after
    from booked join placed on placed.side = booked.side and placed.territory_id = booked.territory_id
    group by booked.seller_id, placed.account_id
  ), change as (
    select seller_id, count(*) filter (where share_before > 0) as accounts_before,
           count(*) filter (where share_after > 0) as accounts_after,
           count(*) filter (where share_before > 0 and share_after > 0) as accounts_kept,
           count(*) filter (where share_before = 0) as accounts_gained,
           count(*) filter (where share_after = 0) as accounts_lost,
           coalesce(sum(round(potential * share_before, 4)), 0) as potential_before,
           coalesce(sum(round(potential * share_after, 4)), 0) as potential_after,
           coalesce(sum(round(workload_before * share_before, 4)), 0) as workload_before,
           coalesce(sum(round(workload_after * share_after, 4)), 0) as workload_after
    from book group by seller_id
  ), asked as (
    select seller_id, coalesce(jsonb_agg(distinct code) filter (where side = 'model'), jsonb_build_array())
             as territory_codes,
           count(*) filter (where side = 'model' and state = 'planned') as assignments_planned,
           count(*) filter (where side = 'model' and state = 'proposed') as assignments_proposed,
           count(*) filter (where side = 'model' and state in ('accepted', 'ended')) as assignments_accepted,
           count(*) filter (where side = 'model' and state = 'disputed') as assignments_disputed
    from booked group by seller_id
  )
  select seller.org_id, seller.id, seller.id as seller_id, seller.name as seller_name, chosen.id as model_id,
         organisation.currency, asked.territory_codes, asked.assignments_planned, asked.assignments_proposed,
         asked.assignments_accepted, asked.assignments_disputed,
         case when assignments_disputed > 0 then 'disputed' when assignments_proposed > 0 then 'proposed'
              when assignments_planned > 0 then 'planned' when assignments_accepted > 0 then 'accepted'
              else 'released' end as state,
         coalesce(accounts_before, 0) as accounts_before, coalesce(accounts_after, 0) as accounts_after,
         coalesce(accounts_kept, 0) as accounts_kept, coalesce(accounts_gained, 0) as accounts_gained,
         coalesce(accounts_lost, 0) as accounts_lost, coalesce(potential_before, 0) as potential_before,
         coalesce(potential_after, 0) as potential_after,
         coalesce(workload_before, 0) as workload_before, coalesce(workload_after, 0) as workload_after
  from asked
  join seller on seller.org_id = {{org}} and seller.id = asked.seller_id and not seller.placeholder
  join organisation on organisation.org_id = {{org}}
  cross join chosen
  left join change on change.seller_id = asked.seller_id
)"""

# A dispute and what follows belong to the time to acceptance: it runs from the first proposal.
_ACCEPTANCE = """(
  with chosen as materialized (
    select model.* from territory_model model where model.org_id = {org}
      and (model.id = {model_id} or {model_id} is null and model.state <> 'archived')
    order by model.starts_on desc, model.id desc limit 1
  ), asked as (
    select own.state, held.manager_id, first.occurred_at as asked_at,
           case when own.state in ('accepted', 'ended') then last.occurred_at end as accepted_at,
           now() - first.occurred_at as age
    from chosen
    join territory on territory.org_id = {org} and territory.model_id = chosen.id
    join territory_assignment own on own.org_id = {org} and own.territory_id = territory.id
    join seller on seller.org_id = {org} and seller.id = own.seller_id and not seller.placeholder
    cross join lateral (
      select min(step.occurred_at) as occurred_at from transition step where step.org_id = {org}
        and step.machine = 'territory_assignment' and step.subject_id = own.id and step.action = 'create') first
    left join lateral (
      select max(step.occurred_at) as occurred_at from transition step where step.org_id = {org}
        and step.machine = 'territory_assignment' and step.subject_id = own.id and step.action = 'accept') last on true
    left join position held on held.org_id = {org} and held.seller_id = own.seller_id and held.valid @> {today}
  ), timed as (
    select asked.*, round(extract(epoch from accepted_at - asked_at) / 86400, 2) as days,
           round(extract(epoch from age) / 86400, 2) as waiting
    from asked
  )
  select chosen.org_id, coalesce(timed.manager_id, chosen.id) as id, timed.manager_id, manager.name as manager_name,
         chosen.id as model_id, count(*) as proposed, count(accepted_at) as accepted,
         count(*) filter (where timed.state = 'disputed') as disputed,
         count(*) filter (where timed.state = 'proposed') as open,
         count(*) filter (where accepted_at is null and waiting > {due_days}) as overdue,
         round(cast(percentile_cont(0.5) within group (order by days) as numeric), 2) as median_days,
         max(coalesce(days, waiting)) as worst_days
  from timed cross join chosen
  left join seller manager on manager.org_id = {org} and manager.id = timed.manager_id
  group by chosen.org_id, chosen.id, timed.manager_id, manager.name
)"""

TERRITORY_PROPOSAL = Resource(
    "territory_proposal",
    "territory_proposals",
    TerritoryProposalView,
    "territories:read",
    "What a territory model changes for each seller, and how far the seller is with accepting it.",
    source=_PROPOSALS,
    links={
        "seller": One("seller", "{row}.seller_id"),
        "model": One("territory_model", "{row}.model_id"),
    },
    filters=("seller_id", "state", "accounts_gained", "accounts_lost", "potential_after"),
    sorts=("seller_name", "accounts_gained", "accounts_lost", "potential_before", "potential_after"),
    sort="seller_name",
    visible=by_seller("{row}.seller_id"),
    params=PARAMS,
    versioned=False,
)

ACCEPTANCE_TIME = Resource(
    "acceptance_time",
    "acceptance_times",
    AcceptanceTimeView,
    "territories:read",
    "How fast the sellers of each manager accept what a territory model proposes.",
    source=_ACCEPTANCE,
    links={"manager": One("seller", "{row}.manager_id"), "model": One("territory_model", "{row}.model_id")},
    filters=("manager_id", "overdue"),
    sorts=("manager_name", "overdue", "worst_days"),
    sort="-overdue",
    visible=by_seller("{row}.manager_id"),
    params={
        "model_id": Param(UUID, "The model; by default the one that begins last and is not archived."),
        "due_days": Param(int, "Days after which an answer is overdue; 14 by default.", default=14),
    },
    versioned=False,
)
