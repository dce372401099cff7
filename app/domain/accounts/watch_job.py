"""The job that checks the watched searches. Only the worker imports this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.domain.accounts.tables.searches import SavedSearch
from app.domain.accounts.watching import look
from app.domain.kernel.errors import DomainError
from app.domain.kernel.jobs import JobContext, job


@job("watch_searches")
async def watch_searches(context: JobContext) -> Mapping[str, Any]:
    """Check the searches one by one, each in its own transaction; a second run finds nothing new."""
    ids, changed, blind = [UUID(id) for id in context.payload["searches"]], 0, []
    for done, id in enumerate(ids):
        await context.progress(done, len(ids), unit="searches")
        async with context.transaction() as tx:
            search = await tx.get(SavedSearch, id, lock=True)
            if search is None or not search.watched:
                continue
            try:
                outcome = await look(tx, search)
            except DomainError as refusal:
                # Refused before anything was looked at or written.
                blind.append({"saved_search_id": str(id), "code": refusal.code})
                continue
            changed += bool(outcome.appeared or outcome.disappeared or outcome.changed)
    return {"checked": len(ids) - len(blind), "changed": changed, "refused": blind}
