"""How plans come into the library of exemplary ones, and how one starts from them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.domain.kernel.errors import refuse
from app.domain.kernel.scope import Tx
from app.domain.plans.commands.shared import sections_of
from app.domain.plans.contract.library import MarkPlanExemplary
from app.domain.plans.contract.templates import TemplateSection
from app.domain.plans.queries import SHARED_TYPES
from app.domain.plans.tables.plans import Plan, PlanTemplate
from app.domain.plans.workflow.plans import PLAN
from app.domain.workflow.history import on_move


@on_move(PLAN, "mark_exemplary")
async def _put_into_library(tx: Tx, id: UUID, body: MarkPlanExemplary) -> None:
    row = await tx.require(Plan, id, lock=True)
    row.exemplary_at, row.exemplary_by, row.exemplary_reason = tx.now, tx.actor.principal_id, body.reason


@on_move(PLAN, "unmark_exemplary")
async def _take_out_of_library(tx: Tx, id: UUID, body: Any) -> None:
    row = await tx.require(Plan, id, lock=True)
    row.exemplary_at = row.exemplary_by = row.exemplary_reason = None


async def beginning_of(tx: Tx, id: UUID, sections: Iterable[TemplateSection]) -> dict[str, Any]:
    """What a plan begins with that starts from an exemplary one: its shared sections that the template has alike."""
    model = await tx.get(Plan, id)
    if model is None or model.exemplary_at is None:
        raise refuse("unknown_reference", f"There is no exemplary plan {id}.", pointer="/started_from_id")
    theirs = {section.key: section for section in sections_of(await tx.require(PlanTemplate, model.template_id))}
    return {
        section.key: model.sections[section.key]
        for section in sections
        if section.type in SHARED_TYPES and section.key in model.sections and _alike(section, theirs[section.key])
    }


def _alike(section: TemplateSection, other: TemplateSection) -> bool:
    """Whether what one holds fits the other."""
    return section.type == other.type and section.columns == other.columns
