"""Who can introduce whom: ways of one or two relations from people who know us to people one wants to meet."""

from uuid import UUID

from app.domain.accounts.contract.contacts import IntroductionView
from app.domain.accounts.queries import account_seen
from app.domain.kernel.resource import One, Param, Resource, by_seller

# Walks outwards from the people of the unit. To influence somebody is not to be in touch.
_INTRODUCTIONS = f"""(
  with recursive person as not materialized (
    select contact.id, contact.account_id, contact.name, contact.decision_role, contact.relation_strength,
           contact.owner_id, unit.owner_id as unit_owner_id
    from contact join account unit on unit.org_id = {{org}} and unit.id = contact.account_id
    where contact.org_id = {{org}} and (contact.left_on is null or contact.left_on > {{today}})
      and {account_seen("unit")}
  ), touch as not materialized (
    select edge.from_contact_id as one_id, edge.to_contact_id as other_id, edge.strength
    from contact_relation edge where edge.org_id = {{org}} and edge.kind <> 'influences'
    union all
    select edge.to_contact_id, edge.from_contact_id, edge.strength
    from contact_relation edge where edge.org_id = {{org}} and edge.kind <> 'influences'
  ), way(target_id, contact_id, via_id, steps, strength) as (
    select person.id, person.id, cast(null as uuid), 0, 5
    from person where {{account_id}} is null or person.account_id = {{account_id}}
    union all
    select way.target_id, person.id, case when way.steps = 1 then way.contact_id end, way.steps + 1,
           least(way.strength, touch.strength)
    from way
    join touch on touch.one_id = way.contact_id and touch.other_id <> way.target_id
    join person on person.id = touch.other_id
    where way.steps < 2
  )
  select distinct on (target.id, introducer.id)
         cast(md5(target.id || ' ' || introducer.id) as uuid) as id, target.account_id,
         target.id as target_contact_id, target.name as target_name, target.decision_role as target_role,
         introducer.id as introducer_contact_id, introducer.name as introducer_name,
         introducer.account_id as introducer_account_id, introducer.owner_id as seller_id,
         way.via_id as via_contact_id, way.steps, least(way.strength, introducer.relation_strength) as strength,
         target.unit_owner_id as owner_id
  from way
  join person target on target.id = way.target_id
  join person introducer on introducer.id = way.contact_id
  where way.steps > 0 and introducer.relation_strength > 0 and introducer.owner_id is not null
  order by target.id, introducer.id, way.steps, least(way.strength, introducer.relation_strength) desc, way.via_id
)"""

INTRODUCTION = Resource(
    "introduction",
    "introductions",
    IntroductionView,
    "accounts:read",
    "Who can introduce whom: the shortest way to each person from each person who knows us, the strongest of those.",
    source=_INTRODUCTIONS,
    links={
        "account": One("account", "{row}.account_id", "The unit one wants to get into."),
        "target_contact": One("contact", "{row}.target_contact_id", "The person one wants to meet."),
        "introducer_contact": One("contact", "{row}.introducer_contact_id", "The person who can introduce."),
        "via_contact": One("contact", "{row}.via_contact_id", "The person between the two."),
        "seller": One("seller", "{row}.seller_id", "The seller who knows the introducer."),
    },
    filters=(
        "target_contact_id",
        "target_role",
        "introducer_contact_id",
        "introducer_account_id",
        "seller_id",
        "steps",
        "strength",
    ),
    sorts=("strength", "steps", "target_name"),
    sort="-strength",
    visible=by_seller("{row}.owner_id"),
    params={"account_id": Param(UUID, "The unit one wants to get into; every unit one sees by default.")},
    versioned=False,
)
