"""How templates are added, versioned and installed."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import refuse
from app.domain.kernel.fields import Nothing
from app.domain.kernel.scope import Tx
from app.domain.plans.commands.shared import documents, refuse_any, rubric_of, sections_of
from app.domain.plans.contract.templates import (
    CreatePlanTemplate,
    InstalledTemplate,
    InstalledTemplates,
    UpdatePlanTemplate,
)
from app.domain.plans.rules.content import template_findings
from app.domain.plans.tables.plans import PlanTemplate
from app.domain.plans.templates import shipped


@command(Kind.CREATE, "plan_template", needs="plan_templates:write", body=CreatePlanTemplate)
async def create_plan_template(tx: Tx, body: CreatePlanTemplate) -> UUID:
    """Add a template; under a code that exists it becomes the next version."""
    refuse_any(template_findings(body.sections, body.rubric))
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
        sections=documents(body.sections),
        rubric=documents(body.rubric),
        **body.model_dump(exclude={"sections", "rubric"}),
    )
    return (await tx.add(row)).id


@command(Kind.UPDATE, "plan_template", needs="plan_templates:write", body=UpdatePlanTemplate)
async def update_plan_template(tx: Tx, id: UUID, body: UpdatePlanTemplate) -> None:
    """Change a template that no plan uses yet; one in use gets a new version instead."""
    row = await tx.require(PlanTemplate, id)
    if await tx.value("select 1 from plan where org_id = :org_id and template_id = :id limit 1", id=id):
        raise refuse(
            "immutable",
            "Plans use this template, and keep it as it is: create its next version under the same code.",
            template_version=row.template_version,
        )
    for name in body.model_fields_set:
        if getattr(body, name) is None:
            raise refuse("invalid_input", f"A template has {name}.", pointer=f"/{name}")
    merge(row, body, skip=frozenset({"sections", "rubric"}))
    sections, rubric = body.sections or sections_of(row), body.rubric or rubric_of(row)
    refuse_any(template_findings(sections, rubric))
    row.sections, row.rubric = documents(sections), documents(rubric)


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
