"""What can be read of territories that wait for somebody."""

from app.domain.kernel.resource import One, Resource, by_seller
from app.domain.territories.contract.vacancies import VacancyView

_VACANT = """(
  select own.org_id, own.id, own.seller_id, own.territory_id, territory.code as territory_code,
         territory.name as territory_name, territory.model_id, own.share, own.effective_from as vacant_from,
         own.effective_to as vacant_to, greatest({today} - own.effective_from, 0) as days_vacant,
         (select former.seller_id from territory_assignment former
          where former.org_id = {org} and former.id = own.replaces_id) as former_seller_id,
         members.account_count, members.potential, organisation.currency,
         candidate.seller_id as proposed_to_id, candidate.state as proposal_state
  from seller position
  join territory_assignment own on own.org_id = position.org_id and own.seller_id = position.id
   and own.state = 'accepted' and (own.effective_to is null or own.effective_to > {today})
  join territory on territory.org_id = own.org_id and territory.id = own.territory_id
  join territory_model model on model.org_id = own.org_id and model.id = territory.model_id
   and (model.ends_on is null or model.ends_on > {today})
  join organisation on organisation.org_id = own.org_id
  cross join lateral (
    select count(*) as account_count,
           coalesce(sum(account.potential) filter (where account.currency = organisation.currency), 0) as potential
    from territory_membership held
    join account on account.org_id = held.org_id and account.id = held.account_id
    where held.org_id = own.org_id and held.territory_id = own.territory_id
      and held.valid @> greatest(model.starts_on, {today})
  ) members
  left join lateral (
    select proposal.seller_id, proposal.state from territory_assignment proposal
    where proposal.org_id = own.org_id and proposal.replaces_id = own.id order by proposal.id desc limit 1
  ) candidate on true
  where position.org_id = {org} and position.placeholder
)"""

VACANCY = Resource(
    "vacancy",
    "vacancies",
    VacancyView,
    "territories:read",
    "Territories held by an open position, since their seller left, until somebody takes over.",
    source=_VACANT,
    links={
        "seller": One("seller", "{row}.seller_id", "The open position."),
        "former_seller": One("seller", "{row}.former_seller_id", "Who left it."),
        "proposed_to": One("seller", "{row}.proposed_to_id", "Who was asked last to take over."),
        "territory": One("territory", "{row}.territory_id"),
        "assignment": One("territory_assignment", "{row}.id", "The open position's assignment."),
    },
    filters=("seller_id", "territory_id", "model_id", "former_seller_id", "proposed_to_id", "days_vacant"),
    sorts=("vacant_from", "days_vacant", "potential"),
    sort="vacant_from",
    visible=by_seller("{row}.seller_id"),
    versioned=False,
)
