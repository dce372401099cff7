"""Authoring compensation plans, enrolling sellers, issuing agreements."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.compensation.contract.explanations import FIGURE_UNITS
from app.domain.compensation.contract.plans import (
    AgreementState,
    CompensationPlanState,
    CreateCompensationPlan,
    PublishCompensationPlan,
    ReissueAgreement,
    UpdateCompensationPlan,
)
from app.domain.compensation.formula import Formula
from app.domain.compensation.references import unknown_references
from app.domain.compensation.tables.plans import Agreement, CompensationPlan, Component
from app.domain.compensation.terms.component import ComponentFields
from app.domain.compensation.terms.constants import ConstantFields
from app.domain.compensation.terms.document import PlanDocument
from app.domain.compensation.terms.draw import DrawFields
from app.domain.compensation.terms.eligibility import EligibilityFields, PayMixFields
from app.domain.compensation.terms.figures import named_figures, read, read_names
from app.domain.compensation.workflow.plans import COMPENSATION_PLAN, PLAN_AGREEMENT
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, Invalid, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.workflow.history import begin, begin_many, on_move

define(
    "plan_document_invalid",
    Invalid,
    "The plan document does not hold together",
    "Le document du plan est incohérent",
    "Correct the listed places: tiers cover from 0 without gap or overlap, choices go together, codes are unique.",
)
define(
    "no_participants",
    Conflict,
    "Nobody takes part in the plan",
    "Personne ne participe au plan",
    "Enrol sellers before publishing.",
)
define(
    "not_overdue",
    Conflict,
    "The agreement is not overdue",
    "L'accord n'est pas échu",
    "Wait until the day after `due_on`.",
)

_WRITABLE = (CompensationPlanState.DRAFT, CompensationPlanState.CHANGES_REQUESTED)
_OPTIONAL = frozenset({"eligibility", "pay_mix"})
_PARTS = frozenset({"draws", "constants", "exchange_rates"}) | _OPTIONAL
DAYS_TO_ACKNOWLEDGE = 30


@command(Kind.CREATE, "compensation_plan", needs="compensation_plans:write", body=CreateCompensationPlan)
async def create_compensation_plan(tx: Tx, body: CreateCompensationPlan) -> UUID:
    """Author a compensation plan as one document; it begins as a draft."""
    document = PlanDocument(
        body.currency,
        body.components,
        body.draws,
        body.constants,
        body.eligibility,
        body.pay_mix,
        body.exchange_rates,
    )
    await _check(tx, document)
    own = body.model_dump(exclude={"components"}, mode="json")
    plan = await tx.add(CompensationPlan(org_id=tx.org_id, state=COMPENSATION_PLAN.initial, **own))
    await _store(tx, plan, document)
    await begin(tx, COMPENSATION_PLAN, plan.id)
    return plan.id


@command(Kind.UPDATE, "compensation_plan", needs="compensation_plans:write", body=UpdateCompensationPlan)
async def update_compensation_plan(tx: Tx, id: UUID, body: UpdateCompensationPlan) -> None:
    """Change a plan while it is a draft or changes were requested."""
    plan = await tx.require(CompensationPlan, id)
    if plan.state not in _WRITABLE:
        raise refuse("immutable", f"A plan in state {plan.state} is not changed; revise it.", state=plan.state)
    merge(plan, body, skip=frozenset({"components", *_PARTS}))
    if not body.model_fields_set & {"components", *_PARTS}:
        return
    for name in body.model_fields_set & _PARTS:
        # An absent list or name stays as it is; an eligibility or a pay mix can be taken away.
        if (value := body.model_dump(include={name}, mode="json")[name]) is not None or name in _OPTIONAL:
            setattr(plan, name, value)
    document = await _document(tx, plan, body.components)
    await _check(tx, document)
    await tx.execute("delete from compensation_component where org_id = :org_id and plan_id = :plan", plan=id)
    await _store(tx, plan, document)
    await _touch(tx, id)


@on_move(COMPENSATION_PLAN, "publish")
async def _publish(tx: Tx, id: UUID, body: PublishCompensationPlan) -> None:
    await issue_agreements(tx, id, body.due_on or tx.today + timedelta(days=DAYS_TO_ACKNOWLEDGE))


@on_move(PLAN_AGREEMENT, "reissue")
async def _reissue(tx: Tx, id: UUID, body: ReissueAgreement) -> None:
    if body.due_on < tx.today:
        raise refuse("invalid_input", "It lies in the past.", pointer="/due_on")
    agreement = await tx.require(Agreement, id)
    agreement.due_on, agreement.issued_at = body.due_on, tx.now


@on_move(COMPENSATION_PLAN, "revise")
async def _revise(tx: Tx, id: UUID, body: Any) -> UUID:
    return await revised(tx, await tx.require(CompensationPlan, id))


async def revised(tx: Tx, old: CompensationPlan) -> UUID:
    """Copy a plan, its components and its participants into the next version, a draft."""
    newest = await tx.value(
        "select max(plan_version) from compensation_plan where org_id = :org_id and code = :code", code=old.code
    )
    kept = {"code", "name", "description", "fiscal_year", "currency", "draws", "in_words"} | _PARTS
    plan = await tx.add(
        CompensationPlan(
            org_id=tx.org_id,
            plan_version=newest + 1,
            based_on_id=old.id,
            state=COMPENSATION_PLAN.initial,
            **old.model_dump(include=kept),
        )
    )
    await tx.execute(_COPY_COMPONENTS, old=old.id, new=plan.id)
    await tx.execute(
        "insert into plan_participant (org_id, id, plan_id, seller_id, effective_from, effective_to, target_incentive,"
        " base_salary, currency) select org_id, uuidv7(), cast(:new as uuid), seller_id, effective_from, effective_to,"
        " target_incentive, base_salary, currency from plan_participant where org_id = :org_id and plan_id = :old",
        old=old.id,
        new=plan.id,
    )
    await begin(tx, COMPENSATION_PLAN, plan.id)
    return plan.id


_COPY_COMPONENTS = """
insert into compensation_component (org_id, id, plan_id, ordinal, kind, code, name, terms, in_words,
  reads)
select org_id, uuidv7(), cast(:new as uuid), ordinal, kind, code, name, terms, in_words, reads
from compensation_component where org_id = :org_id and plan_id = :old
"""


async def _check(tx: Tx, document: PlanDocument) -> None:
    found = [*document.findings(), *[finding async for finding in unknown_references(tx, document)]]
    if found:
        raise refuse("plan_document_invalid", errors=tuple(found))


async def _document(tx: Tx, plan: CompensationPlan, components: list[ComponentFields] | None) -> PlanDocument:
    """The plan as it stands, with other components when they are given."""
    if components is None:
        rows = await tx.rows(
            "select terms from compensation_component where org_id = :org_id and plan_id = :plan order by ordinal",
            plan=plan.id,
        )
        components = [ComponentFields.model_validate(row["terms"]) for row in rows]
    return PlanDocument(
        plan.currency,
        components,
        [DrawFields.model_validate(draw) for draw in plan.draws],
        [ConstantFields.model_validate(constant) for constant in plan.constants],
        EligibilityFields.model_validate(plan.eligibility) if plan.eligibility else None,
        PayMixFields.model_validate(plan.pay_mix) if plan.pay_mix else None,
        plan.exchange_rates,
    )


async def _store(tx: Tx, plan: CompensationPlan, document: PlanDocument) -> None:
    plan.in_words = [asdict(sentence) for sentence in document.words()]
    tx.session.add_all(
        Component(
            org_id=tx.org_id,
            plan_id=plan.id,
            ordinal=ordinal,
            kind=body.kind,
            code=body.code,
            name=body.name,
            terms=_terms(body, document),
            in_words=[
                asdict(sentence) for sentence in body.words(plan.currency, document.components, document.constants)
            ],
            reads=_reads(body, document),
        )
        for ordinal, body in enumerate(document.components, 1)
    )
    await tx.flush()


def _terms(own: ComponentFields, document: PlanDocument) -> dict[str, Any]:
    """What is stored of a component: a formula in its canonical text."""
    terms = own.model_dump(mode="json")
    if formula := _formula(own, document):
        terms["rate"]["formula"]["text"] = formula.text
    return terms


def _formula(own: ComponentFields, document: PlanDocument) -> Formula | None:
    if own.rate.formula is None:
        return None
    named = named_figures(own, document.components)
    return read(own.rate.formula, named, document.currency, document.constants)


def _reads(own: ComponentFields, document: PlanDocument) -> list[dict[str, Any]]:
    """What the rate reads, as explanations show it."""
    named = read_names(own, document.components, _formula(own, document))
    return [
        {"name": name, "unit": FIGURE_UNITS[figure.unit], "in_words": asdict(figure.label)}
        for name, figure in named.items()
    ]


async def _touch(tx: Tx, plan: UUID) -> None:
    """The document changed, so its version counts up even where the plan's own row did not change."""
    await tx.execute("update compensation_plan set name = name where org_id = :org_id and id = :plan", plan=plan)


async def issue_agreements(tx: Tx, plan: UUID, due_on: Any) -> None:
    """Issue an agreement to everybody who takes part and has none, with its first line of history."""
    issued = await tx.rows(
        "insert into plan_agreement (org_id, id, plan_id, seller_id, state, issued_at, due_on)"
        " select distinct p.org_id, uuidv7(), p.plan_id, p.seller_id, :state, cast(:now as timestamptz),"
        " cast(:due as date) from (select distinct org_id, plan_id, seller_id from plan_participant"
        " where org_id = :org_id and plan_id = :plan) p"
        " on conflict (org_id, plan_id, seller_id) do nothing returning id",
        plan=plan,
        state=AgreementState.ISSUED.value,
        now=tx.now,
        due=due_on,
    )
    await begin_many(tx, PLAN_AGREEMENT, [row["id"] for row in issued])
    tx.emit("plan_agreement.issued", "compensation_plan", plan, count=len(issued), due_on=str(due_on))
