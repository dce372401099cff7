"""Letting sellers take part in plans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from app.domain.compensation.commands.plans import DAYS_TO_ACKNOWLEDGE, issue_agreements
from app.domain.compensation.contract.plans import CompensationPlanState, Enrolment, EnrolParticipants
from app.domain.compensation.tables.plans import CompensationPlan, Participant
from app.domain.compensation.terms.eligibility import EligibilityFields, PayMixFields
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.kernel.scope import Tx

define(
    "nobody_matches",
    Invalid,
    "No seller matches",
    "Aucun commercial ne correspond",
    "Name seller ids, a job role or a team that somebody holds on the day.",
)
define(
    "not_eligible_for_plan",
    Invalid,
    "The plan is not open to this seller",
    "Le plan n'est pas ouvert à ce commercial",
    "Enrol sellers whom the plan's eligibility names on these days, or name them in it.",
)
define(
    "pay_mix_missing",
    Invalid,
    "The plan has no pay mix",
    "Le plan n'a pas de répartition fixe-variable",
    "Give the plan a pay_mix, or the target_incentive itself.",
)

# From when to when the plan is open to each seller within the days asked for, less those on which it takes part.
_OPEN = """
select seller.id as seller_id, lower(part) as effective_from, upper(part) as effective_to
from seller
cross join lateral (
  select range_agg(daterange(p.effective_from, p.effective_to)
    * daterange(cast(seller.hired_on + make_interval(months => cast(:tenure as int)) as date), seller.left_on)) as held
  from position p where p.org_id = seller.org_id and p.seller_id = seller.id
    and (cardinality(cast(:roles as text[])) = 0 or p.job_role = any(cast(:roles as text[])))
    and (cardinality(cast(:teams as text[])) = 0 or p.team = any(cast(:teams as text[])))
    and (cast(:hired_from as date) is null or seller.hired_on >= cast(:hired_from as date))
    and (cast(:hired_before as date) is null or seller.hired_on < cast(:hired_before as date))
) by_position
cross join lateral (
  select range_agg(p.valid) as spans from plan_participant p
  where p.org_id = seller.org_id and p.seller_id = seller.id and p.plan_id = cast(:plan as uuid)
) taking_part
cross join lateral unnest(
  (case when seller.id = any(cast(:named as uuid[])) then datemultirange(daterange(seller.hired_on, seller.left_on))
    else coalesce(by_position.held, datemultirange()) end * datemultirange(daterange(:start, :stop)))
  - coalesce(taking_part.spans, datemultirange())
) part
where seller.org_id = :org_id and not seller.placeholder
order by seller.id, lower(part)
"""

Span = tuple[UUID, date, date | None]


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
    """Let sellers take part in a plan, by id, job role, team or its own eligibility; repeating it changes nothing."""
    plan = await tx.require(CompensationPlan, id)
    if plan.state == CompensationPlanState.RETIRED:
        raise refuse("immutable", "The plan is retired.", state=plan.state)
    base_salary, target = _pay(body, PayMixFields.model_validate(plan.pay_mix) if plan.pay_mix else None)
    if body.eligible:
        new = await _open_to(tx, plan, body)
        already = 0
    else:
        sellers = await _matching(tx, body)
        await _refuse_others(tx, plan, body, sellers)
        taking_part = await _taking_part(tx, id, body)
        new = [(seller, body.effective_from, body.effective_to) for seller in sellers if seller not in taking_part]
        already = len(sellers) - len(new)
    # Somebody of the pay desk may be a seller too.
    if tx.actor.seller_id in {seller for seller, _, _ in new}:
        raise refuse("four_eyes", "Nobody enrols themselves.")
    tx.session.add_all(
        Participant(
            org_id=tx.org_id,
            plan_id=id,
            seller_id=seller,
            effective_from=start,
            effective_to=stop,
            target_incentive=target,
            base_salary=base_salary,
            currency=plan.currency,
        )
        for seller, start, stop in new
    )
    await tx.flush()
    if plan.state == CompensationPlanState.PUBLISHED:
        await issue_agreements(tx, id, tx.today + timedelta(days=DAYS_TO_ACKNOWLEDGE))
    return Enrolment(enrolled=len(new), already_enrolled=already)


def _pay(body: EnrolParticipants, mix: PayMixFields | None) -> tuple[Decimal | None, Decimal | None]:
    """Salary and target incentive, as far as they are given."""
    given = [
        name for name in ("target_incentive", "base_salary", "on_target_earnings") if getattr(body, name) is not None
    ]
    if len(given) > 1:
        raise refuse(
            "invalid_input", "Give one of target_incentive, base_salary and on_target_earnings.", pointer=f"/{given[1]}"
        )
    if not given or given == ["target_incentive"]:
        return None, body.target_incentive
    if mix is None:
        raise refuse("pay_mix_missing", pointer=f"/{given[0]}")
    if body.base_salary is not None:
        return body.base_salary, mix.variable_of_salary(body.base_salary)
    earnings = body.on_target_earnings or Decimal(0)
    salary = mix.salary_of(earnings)
    return salary, earnings - salary


async def _taking_part(tx: Tx, plan: UUID, body: EnrolParticipants) -> set[UUID]:
    rows = await tx.rows(
        "select seller_id from plan_participant where org_id = :org_id and plan_id = :plan"
        " and valid && daterange(:start, :stop)",
        plan=plan,
        start=body.effective_from,
        stop=body.effective_to,
    )
    return {row["seller_id"] for row in rows}


async def _open_to(tx: Tx, plan: CompensationPlan, body: EnrolParticipants, *, taken: bool = True) -> list[Span]:
    """Whom the plan's eligibility names between two days, and when; `taken` days count as open too when it is false."""
    terms = EligibilityFields.model_validate(plan.eligibility or {})
    rows = await tx.rows(
        _OPEN,
        plan=plan.id if taken else None,
        start=body.effective_from,
        stop=body.effective_to,
        tenure=terms.tenure_months or 0,
        roles=terms.job_roles,
        teams=terms.teams,
        hired_from=terms.hired_from,
        hired_before=terms.hired_before,
        named=terms.seller_ids,
    )
    return [(row["seller_id"], row["effective_from"], row["effective_to"]) for row in rows]


async def _refuse_others(tx: Tx, plan: CompensationPlan, body: EnrolParticipants, sellers: Sequence[UUID]) -> None:
    """Nobody takes part on a day on which the plan is not open to them."""
    if plan.eligibility is None:
        return
    wanted = (body.effective_from, body.effective_to)
    open_to = {seller for seller, *span in await _open_to(tx, plan, body, taken=False) if tuple(span) == wanted}
    for seller in sellers:
        if seller not in open_to:
            listed = body.seller_ids or []
            pointer = f"/seller_ids/{listed.index(seller)}" if seller in listed else None
            raise refuse(
                "not_eligible_for_plan", f"It is not open to seller {seller} on all these days.", pointer=pointer
            )


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
