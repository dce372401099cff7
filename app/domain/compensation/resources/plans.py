"""Compensation plans, who takes part, and their agreements, as they can be read."""

from __future__ import annotations

from app.domain.compensation.contract.plans import AgreementView, CompensationPlanView, ParticipantView
from app.domain.kernel.resource import LinkFrom, Many, One, Resource, by_pay, by_seller

_COMPONENTS = """coalesce((
  select jsonb_agg(c.terms || jsonb_build_object('id', c.id, 'ordinal', c.ordinal, 'in_words', c.in_words)
    order by c.ordinal)
  from compensation_component c where c.org_id = {org} and c.plan_id = {row}.id), jsonb_build_array())"""

COMPENSATION_PLAN = Resource(
    "compensation_plan",
    "compensation_plans",
    CompensationPlanView,
    "compensation_plans:read",
    "Compensation plans, version by version, with their components.",
    columns={
        "components": _COMPONENTS,
        "participant_count": "(select count(*)::int from plan_participant p where p.org_id = {org}"
        " and p.plan_id = {row}.id)",
    },
    links={
        "based_on": One("compensation_plan", "{row}.based_on_id", "The version this one revises."),
        "participants": Many("plan_participant", "{other}.plan_id = {row}.id", "id", "Who takes part."),
        "agreements": Many("plan_agreement", "{other}.plan_id = {row}.id", "id", "Who agreed, and who has not yet."),
    },
    filters=("code", "name", "state", "fiscal_year", "currency", "plan_version"),
    sorts=("name", "code", "created_at"),
    search=("name", "code"),
    machine="compensation_plan",
)

PLAN_PARTICIPANT = Resource(
    "plan_participant",
    "plan_participants",
    ParticipantView,
    "compensation_plans:read",
    "Sellers who take part in a compensation plan.",
    links={"plan": One("compensation_plan", "{row}.plan_id"), "seller": One("seller", "{row}.seller_id")},
    filters=("plan_id", "seller_id", "effective_from", "effective_to"),
    sorts=("effective_from",),
    sort="id",
    visible=by_seller("{row}.seller_id"),
    # Who led it last while it took part; `least` passes over an open end.
    pay=by_pay("{row}.seller_id", "least(greatest({today}, {row}.effective_from), {row}.effective_to - 1)"),
    versioned=False,
)

PLAN_AGREEMENT = Resource(
    "plan_agreement",
    "plan_agreements",
    AgreementView,
    "compensation_plans:read",
    "Agreements of sellers to published compensation plans.",
    links={"plan": One("compensation_plan", "{row}.plan_id"), "seller": One("seller", "{row}.seller_id")},
    filters=("plan_id", "seller_id", "state", "due_on"),
    sorts=("due_on", "created_at"),
    visible=by_seller("{row}.seller_id"),
    machine="plan_agreement",
)

SELLER_AGREEMENTS = LinkFrom(
    "seller",
    "plan_agreements",
    Many("plan_agreement", "{other}.seller_id = {row}.id", "-id", "Its agreements to compensation plans."),
)
