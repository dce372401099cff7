"""What scorecards can be asked to do, and how accounts are rated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.domain.accounts.commands.shared import refuse_all
from app.domain.accounts.contract.scorecards import (
    ClassThresholds,
    CreateScorecard,
    CriterionFields,
    RateAccount,
    ScorecardState,
    UpdateScorecard,
)
from app.domain.accounts.scorecard_rules import INVALID, findings
from app.domain.accounts.tables.scorecards import AccountRating, Scorecard
from app.domain.accounts.workflow.scorecards import SCORECARD
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, Invalid, define, refuse
from app.domain.kernel.jobs import enqueue
from app.domain.kernel.scope import Tx
from app.domain.workflow.history import advance, begin, on_move

define(
    INVALID,
    Invalid,
    "The scorecard does not hold together",
    "La grille d'évaluation est incohérente",
    "Correct the listed places: bands and class thresholds in order, each method with its own terms, codes unique.",
)
define(
    "scorecard_retired",
    Conflict,
    "The scorecard is retired",
    "La grille d'évaluation est retirée",
    "Score with the published version, or revise this one.",
)
define(
    "unknown_criterion",
    Invalid,
    "No scorecard asks for this rating",
    "Aucune grille d'évaluation ne demande cette note",
    "Use the code of a qualitative criterion of a scorecard that is not retired.",
)


@command(Kind.CREATE, "scorecard", needs="scorecards:write", body=CreateScorecard)
async def create_scorecard(tx: Tx, body: CreateScorecard) -> UUID:
    """Define a scorecard as one document; it begins as the draft of its first version."""
    refuse_all(findings(body.criteria, body.classes))
    return await _begin(tx, code=body.code, version=1, **_documents(body.name, body.criteria, body.classes))


@command(Kind.UPDATE, "scorecard", needs="scorecards:write", body=UpdateScorecard)
async def update_scorecard(tx: Tx, id: UUID, body: UpdateScorecard) -> None:
    """Change a draft. What accounts scored on it before is discarded when its criteria or classes change."""
    row = await tx.require(Scorecard, id)
    if row.state != ScorecardState.DRAFT:
        raise refuse("immutable", f"A scorecard that is {row.state} is not changed; revise it.", state=row.state)
    merge(row, body, skip=frozenset({"criteria", "classes"}))
    for name in ("criteria", "classes"):
        if name in body.model_fields_set and getattr(body, name) is None:
            raise refuse("invalid_input", f"{name} cannot be removed.", pointer=f"/{name}")
    if body.criteria is None and body.classes is None:
        return
    criteria = body.criteria or [CriterionFields.model_validate(item) for item in row.criteria]
    classes = body.classes or ClassThresholds.model_validate(row.classes)
    refuse_all(findings(criteria, classes))
    for name, value in _documents(row.name, criteria, classes).items():
        setattr(row, name, value)
    if row.scored_at is not None:
        row.scored_at = None
        await tx.execute("delete from account_score where org_id = :org_id and scorecard_id = :id", id=id)


@command(Kind.ACTION, "scorecard", needs="scorecards:write", action="score", answers="job", unversioned=True)
async def score_accounts(tx: Tx, id: UUID, _: object) -> UUID:
    """Score every account on the scorecard as they are now; answers with the job that does it.

    A draft may be scored to see what it would come to.
    """
    row = await tx.require(Scorecard, id)
    if row.state == ScorecardState.RETIRED:
        raise refuse("scorecard_retired", state=row.state)
    job = await enqueue(tx, "score_accounts", {"scorecard_id": str(id)}, needs="scorecards:write")
    tx.emit("scorecard.scoring_asked", "scorecard", id, job_id=str(job))
    return job


@command(Kind.CREATE, "account_rating", needs="accounts:write", body=RateAccount)
async def rate_account(tx: Tx, body: RateAccount) -> UUID:
    """Rate an account on a qualitative criterion; it counts from the next scoring on."""
    await tx.visible("account", body.account_id, pointer="/account_id")
    known = await tx.value(
        "select 1 from scorecard where org_id = :org_id and state <> 'retired'"
        " and criteria @> jsonb_build_array(jsonb_build_object('code', cast(:code as text), 'kind', 'qualitative'))",
        code=body.criterion,
    )
    if not known:
        raise refuse(
            "unknown_criterion", f"No scorecard has a qualitative criterion {body.criterion}.", pointer="/criterion"
        )
    row = AccountRating(
        org_id=tx.org_id,
        rated_at=tx.now,
        actor_id=tx.actor.principal_id,
        actor_name=tx.actor.name,
        **body.model_dump(),
    )
    return (await tx.add(row)).id


@on_move(SCORECARD, "publish")
async def _retire_the_former(tx: Tx, id: UUID, _: Any) -> None:
    """One version of a code is published; whoever publishes another at the same time waits."""
    code = (await tx.require(Scorecard, id)).code
    await _lock(tx, code)
    former = await tx.rows(
        "select id from scorecard where org_id = :org_id and code = :code and state = 'published' and id <> :id",
        code=code,
        id=id,
    )
    for row in former:
        await advance(tx, SCORECARD, row["id"], "retire")


@on_move(SCORECARD, "revise")
async def _revise(tx: Tx, id: UUID, _: Any) -> UUID:
    old = await tx.require(Scorecard, id)
    await _lock(tx, old.code)
    newest = await tx.value(
        "select max(scorecard_version) from scorecard where org_id = :org_id and code = :code", code=old.code
    )
    return await _begin(
        tx, code=old.code, version=newest + 1, name=old.name, criteria=old.criteria, classes=old.classes
    )


async def _begin(tx: Tx, *, code: str, version: int, **said: Any) -> UUID:
    row = Scorecard(
        org_id=tx.org_id, code=code, scorecard_version=version, state=ScorecardState(SCORECARD.initial), **said
    )
    await tx.add(row)
    await begin(tx, SCORECARD, row.id)
    return row.id


async def _lock(tx: Tx, code: str) -> None:
    """One change at a time of which version of a code there is or counts."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('scorecard ' || cast(:org_id as uuid) || :code, 0))", code=code
    )


def _documents(name: str, criteria: Sequence[CriterionFields], classes: ClassThresholds) -> dict[str, Any]:
    return {
        "name": name,
        "criteria": [criterion.model_dump(mode="json") for criterion in criteria],
        "classes": classes.model_dump(mode="json"),
    }
