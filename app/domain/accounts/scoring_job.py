"""The job that scores every account on a scorecard. Only the worker imports this."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from app.domain.accounts.contract.scorecards import ClassThresholds, CriterionFields, ScorecardState
from app.domain.accounts.scoring import period, score_statement
from app.domain.accounts.tables.scorecards import Scorecard
from app.domain.kernel.errors import refuse
from app.domain.kernel.jobs import JobContext, job
from app.domain.kernel.scope import Tx
from app.domain.organisation.queries import reporting_currency

# It may take longer than a request, and sorts all accounts in memory; compiling its many expressions would take longer
# than it saves.
_ONE_LONG_STATEMENT = (
    "select set_config('statement_timeout', '0', true), set_config('work_mem', '128MB', true),"
    " set_config('jit', 'off', true)"
)

_CRITERIA = TypeAdapter(list[CriterionFields])
_CLASSES = TypeAdapter(ClassThresholds)


@job("score_accounts")
async def score_accounts(context: JobContext) -> Mapping[str, Any]:
    """Score all accounts in one transaction: scores change together, or not at all."""
    scorecard = UUID(context.payload["scorecard_id"])
    async with context.transaction() as tx:
        total = await tx.value("select count(*) from account where org_id = :org_id")
    await context.progress(0, total, unit="accounts", message="scoring")
    async with context.transaction() as tx:
        row = await tx.require(Scorecard, scorecard, lock=True)
        if row.state == ScorecardState.RETIRED:
            raise refuse("scorecard_retired", state=row.state)
        criteria, classes = _CRITERIA.validate_python(row.criteria), _CLASSES.validate_python(row.classes)
        found = await score_all(tx, scorecard, criteria, classes)
        row.scored_at = tx.now
        tx.emit("scorecard.scored", "scorecard", scorecard, **found)
    return {"scorecard_id": str(scorecard), **found, "path": f"/v1/account-scores?scorecard_id={scorecard}"}


async def score_all(
    tx: Tx, scorecard: UUID, criteria: Sequence[CriterionFields], classes: ClassThresholds
) -> dict[str, int]:
    """Score all accounts; returns how many there are, and of how many the score is new or another.

    The caller holds the scorecard locked, so nobody else adds a score of it between comparison and insertion.
    """
    segments = await tx.rows("select * from segment where org_id = :org_id order by code")
    sql, bound = score_statement(criteria, classes, segments)
    currency = await reporting_currency(tx)
    await tx.execute(_ONE_LONG_STATEMENT)
    (found,) = await tx.rows(sql, scorecard=scorecard, currency=currency, **period(tx.today), **bound)
    return dict(found)
