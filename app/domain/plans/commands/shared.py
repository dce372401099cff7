"""What the commands of this context share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from app.domain.kernel.errors import Conflict, FieldError, Forbidden, Invalid, define, refuse
from app.domain.kernel.resource import Resource
from app.domain.kernel.scope import Tx
from app.domain.kernel.visibility import rule_for
from app.domain.plans.contract.templates import RubricCriterion, TemplateSection
from app.domain.plans.tables.plans import Plan, PlanTemplate
from app.domain.plans.workflow.plans import WRITABLE

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
define(
    "not_a_reviewer",
    Forbidden,
    "Others were appointed to review the plan",
    "D'autres ont été désignés pour évaluer le plan",
    "Ask an appointed reviewer, or have the review delegated to you; see `reviewers` of the plan.",
)
define(
    "reviews_missing",
    Conflict,
    "Not every appointed reviewer has reviewed the plan",
    "Tous les évaluateurs désignés n'ont pas évalué le plan",
    "Wait for the reviewers named in `missing`, or take them off the plan.",
)
define(
    "below_its_parts",
    Conflict,
    "A plan holds less than the plans below it",
    "Un plan est inférieur à la somme de ses parties",
    "Raise the plan above or lower the plans below until the figures in `short` agree.",
)
define(
    "section_of_contributor",
    Forbidden,
    "Somebody else writes this section",
    "Une autre personne rédige cette section",
    "Ask the section's contributor; a contributor writes its own sections only.",
)
define(
    "reviewer_cannot_review",
    Invalid,
    "This person's role does not allow reviews",
    "Le rôle de cette personne ne permet pas d'évaluer",
    "Appoint somebody who is active and whose role holds the permission plans:review.",
)


def refuse_any(findings: Iterable[FieldError]) -> None:
    """Refuse with everything that was found, if anything."""
    if errors := tuple(findings):
        raise refuse("invalid_input", errors=errors)


def sections_of(template: PlanTemplate) -> list[TemplateSection]:
    """The sections of a stored template."""
    return [TemplateSection.model_validate(section) for section in template.sections]


def rubric_of(template: PlanTemplate) -> list[RubricCriterion]:
    """The rubric of a stored template."""
    return [RubricCriterion.model_validate(criterion) for criterion in template.rubric]


def documents(models: Sequence[Any]) -> list[dict[str, Any]]:
    """Models as they are stored."""
    return [model.model_dump(mode="json") for model in models]


def refuse_unless_writable(row: Plan) -> None:
    """Refuse a change of what was submitted."""
    if row.state not in WRITABLE:
        raise refuse("immutable", f"A plan cannot be written in state {row.state}.", state=row.state)


async def seen(tx: Tx, resource: Resource, ids: Iterable[UUID]) -> set[UUID]:
    """Those of the rows that the actor sees, in one statement."""
    bindings = {"seller": tx.actor.seller_id, "actor": tx.actor.principal_id, "today": tx.today}
    types = {"seller": "uuid", "actor": "uuid", "today": "date"}
    names = {name: f"cast(:{name} as {type_})" for name, type_ in types.items()}
    rule = rule_for(resource.visible, tx.actor).format(row="subject", org="cast(:org_id as uuid)", **names)
    found = await tx.rows(
        f"select subject.id from {resource.name} subject"
        f" where subject.org_id = :org_id and subject.id = any(cast(:ids as uuid[])) and {rule}",
        ids=list(ids),
        **{name: value for name, value in bindings.items() if names[name] in rule},
    )
    return {row["id"] for row in found}


async def leads(tx: Tx, owner_id: UUID) -> bool:
    """Whether the actor is the seller or above it, or sees the whole organisation."""
    return tx.actor.sees_all_rows or bool(
        await tx.value(
            "select 1 from reporting_closure where org_id = :org_id and ancestor_id = :me and descendant_id = :owner"
            " and valid_from <= :today and valid_to > :today",
            me=tx.actor.seller_id,
            owner=owner_id,
            today=tx.today,
        )
    )


async def refuse_unless_leading(tx: Tx, row: Plan) -> None:
    """Refuse who sees the plan only because it writes a section or reviews it."""
    if not await leads(tx, row.owner_id):
        raise refuse("not_concerned", "This is for the plan's owner and those above.")
