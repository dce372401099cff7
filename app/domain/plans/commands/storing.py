"""How many plans are stored at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from app.domain.kernel.scope import Tx
from app.domain.plans.contract.templates import TemplateSection
from app.domain.plans.rules.content import completeness
from app.domain.plans.workflow.plans import PLAN
from app.domain.workflow.history import begin_many


async def add_drafts(tx: Tx, template_id: UUID, period_id: UUID, drafts: Sequence[Mapping[str, Any]]) -> None:
    """Add empty drafts: `id`, `title`, `owner_id` and what each is about, belongs to or is a part of."""
    await tx.execute(
        "insert into plan (org_id, id, template_id, kind, title, owner_id, period_id, account_id, territory_id,"
        " campaign_id, parent_id, plan_version, state, sections, completeness)"
        " select :org_id, given.id, template.id, template.kind, left(given.title, 200), given.owner_id, :period,"
        " given.account_id, given.territory_id, given.campaign_id, given.parent_id, 1, 'draft', jsonb_build_object(), 0"
        " from plan_template template, jsonb_to_recordset(cast(:drafts as jsonb)) given(id uuid, title text,"
        " owner_id uuid, account_id uuid, territory_id uuid, campaign_id uuid, parent_id uuid)"
        " where template.org_id = :org_id and template.id = :template",
        drafts=to_json(drafts).decode(),
        template=template_id,
        period=period_id,
    )
    await begin_many(tx, PLAN, [draft["id"] for draft in drafts])


async def store_contents(
    tx: Tx, sections: Sequence[TemplateSection], contents: Mapping[UUID, Mapping[str, Any]]
) -> None:
    """Put the contents of plans of one template in place of theirs."""
    rows = [
        {"id": id, "sections": content, "completeness": str(completeness(sections, content))}
        for id, content in contents.items()
    ]
    await tx.execute(
        "update plan held set sections = given.sections, completeness = given.completeness"
        " from jsonb_to_recordset(cast(:rows as jsonb)) given(id uuid, sections jsonb, completeness numeric)"
        " where held.org_id = :org_id and held.id = given.id",
        rows=to_json(rows).decode(),
    )
