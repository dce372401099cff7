"""How plans are started, written, compared and revised."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Tx
from app.domain.plans.commands.content import write, written
from app.domain.plans.commands.library import beginning_of
from app.domain.plans.commands.prefill import prefill
from app.domain.plans.commands.shared import refuse_any, refuse_unless_leading, refuse_unless_writable, sections_of
from app.domain.plans.contract.collaboration import ContributeToPlan
from app.domain.plans.contract.plans import ComparePlan, CreatePlan, PlanDifference, PrefillPlan, UpdatePlan
from app.domain.plans.rules.content import completeness, subject_findings
from app.domain.plans.rules.difference import changes, readable
from app.domain.plans.tables.plans import Plan, PlanTemplate
from app.domain.plans.workflow.plans import PLAN
from app.domain.workflow.history import begin, on_move

_KEPT = (
    "template_id",
    "kind",
    "title",
    "owner_id",
    "period_id",
    "account_id",
    "territory_id",
    "parent_id",
    "sections",
    "completeness",
)
"""What a new version of a plan begins with."""


@command(Kind.CREATE, "plan", needs="plans:write", body=CreatePlan)
async def create_plan(tx: Tx, body: CreatePlan) -> UUID:
    """Start a plan from a template, for oneself or for a seller of one's reporting line."""
    # The lock keeps the template as it is until the plan that uses it is stored.
    await tx.visible("plan_template", body.template_id, pointer="/template_id", lock=True)
    template = await tx.require(PlanTemplate, body.template_id)
    refuse_any(subject_findings(template.kind, body.account_id, body.territory_id))
    owner_id = body.owner_id or tx.actor.seller_id
    if owner_id is None:
        raise refuse("invalid_input", "You are no seller: say whose plan it is.", pointer="/owner_id")
    await tx.visible("seller", owner_id, pointer="/owner_id")
    await tx.visible("fiscal_period", body.period_id, pointer="/period_id")
    if body.account_id:
        await tx.visible("account", body.account_id, pointer="/account_id")
    if body.territory_id:
        await tx.visible("territory", body.territory_id, pointer="/territory_id")
    sections = sections_of(template)
    begun = await beginning_of(tx, body.started_from_id, sections) if body.started_from_id else {}
    content = await written(tx, sections, begun, body.sections)
    row = Plan(
        org_id=tx.org_id,
        kind=template.kind,
        owner_id=owner_id,
        sections=content,
        completeness=completeness(sections, content),
        **body.model_dump(exclude={"owner_id", "sections"}),
    )
    await tx.add(row)
    await begin(tx, PLAN, row.id)
    return row.id


@command(Kind.UPDATE, "plan", needs="plans:write", body=UpdatePlan)
async def update_plan(tx: Tx, id: UUID, body: UpdatePlan) -> None:
    """Write a draft: the sections named are replaced, those set to null are emptied, the rest stays."""
    row = await tx.require(Plan, id)
    refuse_unless_writable(row)
    if "title" in body.model_fields_set:
        if body.title is None:
            raise refuse("invalid_input", "A plan has a title.", pointer="/title")
        await refuse_unless_leading(tx, row)
        row.title = body.title
    if body.sections:
        await write(tx, row, sections_of(await tx.require(PlanTemplate, row.template_id)), body.sections)


@command(Kind.ACTION, "plan", needs="plans:read", body=ContributeToPlan, action="contribute")
async def contribute_to_plan(tx: Tx, id: UUID, body: ContributeToPlan) -> None:
    """Write the sections one was asked to contribute, whatever one's function."""
    row = await tx.require(Plan, id)
    refuse_unless_writable(row)
    asked = await tx.rows(
        "select section from plan_contributor where org_id = :org_id and plan_id = :id and principal_id = :me",
        id=id,
        me=tx.actor.principal_id,
    )
    mine = {found["section"] for found in asked}
    for key in body.sections:
        if key not in mine:
            raise refuse("section_of_contributor", pointer=f"/sections/{key}")
    await write(tx, row, sections_of(await tx.require(PlanTemplate, row.template_id)), body.sections)


@command(Kind.ACTION, "plan", needs="plans:write", body=PrefillPlan, action="prefill")
async def prefill_plan(tx: Tx, id: UUID, body: PrefillPlan) -> None:
    """Fill a draft's sections from accounts, whitespace, contacts and cadence, as its owner sees them today."""
    row = await tx.require(Plan, id)
    refuse_unless_writable(row)
    sections = sections_of(await tx.require(PlanTemplate, row.template_id))
    sources = {section.key: section for section in sections if section.source}
    for n, key in enumerate(body.sections):
        if key not in sources:
            detail = f"The template names no source for a section {key!r}."
            raise refuse("invalid_input", detail, pointer=f"/sections/{n}")
    wanted = [sources[key] for key in body.sections] or [s for s in sources.values() if not row.sections.get(s.key)]
    found = (await prefill(tx, [id], wanted)).get(id, {})
    given: dict[str, Any] = {section.key: found.get(section.key) for section in wanted}
    await write(tx, row, sections, given)


@command(
    Kind.ACTION, "plan", needs="plans:read", body=ComparePlan, action="compare", result=PlanDifference, unversioned=True
)
async def compare_plan(tx: Tx, id: UUID, body: ComparePlan) -> PlanDifference:
    """Say what changed since another plan, an earlier version or an earlier submission; changes nothing."""
    row = await tx.require(Plan, id)
    other_id = body.with_plan_id or (id if body.with_round else row.based_on_id)
    if other_id is None:
        raise refuse("invalid_input", "It is a first version: say what to compare it with.", pointer="/with_plan_id")
    await tx.visible("plan", other_id, pointer="/with_plan_id")
    other = await tx.require(Plan, other_id)
    if other.kind != row.kind:
        raise refuse("invalid_input", f"That is a plan of the kind {other.kind}.", pointer="/with_plan_id")
    before = await _submitted(tx, other_id, body.with_round) if body.with_round else other.sections
    sections = sections_of(await tx.require(PlanTemplate, row.template_id))
    known = {section.key for section in sections}
    former = sections_of(await tx.require(PlanTemplate, other.template_id))
    sections += [section for section in former if section.key not in known]
    found = changes(sections, before, row.sections)
    return PlanDifference(
        plan_id=id,
        with_plan_id=other_id,
        with_round=body.with_round,
        changes=found,
        text=readable(sections, found),
    )


async def _submitted(tx: Tx, plan_id: UUID, round_: int) -> dict[str, Any]:
    found = await tx.rows(
        "select sections from plan_submission where org_id = :org_id and plan_id = :plan and round = :round",
        plan=plan_id,
        round=round_,
    )
    if not found:
        raise refuse("unknown_reference", f"The plan was not submitted {round_} times.", pointer="/with_round")
    return dict(found[0]["sections"])


@on_move(PLAN, "revise")
async def _next_version(tx: Tx, id: UUID, body: Any) -> UUID:
    """Copy the approved plan into a new draft, which is what the move answers with."""
    row = await tx.require(Plan, id, lock=True)
    latest = await tx.value(
        "select max(plan_version) from plan where org_id = :org_id and (id = :id or based_on_id = :id)", id=id
    )
    copy = Plan(
        org_id=tx.org_id, plan_version=latest + 1, based_on_id=id, **{name: getattr(row, name) for name in _KEPT}
    )
    await tx.add(copy)
    await begin(tx, PLAN, copy.id)
    return copy.id
