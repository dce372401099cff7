"""The job that scores every account on a scorecard. Only the worker imports this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from app.domain.accounts.contract.scorecards import ClassThresholds, CriterionFields, ScorecardState
from app.domain.accounts.scoring import period, score_statement
from app.domain.accounts.tables.scorecards import Scorecard
from app.domain.kernel.errors import refuse
from app.domain.kernel.jobs import JobContext, job
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
        sql, bound = score_statement(criteria, classes)
        currency = await reporting_currency(tx)
        await tx.execute(_ONE_LONG_STATEMENT)
        (found,) = await tx.rows(sql, scorecard=scorecard, currency=currency, **period(tx.today), **bound)
        row.scored_at = tx.now
        tx.emit("scorecard.scored", "scorecard", scorecard, **found)
    return {"scorecard_id": str(scorecard), **found, "path": f"/v1/account-scores?scorecard_id={scorecard}"}
