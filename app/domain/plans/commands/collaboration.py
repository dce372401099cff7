"""How sections are given to contributors, reviewers appointed, reviews delegated, and comments made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.permissions import Role, permissions_of
from app.domain.kernel.scope import Tx
from app.domain.plans.commands.shared import refuse_unless_leading, refuse_unless_writable
from app.domain.plans.contract.collaboration import CreatePlanComment, CreatePlanContributor
from app.domain.plans.contract.reviews import CreatePlanReviewer, CreateReviewDelegation
from app.domain.plans.tables.collaboration import PlanComment, PlanContributor, PlanReviewer, ReviewDelegation
from app.domain.plans.tables.plans import Plan, PlanTemplate
from app.domain.plans.workflow.comments import PLAN_COMMENT
from app.domain.plans.workflow.plans import APPROVED, ARCHIVED, REJECTED
from app.domain.workflow.history import begin


@command(Kind.CREATE, "plan_contributor", needs="plans:write", body=CreatePlanContributor)
async def create_plan_contributor(tx: Tx, body: CreatePlanContributor) -> UUID:
    """Ask somebody, of whatever function, to write a section: it sees the plan, and nobody else writes the section."""
    row = await _plan(tx, body.plan_id)
    refuse_unless_writable(row)
    await refuse_unless_leading(tx, row)
    await _require_section(tx, row, body.section)
    await tx.visible("principal", body.principal_id, pointer="/principal_id")
    if "plans:read" not in await _permissions(tx, body.principal_id):
        detail = "Its role does not allow to read plans."
        raise refuse("invalid_input", detail, pointer="/principal_id")
    await _refuse_both(tx, "plan_reviewer", body)
    return (await tx.add(PlanContributor(org_id=tx.org_id, **body.model_dump()))).id


@command(Kind.DELETE, "plan_contributor", needs="plans:write")
async def delete_plan_contributor(tx: Tx, id: UUID, body: Any) -> None:
    """Give a section back to the plan's owner; what was written stays."""
    row = await tx.require(PlanContributor, id)
    plan = await _plan(tx, row.plan_id)
    refuse_unless_writable(plan)
    await refuse_unless_leading(tx, plan)
    await tx.session.delete(row)


@command(Kind.CREATE, "plan_reviewer", needs="plans:review", body=CreatePlanReviewer)
async def create_plan_reviewer(tx: Tx, body: CreatePlanReviewer) -> UUID:
    """Appoint a reviewer: with one or several appointed, these alone review the plan, and all of them must."""
    row = await _plan(tx, body.plan_id)
    await _refuse_own(tx, row)
    await tx.visible("principal", body.principal_id, pointer="/principal_id")
    await _require_reviewer(tx, body.principal_id, "/principal_id")
    seller = await tx.value("select seller_id from principal where org_id = :org_id and id = :id", id=body.principal_id)
    if seller == row.owner_id:
        raise refuse("four_eyes", pointer="/principal_id")
    await _refuse_both(tx, "plan_contributor", body)
    return (await tx.add(PlanReviewer(org_id=tx.org_id, **body.model_dump()))).id


@command(Kind.DELETE, "plan_reviewer", needs="plans:review")
async def delete_plan_reviewer(tx: Tx, id: UUID, body: Any) -> None:
    """Take a reviewer off a plan; reviews given stay."""
    row = await tx.require(PlanReviewer, id)
    await _refuse_own(tx, await _plan(tx, row.plan_id))
    await tx.session.delete(row)


@command(Kind.CREATE, "review_delegation", needs="plans:review", body=CreateReviewDelegation)
async def create_review_delegation(tx: Tx, body: CreateReviewDelegation) -> UUID:
    """Let somebody review in one's place for a time; who sees the whole organisation may do so for others."""
    if body.from_principal_id != tx.actor.principal_id and not tx.actor.sees_all_rows:
        raise refuse("not_concerned", "Only one's own reviews can be delegated.", pointer="/from_principal_id")
    if body.to_principal_id == body.from_principal_id:
        raise refuse("invalid_input", "Nobody stands in for itself.", pointer="/to_principal_id")
    if body.effective_to is not None and body.effective_to <= body.effective_from:
        raise refuse("invalid_input", "It ends after it begins; `effective_to` is exclusive.", pointer="/effective_to")
    for field in ("from_principal_id", "to_principal_id"):
        await tx.visible("principal", getattr(body, field), pointer=f"/{field}")
        await _require_reviewer(tx, getattr(body, field), f"/{field}")
    return (await tx.add(ReviewDelegation(org_id=tx.org_id, **body.model_dump()))).id


@command(Kind.DELETE, "review_delegation", needs="plans:review")
async def delete_review_delegation(tx: Tx, id: UUID, body: Any) -> None:
    """End a delegation; reviews given stay."""
    row = await tx.require(ReviewDelegation, id)
    if row.from_principal_id != tx.actor.principal_id and not tx.actor.sees_all_rows:
        raise refuse("not_concerned")
    await tx.session.delete(row)


@command(Kind.CREATE, "plan_comment", needs="plans:read", body=CreatePlanComment)
async def create_plan_comment(tx: Tx, body: CreatePlanComment) -> UUID:
    """Comment on a section of a plan one sees."""
    row = await _plan(tx, body.plan_id)
    await _require_section(tx, row, body.section)
    comment = PlanComment(
        org_id=tx.org_id, author_id=tx.actor.principal_id, author_name=tx.actor.name, **body.model_dump()
    )
    await tx.add(comment)
    await begin(tx, PLAN_COMMENT, comment.id)
    return comment.id


async def _plan(tx: Tx, id: UUID) -> Plan:
    """The plan, locked, if the actor sees it."""
    await tx.visible("plan", id, pointer="/plan_id", lock=True)
    return await tx.require(Plan, id)


async def _require_section(tx: Tx, row: Plan, key: str) -> None:
    template = await tx.require(PlanTemplate, row.template_id)
    if key not in {section["key"] for section in template.sections}:
        raise refuse("unknown_reference", f"The plan's template has no section {key!r}.", pointer="/section")


async def _refuse_own(tx: Tx, row: Plan) -> None:
    """Who reviews a plan is not for its owner to say, nor for who merely writes or reviews it."""
    if row.state in (APPROVED, ARCHIVED, REJECTED):
        raise refuse("immutable", f"Nobody reviews a plan in state {row.state}.", state=row.state)
    if row.owner_id == tx.actor.seller_id:
        raise refuse("four_eyes")
    await refuse_unless_leading(tx, row)


async def _refuse_both(tx: Tx, table: str, body: CreatePlanContributor | CreatePlanReviewer) -> None:
    """Nobody writes a part of a plan and reviews it."""
    found = await tx.value(
        f"select 1 from {table} where org_id = :org_id and plan_id = :plan and principal_id = :id limit 1",
        plan=body.plan_id,
        id=body.principal_id,
    )
    if found:
        raise refuse("four_eyes", "It writes a part of the plan, or reviews it, already.", pointer="/principal_id")


async def _require_reviewer(tx: Tx, id: UUID, pointer: str) -> None:
    if "plans:review" not in await _permissions(tx, id):
        raise refuse("reviewer_cannot_review", pointer=pointer)


async def _permissions(tx: Tx, principal_id: UUID) -> frozenset[str]:
    """What a principal may do by its roles; nothing when it is not active."""
    roles = await tx.value(
        "select roles from principal where org_id = :org_id and id = :id and active", id=principal_id
    )
    return permissions_of(frozenset(Role(role) for role in roles or ()))
