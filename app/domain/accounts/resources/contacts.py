"""What can be read of contacts and the relations between them."""

from app.domain.accounts.contract.contacts import ContactRelationView, ContactView, RelationshipMapView
from app.domain.accounts.queries import account_owner, account_seen
from app.domain.kernel.resource import (
    LinkFrom,
    Many,
    One,
    Param,
    Resource,
    Visible,
    by_seller,
    external_id_filter,
    external_ids_of,
)

CONTACT = Resource(
    "contact",
    "contacts",
    ContactView,
    "accounts:read",
    "People at customers and prospects, and their part in decisions.",
    columns={
        "active": "({row}.left_on is null or {row}.left_on > {today})",
        "external_ids": external_ids_of("contact"),
    },
    links={
        "account": One("account", "{row}.account_id", "The unit it works for."),
        "owner": One("seller", "{row}.owner_id", "The seller who knows the person."),
        "relations": Many(
            "contact_relation",
            "({other}.from_contact_id = {row}.id or {other}.to_contact_id = {row}.id)",
            "id",
            "Its relations to other people, in either direction.",
        ),
    },
    filters=(
        "name",
        "account_id",
        "owner_id",
        "function",
        "decision_role",
        "relation_strength",
        "active",
        "left_on",
        "created_at",
        "updated_at",
        external_id_filter("contact"),
    ),
    sorts=("name", "created_at"),
    sort="name",
    search=("name", "job_title", "email"),
    visible=by_seller(account_owner("{row}.account_id")),
    external_ids=True,
)

CONTACTS_OF_ACCOUNT = LinkFrom(
    "account", "contacts", Many("contact", "{other}.account_id = {row}.id", "name", "People who work or worked there.")
)
CONTACTS_OF_SELLER = LinkFrom(
    "seller", "contacts", Many("contact", "{other}.owner_id = {row}.id", "name", "People it knows.")
)


def _end(column: str) -> str:
    unit = f"(select person.account_id from contact person where person.org_id = {{org}} and person.id = {column})"
    return by_seller(account_owner(unit)).rule


CONTACT_RELATION = Resource(
    "contact_relation",
    "contact_relations",
    ContactRelationView,
    "accounts:read",
    "How people relate to each other; seen by who sees both of them.",
    links={
        "from_contact": One("contact", "{row}.from_contact_id", "The person it is said of."),
        "to_contact": One("contact", "{row}.to_contact_id", "The other person."),
    },
    filters=("from_contact_id", "to_contact_id", "kind", "strength"),
    visible=Visible(f"({_end('{row}.from_contact_id')} and {_end('{row}.to_contact_id')})"),
)

_UNITS = f"""array(
  with recursive unit(id) as (
    select {{row}}.account_id union
    select below.id from unit join account below on {{subsidiaries}} and below.org_id = {{org}}
     and below.parent_id = unit.id
  )
  select unit.id from unit join account held on held.org_id = {{org}} and held.id = unit.id and {account_seen("held")}
)"""
_PEOPLE = f"""
  select person.* from contact person where person.org_id = {{org}} and person.account_id = any({_UNITS})
   and (person.left_on is null or person.left_on > {{today}})
"""
_DRAWN = f"{_PEOPLE} order by person.relation_strength desc, person.id limit 500"
_NODES = f"""coalesce((
  select jsonb_agg(jsonb_build_object(
    'contact_id', node.id, 'account_id', node.account_id, 'name', node.name, 'job_title', node.job_title,
    'function', node.function, 'decision_role', node.decision_role, 'relation_strength', node.relation_strength,
    'owner_id', node.owner_id, 'last_touch_on', (select max(touch.done_on) from activity touch
      where touch.org_id = {{org}} and touch.contact_id = node.id)) order by node.relation_strength desc, node.id)
  from ({_DRAWN}) node
), jsonb_build_array())"""
_EDGES = f"""coalesce((
  with node as materialized (select drawn.id from ({_DRAWN}) drawn)
  select jsonb_agg(jsonb_build_object(
    'contact_relation_id', edge.id, 'from_contact_id', edge.from_contact_id, 'to_contact_id', edge.to_contact_id,
    'kind', edge.kind, 'strength', edge.strength) order by edge.id)
  from contact_relation edge where edge.org_id = {{org}}
   and edge.from_contact_id in (select node.id from node) and edge.to_contact_id in (select node.id from node)
), jsonb_build_array())"""

RELATIONSHIP_MAP = Resource(
    "relationship_map",
    "relationship_maps",
    RelationshipMapView,
    "accounts:read",
    "The map of each account: who decides, and who is connected to whom.",
    source="(select unit.id, unit.id as account_id, unit.name as account_name, unit.owner_id from account unit"
    " where unit.org_id = {org})",
    columns={
        "contact_count": f"(select count(*) from ({_PEOPLE}) counted)",
        "nodes": _NODES,
        "edges": _EDGES,
    },
    links={"account": One("account", "{row}.account_id"), "owner": One("seller", "{row}.owner_id")},
    filters=("account_id", "owner_id", "account_name"),
    sorts=("account_name",),
    sort="account_name",
    visible=by_seller("{row}.owner_id"),
    params={
        "subsidiaries": Param(bool, "Whether people of every account below it are on the map as well.", False),
    },
    versioned=False,
)
