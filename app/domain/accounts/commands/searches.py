"""What saved searches and their watches can be asked to do."""

from __future__ import annotations

from uuid import UUID

from app.domain.accounts.contract.searches import (
    CreateSavedSearch,
    SearchCriteria,
    SearchTarget,
    UpdateSavedSearch,
    WatchOutcome,
)
from app.domain.accounts.tables.searches import SavedSearch
from app.domain.accounts.watching import look
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import refuse
from app.domain.kernel.jobs import enqueue
from app.domain.kernel.scope import Tx


@command(Kind.CREATE, "saved_search", needs="leads:write", body=CreateSavedSearch)
async def create_saved_search(tx: Tx, body: CreateSavedSearch) -> UUID:
    """Keep a search over leads or accounts; it belongs to whoever keeps it."""
    _check(tx, body.target, body.criteria)
    row = SavedSearch(
        org_id=tx.org_id,
        principal_id=tx.actor.principal_id,
        criteria=body.criteria.model_dump(mode="json"),
        **body.model_dump(exclude={"criteria"}),
    )
    return (await tx.add(row)).id


@command(Kind.UPDATE, "saved_search", needs="leads:write", body=UpdateSavedSearch)
async def update_saved_search(tx: Tx, id: UUID, body: UpdateSavedSearch) -> None:
    """Change a search. With other criteria its watch begins anew; the changes it told stay."""
    row = await tx.require(SavedSearch, id)
    merge(row, body, skip=frozenset({"criteria"}))
    if "criteria" not in body.model_fields_set:
        return
    if body.criteria is None:
        raise refuse("invalid_input", "criteria cannot be removed.", pointer="/criteria")
    _check(tx, SearchTarget(row.target), body.criteria)
    row.criteria, row.checked_at = body.criteria.model_dump(mode="json"), None
    await _forget(tx, "search_sighting", id)


@command(Kind.DELETE, "saved_search", needs="leads:write")
async def delete_saved_search(tx: Tx, id: UUID, _: object) -> None:
    """Delete a search with everything its watch saw and told."""
    row = await tx.require(SavedSearch, id)
    await _forget(tx, "search_sighting", id)
    await _forget(tx, "search_change", id)
    await tx.session.delete(row)


@command(
    Kind.ACTION, "saved_search", needs="leads:write", action="check", result=WatchOutcome, unversioned=True
)  # fmt: skip
async def check_saved_search(tx: Tx, id: UUID, _: object) -> WatchOutcome:
    """Look whether something appeared, disappeared or changed since the last check, with its owner's eyes.

    What is found is told as `search_changes` and as the event `saved_search.changed`.
    """
    return await look(tx, await tx.require(SavedSearch, id, lock=True))


@command(Kind.COLLECTION, "saved_search", needs="leads:write", action="check-watched", answers="job")
async def check_watched_searches(tx: Tx, _: object) -> UUID:
    """Check every watched search: one's own, or all of the organisation's for roles that see all rows.

    A scheduler calls this as often as changes should be told; answers with the job that does it.
    """
    rows = await tx.rows(
        "select id from saved_search where org_id = :org_id and watched"
        " and (:all or principal_id = :actor) order by id",
        all=tx.actor.sees_all_rows,
        actor=tx.actor.principal_id,
    )
    return await enqueue(tx, "watch_searches", {"searches": [str(row["id"]) for row in rows]}, needs="leads:write")


def _check(tx: Tx, target: SearchTarget, criteria: SearchCriteria) -> None:
    if target is SearchTarget.ACCOUNT:
        tx.actor.require("accounts:read")
        if criteria.job_functions:
            raise refuse("invalid_input", "Accounts have no function.", pointer="/criteria/job_functions")


async def _forget(tx: Tx, table: str, search: UUID) -> None:
    await tx.execute(f"delete from {table} where org_id = :org_id and saved_search_id = :search", search=search)
