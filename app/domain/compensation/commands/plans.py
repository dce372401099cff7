"""Authoring compensation plans, enrolling sellers, issuing agreements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.compensation.contract.plans import (
    AgreementState,
    CompensationPlanState,
    CreateCompensationPlan,
    Enrolment,
    EnrolParticipants,
    PublishCompensationPlan,
    ReissueAgreement,
    UpdateCompensationPlan,
)
from app.domain.compensation.tables.plans import Agreement, CompensationPlan, Component, Participant
from app.domain.compensation.terms.component import ComponentFields, component_findings
from app.domain.compensation.terms.draw import DrawFields
from app.domain.compensation.workflow.plans import COMPENSATION_PLAN, PLAN_AGREEMENT
from app.domain.kernel.command import Kind, command, merge
from app.domain.kernel.errors import Conflict, FieldError, Invalid, define, refuse
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
    "nobody_matches",
    Invalid,
    "No seller matches",
    "Aucun commercial ne correspond",
    "Name seller ids, a job role or a team that somebody holds on the day.",
)
define(
    "not_overdue",
    Conflict,
    "The agreement is not overdue",
    "L'accord n'est pas échu",
    "Wait until the day after `due_on`.",
)

_WRITABLE = (CompensationPlanState.DRAFT, CompensationPlanState.CHANGES_REQUESTED)
_DAYS_TO_ACKNOWLEDGE = 30


@command(Kind.CREATE, "compensation_plan", needs="compensation_plans:write", body=CreateCompensationPlan)
async def create_compensation_plan(tx: Tx, body: CreateCompensationPlan) -> UUID:
    """Author a compensation plan as one document; it begins as a draft."""
    _check(body.components, body.draws)
    own = body.model_dump(exclude={"components"}, mode="json")
    plan = await tx.add(CompensationPlan(org_id=tx.org_id, state=COMPENSATION_PLAN.initial, **own))
    await _store(tx, plan, body.components)
    await begin(tx, COMPENSATION_PLAN, plan.id)
    return plan.id


@command(Kind.UPDATE, "compensation_plan", needs="compensation_plans:write", body=UpdateCompensationPlan)
async def update_compensation_plan(tx: Tx, id: UUID, body: UpdateCompensationPlan) -> None:
    """Change a plan while it is a draft or changes were requested."""
    plan = await tx.require(CompensationPlan, id)
    if plan.state not in _WRITABLE:
        raise refuse("immutable", f"A plan in state {plan.state} is not changed; revise it.", state=plan.state)
    merge(plan, body, skip=frozenset({"components", "draws"}))
    _check(body.components or [], body.draws or [])
    if body.draws is not None:
        plan.draws = [draw.model_dump(mode="json") for draw in body.draws]
    if body.components is not None:
        await tx.execute("delete from compensation_component where org_id = :org_id and plan_id = :plan", plan=id)
        await _store(tx, plan, body.components)
        await _touch(tx, id)


@command(
    Kind.ACTION,
    "compensation_plan",
    needs="compensation_plans:write",
    body=EnrolParticipants,
    action="enrol",
    event="compensation_plan.enrolled",
    result=Enrolment,
)
async def enrol_participants(tx: Tx, id: UUID, body: EnrolParticipants) -> Enrolment:
    """Let sellers take part in a plan, by id, by job role or by team; repeating it changes nothing."""
    plan = await tx.require(CompensationPlan, id)
    if plan.state == CompensationPlanState.RETIRED:
        raise refuse("immutable", "The plan is retired.", state=plan.state)
    sellers = await _matching(tx, body)
    taking_part = {
        row["seller_id"]
        for row in await tx.rows(
            "select seller_id from plan_participant where org_id = :org_id and plan_id = :plan"
            " and valid && daterange(:start, :stop)",
            plan=id,
            start=body.effective_from,
            stop=body.effective_to,
        )
    }
    new = [seller for seller in sellers if seller not in taking_part]
    # Somebody of the pay desk may be a seller too.
    if tx.actor.seller_id in new:
        raise refuse("four_eyes", "Nobody enrols themselves.")
    tx.session.add_all(
        Participant(
            org_id=tx.org_id,
            plan_id=id,
            seller_id=seller,
            effective_from=body.effective_from,
            effective_to=body.effective_to,
            target_incentive=body.target_incentive,
            currency=plan.currency,
        )
        for seller in new
    )
    await tx.flush()
    if plan.state == CompensationPlanState.PUBLISHED:
        await _issue(tx, id, tx.today + timedelta(days=_DAYS_TO_ACKNOWLEDGE))
    return Enrolment(enrolled=len(new), already_enrolled=len(sellers) - len(new))


@on_move(COMPENSATION_PLAN, "publish")
async def _publish(tx: Tx, id: UUID, body: PublishCompensationPlan) -> None:
    await _issue(tx, id, body.due_on or tx.today + timedelta(days=_DAYS_TO_ACKNOWLEDGE))


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
    kept = {"code", "name", "description", "fiscal_year", "currency", "draws"}
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
        " currency) select org_id, uuidv7(), cast(:new as uuid), seller_id, effective_from, effective_to,"
        " target_incentive, currency from plan_participant where org_id = :org_id and plan_id = :old",
        old=old.id,
        new=plan.id,
    )
    await begin(tx, COMPENSATION_PLAN, plan.id)
    return plan.id


_COPY_COMPONENTS = """
insert into compensation_component (org_id, id, plan_id, ordinal, kind, code, name, terms, in_words)
select org_id, uuidv7(), cast(:new as uuid), ordinal, kind, code, name, terms, in_words
from compensation_component where org_id = :org_id and plan_id = :old
"""


def _check(components: list[ComponentFields], draws: list[DrawFields]) -> None:
    found = list(component_findings(components, "/components"))
    codes = [draw.code for draw in draws]
    for n, draw in enumerate(draws):
        if codes.index(draw.code) < n:
            found.append(FieldError(f"/draws/{n}/code", "component_twice", "The code stands twice."))
        found += draw.findings(f"/draws/{n}")
    if found:
        raise refuse("plan_document_invalid", errors=tuple(found))


async def _store(tx: Tx, plan: CompensationPlan, components: Iterable[ComponentFields]) -> None:
    tx.session.add_all(
        Component(
            org_id=tx.org_id,
            plan_id=plan.id,
            ordinal=ordinal,
            kind=body.kind,
            code=body.code,
            name=body.name,
            terms=body.model_dump(mode="json"),
            in_words=[asdict(sentence) for sentence in body.words(plan.currency)],
        )
        for ordinal, body in enumerate(components, 1)
    )
    await tx.flush()


async def _touch(tx: Tx, plan: UUID) -> None:
    """The document changed, so its version counts up even where the plan's own row did not change."""
    await tx.execute("update compensation_plan set name = name where org_id = :org_id and id = :plan", plan=plan)


async def _matching(tx: Tx, body: EnrolParticipants) -> list[UUID]:
    if body.seller_ids is None and body.job_role is None and body.team is None:
        raise refuse("nobody_matches", "Name seller_ids, a job_role or a team.")
    if body.seller_ids is not None:
        known = await tx.rows(
            "select id from seller where org_id = :org_id and id = any(:ids)", ids=list(dict.fromkeys(body.seller_ids))
        )
        ids = {row["id"] for row in known}
        for n, seller in enumerate(body.seller_ids):
            if seller not in ids:
                raise refuse("unknown_reference", f"There is no seller {seller}.", pointer=f"/seller_ids/{n}")
        return sorted(ids)
    found = await tx.rows(
        "select seller_id from position where org_id = :org_id and effective_from <= :day"
        " and (effective_to is null or effective_to > :day) and (cast(:role as text) is null or job_role = :role)"
        " and (cast(:team as text) is null or team = :team) order by seller_id",
        day=max(body.effective_from, tx.today) if body.effective_to is None else body.effective_from,
        role=body.job_role,
        team=body.team,
    )
    if not found:
        raise refuse("nobody_matches")
    return [row["seller_id"] for row in found]


async def _issue(tx: Tx, plan: UUID, due_on: Any) -> None:
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
