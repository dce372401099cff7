"""What can be asked of plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, FieldError, define, refuse
from app.domain.kernel.fields import Nothing
from app.domain.kernel.scope import Tx
from app.domain.plans.contract import (
    CreatePlan,
    CreatePlanTemplate,
    InstalledTemplate,
    InstalledTemplates,
    ReviewPlan,
    RubricCriterion,
    SectionType,
    TemplateSection,
    UpdatePlan,
    UpdatePlanTemplate,
)
from app.domain.plans.rules import (
    completeness,
    plan_quality,
    read_sections,
    score_findings,
    subject_findings,
    template_findings,
)
from app.domain.plans.tables import Plan, PlanReview, PlanTemplate
from app.domain.plans.templates import shipped
from app.domain.plans.workflow import PLAN, WRITABLE
from app.domain.workflow.history import begin, on_move

define(
    "sections_incomplete",
    Conflict,
    "Required sections of the plan are empty",
    "Des sections obligatoires du plan sont vides",
    "Fill every required section; `completeness` is 1 then.",
)
define(
    "quality_below_bar",
    Conflict,
    "The plan's quality is below the bar of its template",
    "La qualité du plan est sous la barre de son modèle",
    "Request changes, or review it again after it was improved.",
)
define(
    "already_revised",
    Conflict,
    "The plan has a newer version already",
    "Le plan a déjà une version plus récente",
    "Work on the newer version; see the plans whose `based_on_id` is this one.",
)

_KEPT = (
    "template_id",
    "kind",
    "title",
    "owner_id",
    "period_id",
    "account_id",
    "territory_id",
    "content",
    "completeness",
)
"""What a new version of a plan begins with."""


@command(Kind.CREATE, "plan_template", needs="plan_templates:write", body=CreatePlanTemplate)
async def create_plan_template(tx: Tx, body: CreatePlanTemplate) -> UUID:
    """Add a template; under a code that exists it becomes the next version."""
    _refuse_any(template_findings(body.sections, body.rubric))
    # Two callers with one code wait for each other.
    lock = f"{tx.org_id}/plan_template/{body.code}"
    await tx.value("select pg_advisory_xact_lock(hashtextextended(:key, 0))", key=lock)
    latest = await tx.rows(
        "select kind, template_version from plan_template where org_id = :org_id and code = :code"
        " order by template_version desc limit 1",
        code=body.code,
    )
    if latest and latest[0]["kind"] != body.kind:
        detail = f"{body.code} is a template of the kind {latest[0]['kind']}."
        raise refuse("already_exists", detail, pointer="/code")
    row = PlanTemplate(
        org_id=tx.org_id,
        template_version=latest[0]["template_version"] + 1 if latest else 1,
        sections=_documents(body.sections),
        rubric=_documents(body.rubric),
        **body.model_dump(exclude={"sections", "rubric"}),
    )
    return (await tx.add(row)).id


@command(Kind.UPDATE, "plan_template", needs="plan_templates:write", body=UpdatePlanTemplate)
async def update_plan_template(tx: Tx, id: UUID, body: UpdatePlanTemplate) -> None:
    """Change a template that no plan uses yet; one in use gets a new version instead."""
    row = await tx.require(PlanTemplate, id)
    if await tx.value("select 1 from plan where org_id = :org_id and template_id = :id limit 1", id=id):
        raise refuse("immutable", "Plans use this template: create its next version under the same code.")
    for name in body.model_fields_set:
        if getattr(body, name) is None:
            raise refuse("invalid_input", f"A template has {name}.", pointer=f"/{name}")
    merge(row, body, skip=frozenset({"sections", "rubric"}))
    sections = body.sections or _sections(row)
    rubric = body.rubric or _rubric(row)
    _refuse_any(template_findings(sections, rubric))
    row.sections, row.rubric = _documents(sections), _documents(rubric)


@command(
    Kind.COLLECTION,
    "plan_template",
    needs="plan_templates:write",
    action="install-shipped",
    result=InstalledTemplates,
    event="plan_template.installed",
)
async def install_plan_templates(tx: Tx, body: Nothing) -> InstalledTemplates:
    """Install the shipped templates whose codes are not there yet; repeating it changes nothing."""
    found = []
    for template in shipped():
        known = await tx.value(
            "select id from plan_template where org_id = :org_id and code = :code"
            " order by template_version desc limit 1",
            code=template.code,
        )
        id = known or await create_plan_template(tx, template)
        found.append(InstalledTemplate(id=id, kind=template.kind, code=template.code, created=known is None))
    return InstalledTemplates(templates=found)


@command(Kind.CREATE, "plan", needs="plans:write", body=CreatePlan)
async def create_plan(tx: Tx, body: CreatePlan) -> UUID:
    """Start a plan from a template, for oneself or for a seller of one's reporting line."""
    # The lock keeps the template as it is until the plan that uses it is stored.
    await tx.visible("plan_template", body.template_id, pointer="/template_id", lock=True)
    template = await tx.require(PlanTemplate, body.template_id)
    _refuse_any(subject_findings(template.kind, body.account_id, body.territory_id))
    owner_id = body.owner_id or tx.actor.seller_id
    if owner_id is None:
        raise refuse("invalid_input", "You are no seller: say whose plan it is.", pointer="/owner_id")
    await tx.visible("seller", owner_id, pointer="/owner_id")
    await tx.visible("fiscal_period", body.period_id, pointer="/period_id")
    if body.account_id:
        await tx.visible("account", body.account_id, pointer="/account_id")
    if body.territory_id:
        await tx.visible("territory", body.territory_id, pointer="/territory_id")
    content = await _written(tx, template, {}, body.sections)
    row = Plan(
        org_id=tx.org_id,
        kind=template.kind,
        owner_id=owner_id,
        content=content,
        completeness=completeness(_sections(template), content),
        **body.model_dump(exclude={"owner_id", "sections"}),
    )
    await tx.add(row)
    await begin(tx, PLAN, row.id)
    return row.id


@command(Kind.UPDATE, "plan", needs="plans:write", body=UpdatePlan)
async def update_plan(tx: Tx, id: UUID, body: UpdatePlan) -> None:
    """Write a draft: the sections named are replaced, those set to null are emptied, the rest stays."""
    row = await tx.require(Plan, id)
    if row.state not in WRITABLE:
        raise refuse("immutable", f"A plan cannot be written in state {row.state}.", state=row.state)
    if "title" in body.model_fields_set:
        if body.title is None:
            raise refuse("invalid_input", "A plan has a title.", pointer="/title")
        row.title = body.title
    if body.sections:
        template = await tx.require(PlanTemplate, row.template_id)
        row.content = await _written(tx, template, row.content, body.sections)
        row.completeness = completeness(_sections(template), row.content)


@on_move(PLAN, "submit")
async def _reopen_review(tx: Tx, id: UUID, body: Any) -> None:
    """What a former round found does not count for what is submitted now."""
    await tx.execute(
        "update plan set quality = null, reviewed_by = null, reviewed_at = null where org_id = :org_id and id = :id",
        id=id,
    )


@on_move(PLAN, "review")
async def _score(tx: Tx, id: UUID, body: ReviewPlan) -> None:
    row = await tx.require(Plan, id, lock=True)
    rubric = _rubric(await tx.require(PlanTemplate, row.template_id))
    _refuse_any(score_findings(rubric, body.scores))
    row.quality = plan_quality(rubric, body.scores)
    review = PlanReview(
        org_id=tx.org_id,
        plan_id=id,
        scores=_documents(body.scores),
        quality=row.quality,
        comment=body.comment,
        reviewer_id=tx.actor.principal_id,
        reviewer_name=tx.actor.name,
        reviewed_at=tx.now,
    )
    await tx.add(review)


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


async def _written(
    tx: Tx, template: PlanTemplate, present: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """The present content with the given sections in place of theirs, in the order of the template."""
    sections = _sections(template)
    read, findings = read_sections(sections, given)
    _refuse_any(findings)
    types = {section.key: section.type for section in sections}
    for key, value in read.items():
        if value and types[key] is SectionType.ACCOUNTS:
            for n, account_id in enumerate(value):
                await tx.visible("account", UUID(account_id), pointer=f"/sections/{key}/{n}")
        elif value and types[key] is SectionType.MEASURES:
            await _require_periods(tx, key, value)
    merged = {**present, **read}
    return {section.key: merged[section.key] for section in sections if merged.get(section.key) is not None}


async def _require_periods(tx: Tx, key: str, codes: Iterable[str]) -> None:
    found = await tx.rows(
        "select code from fiscal_period where org_id = :org_id and code = any(cast(:codes as text[]))",
        codes=list(codes),
    )
    unknown = sorted(set(codes) - {row["code"] for row in found})
    _refuse_any(
        FieldError(f"/sections/{key}/{code}", "unknown_reference", f"There is no fiscal period {code!r}.")
        for code in unknown
    )


def _refuse_any(findings: Iterable[FieldError]) -> None:
    if errors := tuple(findings):
        raise refuse("invalid_input", errors=errors)


def _sections(template: PlanTemplate) -> list[TemplateSection]:
    return [TemplateSection.model_validate(section) for section in template.sections]


def _rubric(template: PlanTemplate) -> list[RubricCriterion]:
    return [RubricCriterion.model_validate(criterion) for criterion in template.rubric]


def _documents(models: Sequence[Any]) -> list[dict[str, Any]]:
    return [model.model_dump(mode="json") for model in models]
