"""How plans are submitted, reviewed and approved, one or many at once; a fixed number of statements either way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import FieldError
from app.domain.kernel.fields import OptionalComment
from app.domain.kernel.scope import Tx
from app.domain.plans.commands.shared import refuse_any, seen
from app.domain.plans.contract.reviews import (
    ApprovePlans,
    PlansMoved,
    RefusedPlan,
    RequestChangesOfPlans,
    ReviewItem,
    ReviewPlan,
    ReviewPlans,
    SubmitPlans,
)
from app.domain.plans.contract.templates import RubricCriterion
from app.domain.plans.resources.plans import PLAN as PLANS
from app.domain.plans.rules.quality import plan_quality, score_findings
from app.domain.plans.workflow.plans import APPOINTED, PLAN
from app.domain.workflow.history import advance_many, on_move

_BINDINGS = {"org": "cast(:org_id as uuid)", "actor": "cast(:actor as uuid)", "today": "cast(:today as date)"}


@on_move(PLAN, "submit")
async def _open_round(tx: Tx, id: UUID, body: Any) -> None:
    await _open_rounds(tx, [id])


@on_move(PLAN, "review")
async def _score(tx: Tx, id: UUID, body: ReviewPlan) -> None:
    item = ReviewItem(plan_id=id, scores=body.scores, comment=body.comment)
    await _store(tx, await _judged(tx, [item], ""))


@on_move(PLAN, "approve")
async def _replace(tx: Tx, id: UUID, body: OptionalComment) -> None:
    await _take_over_parts(tx, [id])


@command(Kind.COLLECTION, "plan", needs="plans:write", body=SubmitPlans, action="submit-many", result=PlansMoved)
async def submit_plans(tx: Tx, body: SubmitPlans) -> PlansMoved:
    """Submit many of one's plans; those that cannot be submitted are named and stay as they are."""
    done = await _move(tx, "submit", body.plan_ids)
    await _open_rounds(tx, done.moved)
    return done


@command(Kind.COLLECTION, "plan", needs="plans:review", body=ReviewPlans, action="review-many", result=PlansMoved)
async def review_plans(tx: Tx, body: ReviewPlans) -> PlansMoved:
    """Review many plans; a wrong score refuses all, a plan that cannot be reviewed is named and stays as it is."""
    doubled = _doubled([item.plan_id for item in body.reviews])
    refuse_any(FieldError(f"/reviews/{n}/plan_id", "duplicate_key", "The plan stands twice.") for n in doubled)
    visible = await seen(tx, PLANS, [item.plan_id for item in body.reviews])
    judged = await _judged(tx, [item for item in body.reviews if item.plan_id in visible], "/reviews/{n}", body.reviews)
    done = await _move(tx, "review", [item.plan_id for item in body.reviews], visible)
    moved = set(done.moved)
    await _store(tx, [item for item in judged if UUID(item["plan_id"]) in moved])
    return done


@command(Kind.COLLECTION, "plan", needs="plans:approve", body=ApprovePlans, action="approve-many", result=PlansMoved)
async def approve_plans(tx: Tx, body: ApprovePlans) -> PlansMoved:
    """Approve many plans; those below the bar are named with their quality and stay as they are."""
    done = await _move(tx, "approve", body.plan_ids, comment=body.comment)
    await _take_over_parts(tx, done.moved)
    return done


@command(
    Kind.COLLECTION,
    "plan",
    needs="plans:review",
    body=RequestChangesOfPlans,
    action="request-changes-of-many",
    result=PlansMoved,
)
async def request_changes_of_plans(tx: Tx, body: RequestChangesOfPlans) -> PlansMoved:
    """Send many plans back to their owners, saying what to change."""
    return await _move(tx, "request_changes", body.plan_ids, comment=body.comment)


async def _move(
    tx: Tx, action: str, ids: Sequence[UUID], visible: set[UUID] | None = None, comment: str | None = None
) -> PlansMoved:
    """Take one move with the plans that the actor sees, and say which stay and why."""
    wanted = list(dict.fromkeys(ids))
    visible = await seen(tx, PLANS, wanted) if visible is None else visible
    done = await advance_many(tx, PLAN, [id for id in wanted if id in visible], action, comment=comment)
    codes = {**dict.fromkeys((id for id in wanted if id not in visible), "not_found"), **done.refused}
    facts = await tx.rows(
        "select held.id, held.quality, template.minimum_quality from plan held join plan_template template"
        " on template.org_id = held.org_id and template.id = held.template_id"
        " where held.org_id = :org_id and held.id = any(cast(:ids as uuid[]))",
        ids=list(done.refused),
    )
    known = {row["id"]: row for row in facts}
    refused = [
        RefusedPlan(
            plan_id=id,
            code=code,
            quality=known[id]["quality"] if id in known else None,
            minimum_quality=known[id]["minimum_quality"] if id in known else None,
        )
        for id, code in codes.items()
    ]
    return PlansMoved(moved=done.moved, refused=refused)


def _doubled(ids: Sequence[UUID]) -> list[int]:
    return [n for n, id in enumerate(ids) if id in ids[:n]]


async def _judged(
    tx: Tx, items: Sequence[ReviewItem], at: str, whole: Sequence[ReviewItem] = ()
) -> list[dict[str, Any]]:
    """Reviews as they are stored, with their quality; refused where a score does not fit its plan's rubric."""
    rows = await tx.rows(
        "select held.id, template.rubric from plan held join plan_template template"
        " on template.org_id = held.org_id and template.id = held.template_id"
        " where held.org_id = :org_id and held.id = any(cast(:ids as uuid[]))",
        ids=[item.plan_id for item in items],
    )
    rubrics = {row["id"]: [RubricCriterion.model_validate(criterion) for criterion in row["rubric"]] for row in rows}
    places = {item.plan_id: n for n, item in enumerate(whole)}
    refuse_any(
        finding
        for item in items
        for finding in score_findings(rubrics[item.plan_id], item.scores, at.format(n=places.get(item.plan_id)))
    )
    return [
        {**item.model_dump(mode="json"), "quality": str(plan_quality(rubrics[item.plan_id], item.scores))}
        for item in items
    ]


async def _open_rounds(tx: Tx, ids: Iterable[UUID]) -> None:
    """Keep what is submitted; what a former round found does not count for it."""
    moved = list(ids)
    await tx.execute(
        "update plan set review_round = review_round + 1, quality = null, reviewed_by = null, reviewed_at = null"
        " where org_id = :org_id and id = any(cast(:ids as uuid[]))",
        ids=moved,
    )
    await tx.execute(
        "insert into plan_submission (org_id, id, plan_id, round, sections, submitted_by, submitted_at)"
        " select org_id, uuidv7(), id, review_round, sections, submitted_by, submitted_at from plan"
        " where org_id = :org_id and id = any(cast(:ids as uuid[]))",
        ids=moved,
    )


async def _store(tx: Tx, reviews: Sequence[dict[str, Any]]) -> None:
    """Add reviews, and bring the quality of their plans up to date."""
    appointed = APPOINTED.format(row="held", **_BINDINGS)
    await tx.execute(
        "insert into plan_review (org_id, id, plan_id, round, scores, quality, comment, reviewer_id, reviewer_name,"
        " on_behalf_of, reviewed_at) select :org_id, uuidv7(), held.id, held.review_round, given.scores, given.quality,"
        f" given.comment, :actor, :name, nullif({appointed}, cast(:actor as uuid)), :now"
        " from jsonb_to_recordset(cast(:reviews as jsonb))"
        " given(plan_id uuid, scores jsonb, quality numeric, comment text)"
        " join plan held on held.org_id = :org_id and held.id = given.plan_id",
        reviews=to_json(reviews).decode(),
        actor=tx.actor.principal_id,
        name=tx.actor.name,
        today=tx.today,
        now=tx.now,
    )
    # Rounded down, so that a plan below the bar never rounds up to it.
    await tx.execute(
        "update plan held set quality = found.quality from ("
        "   select latest.plan_id, floor(avg(latest.quality) * 1000000) / 1000000 as quality from ("
        "     select distinct on (given.plan_id, coalesce(given.on_behalf_of, given.reviewer_id))"
        "            given.plan_id, given.quality"
        "     from plan_review given join plan reviewed on reviewed.org_id = given.org_id"
        "      and reviewed.id = given.plan_id and reviewed.review_round = given.round"
        "     where given.org_id = :org_id and given.plan_id = any(cast(:ids as uuid[]))"
        "     order by given.plan_id, coalesce(given.on_behalf_of, given.reviewer_id), given.reviewed_at desc,"
        "              given.id desc"
        "   ) latest group by latest.plan_id"
        " ) found where held.org_id = :org_id and held.id = found.plan_id",
        ids=[review["plan_id"] for review in reviews],
    )


async def _take_over_parts(tx: Tx, ids: Iterable[UUID]) -> None:
    """The parts of the version that an approved plan replaces are its parts from now on."""
    await tx.execute(
        "update plan part set parent_id = held.id from plan held where held.org_id = :org_id"
        " and held.id = any(cast(:ids as uuid[])) and part.org_id = :org_id and part.parent_id = held.based_on_id",
        ids=list(ids),
    )
