"""What a watch does: look again with its owner's eyes, compare with what it saw last, and remember."""

from __future__ import annotations

from uuid import UUID

from app.domain.accounts.contract.searches import SearchTarget, WatchOutcome
from app.domain.accounts.resources.accounts import ACCOUNT
from app.domain.accounts.resources.leads import LEAD
from app.domain.accounts.searching import facts, found
from app.domain.accounts.tables.searches import SavedSearch
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.permissions import Role
from app.domain.kernel.scope import Actor, Tx
from app.domain.kernel.visibility import rule_for

define(
    "watch_blind",
    Conflict,
    "The owner of the search may not see what it looks for",
    "Le propriétaire de la recherche ne peut voir ce qu'elle cherche",
    "Reactivate the owner or give it the permission, or delete the search.",
)

_RESOURCES = {SearchTarget.LEAD: LEAD, SearchTarget.ACCOUNT: ACCOUNT}

_LOOK = """
with seen as materialized (
  select {row}.id, {row}.name, {facts} as facts
  from saved_search search join {table} {row} on {row}.org_id = search.org_id and {found} and {visible}
  where search.org_id = :org_id and search.id = :search
), last as materialized (
  select subject_id, name, facts from search_sighting where org_id = :org_id and saved_search_id = :search
), compared as materialized (
  select coalesce(seen.id, last.subject_id) as subject_id, coalesce(seen.name, last.name) as name,
         seen.facts as after, last.facts as before,
         case when last.subject_id is null then 'appeared' when seen.id is null then 'disappeared'
              else 'changed' end as kind
  from seen full join last on last.subject_id = seen.id
  where seen.facts is distinct from last.facts
), forgotten as (
  delete from search_sighting old using compared
  where old.org_id = :org_id and old.saved_search_id = :search and old.subject_id = compared.subject_id
    and compared.kind = 'disappeared'
), kept as (
  insert into search_sighting as held (org_id, saved_search_id, subject_id, name, facts)
  select :org_id, :search, subject_id, name, after from compared where kind <> 'disappeared'
  on conflict (org_id, saved_search_id, subject_id) do update set name = excluded.name, facts = excluded.facts
), told as (
  insert into search_change (org_id, id, saved_search_id, subject_id, subject_name, kind, fields, found_at)
  select :org_id, uuidv7(), :search, compared.subject_id, compared.name, compared.kind, different.fields, :now
  from compared cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object('field', key, 'before', before.value, 'after', after.value)
                              order by key), jsonb_build_array()) as fields
    from jsonb_each_text(compared.before) before(key, value) join jsonb_each_text(compared.after) after(key, value)
    using (key) where before.value is distinct from after.value
  ) different
  where not :first
  returning kind
)
select (select count(*) from seen) as found,
       count(*) filter (where kind = 'appeared') as appeared,
       count(*) filter (where kind = 'disappeared') as disappeared,
       count(*) filter (where kind = 'changed') as changed
from told
"""


async def look(tx: Tx, search: SavedSearch) -> WatchOutcome:
    """Compare what a search finds now with what its watch saw last, in one statement; tell what changed.

    The first look tells nothing: it is what later ones are compared with.

    Raises:
        DomainError: `watch_blind` when the owner is inactive or may not read what is looked for.
    """
    target = SearchTarget(search.target)
    resource, owner = _RESOURCES[target], await _owner_of(tx, search.principal_id)
    if owner is None or not owner.may(resource.needs):
        raise refuse("watch_blind", saved_search_id=str(search.id))
    names = {"row": "subject", "org": ":org_id", "seller": "cast(:seller as uuid)", "today": "cast(:today as date)"}
    visible = rule_for(resource.visible, owner).format(**names)
    sight = {"seller": owner.seller_id, "today": tx.today} if "subject." in visible else {}
    first = search.checked_at is None
    (counts,) = await tx.rows(
        _LOOK.format(
            table=target, row="subject", facts=facts(target, "subject"), found=found(target, "search", "subject"),
            visible=visible,
        ),
        search=search.id,
        first=first,
        now=tx.now,
        **sight,
    )  # fmt: skip
    search.checked_at = tx.now
    outcome = WatchOutcome(first=first, **counts)
    if outcome.appeared or outcome.disappeared or outcome.changed:
        tx.emit(
            "saved_search.changed",
            "saved_search",
            search.id,
            **outcome.model_dump(include={"found", "appeared", "disappeared", "changed"}),
        )
    return outcome


async def _owner_of(tx: Tx, id: UUID) -> Actor | None:
    """Who keeps the search, with the roles it has now; None when it is not active any more."""
    if id == tx.actor.principal_id:
        return tx.actor
    rows = await tx.rows(
        "select name, roles, seller_id from principal where org_id = :org_id and id = :id and active", id=id
    )
    return next(
        (
            Actor(tx.org_id, id, row["name"], frozenset(Role(role) for role in row["roles"]), row["seller_id"])
            for row in rows
        ),
        None,
    )
