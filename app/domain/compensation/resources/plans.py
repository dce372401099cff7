"""Compensation plans, who takes part, and their agreements, as they can be read."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.domain.compensation.contract.plans import (
    AgreementView,
    CompensationPlanDifferenceView,
    CompensationPlanView,
    ParticipantView,
    PlanParticipationView,
    UnsignedAgreementView,
)
from app.domain.kernel.resource import LinkFrom, Many, One, Param, Resource, by_pay, by_seller

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

_DIFFERENCES = """(
  with recursive chosen as materialized (
    select plan.* from compensation_plan plan where plan.org_id = {org} and (plan.id = {plan_id} or {plan_id} is null)
    order by plan.id desc limit 1
  ), other as materialized (
    select plan.* from compensation_plan plan cross join chosen where plan.org_id = {org} and plan.id <> chosen.id
      and plan.id = coalesce({with_id}, chosen.based_on_id)
  ), sides as (
    select 'after' as side, chosen.* from chosen union all select 'before', other.* from other
  ), said(side, component_code, path, value) as (
    select * from (
      select sides.side, c.code, '', c.terms from compensation_component c join sides on sides.id = c.plan_id
      where c.org_id = {org}
      union all
      select side, null, '', jsonb_build_object('name', name, 'description', description, 'currency', currency,
        'fiscal_year', fiscal_year, 'exchange_rates', exchange_rates, 'draws', draws, 'constants', constants,
        'eligibility', eligibility, 'pay_mix', pay_mix) from sides
    ) document
    union all
    select said.side, said.component_code, said.path || '/' || part.key, part.value
    from said cross join lateral (
      select pair.key, pair.value from jsonb_each(
        case jsonb_typeof(said.value) when 'object' then said.value else jsonb_build_object() end) pair
      union all
      select cast(item.place - 1 as text), item.value from jsonb_array_elements(
        case jsonb_typeof(said.value) when 'array' then said.value else jsonb_build_array() end)
        with ordinality item(value, place)
    ) part
  ), leaf as (
    select side, component_code, path, value #>> cast(array[] as text[]) as value
    from said where jsonb_typeof(value) in ('string', 'number', 'boolean')
  )
  select {org} as org_id, cast(md5(coalesce(component_code, '') || path) as uuid) as id, component_code, path,
         max(value) filter (where side = 'before') as before, max(value) filter (where side = 'after') as after
  from leaf
  group by component_code, path
  having max(value) filter (where side = 'before') is distinct from max(value) filter (where side = 'after')
)"""

COMPENSATION_PLAN_DIFFERENCE = Resource(
    "compensation_plan_difference",
    "compensation_plan_differences",
    CompensationPlanDifferenceView,
    "compensation_plans:read",
    "Where two compensation plans say different things, of themselves and component by component.",
    source=_DIFFERENCES,
    filters=("component_code", "path"),
    sorts=("path",),
    sort="path",
    params={
        "plan_id": Param(UUID, "The plan looked at; by default the newest."),
        "with_id": Param(UUID, "The plan it is compared with; by default the one it revises."),
    },
    versioned=False,
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

PLAN_PARTICIPATION = Resource(
    "plan_participation",
    "plan_participations",
    PlanParticipationView,
    "compensation_plans:read",
    "In how many published plans each seller takes part on a day: who is on none, and who on two.",
    source="""(
      select seller.id, seller.id as seller_id, seller.name as seller_name, position.job_role, position.team,
             count(plan.id)::int as plan_count,
             coalesce(array_agg(plan.code order by plan.code) filter (where plan.id is not null),
               cast(array[] as text[])) as plan_codes
      from seller
      left join position on position.org_id = seller.org_id and position.seller_id = seller.id
       and position.effective_from <= coalesce({on}, {today})
       and (position.effective_to is null or position.effective_to > coalesce({on}, {today}))
      left join plan_participant took on took.org_id = seller.org_id and took.seller_id = seller.id
       and took.effective_from <= coalesce({on}, {today})
       and (took.effective_to is null or took.effective_to > coalesce({on}, {today}))
      left join compensation_plan plan on plan.org_id = took.org_id and plan.id = took.plan_id
       and plan.state = 'published' and exists (select from fiscal_period year where year.org_id = plan.org_id
         and year.kind = 'year' and year.fiscal_year = plan.fiscal_year
         and year.start_date <= coalesce({on}, {today}) and year.end_date > coalesce({on}, {today}))
       and not exists (select from compensation_plan newer where newer.org_id = plan.org_id and newer.code = plan.code
         and newer.state = 'published' and newer.fiscal_year = plan.fiscal_year
         and newer.plan_version > plan.plan_version)
      where seller.org_id = {org} and not seller.placeholder and seller.hired_on <= coalesce({on}, {today})
        and (seller.left_on is null or seller.left_on > coalesce({on}, {today}))
      group by seller.id, seller.name, position.job_role, position.team
    )""",
    links={"seller": One("seller", "{row}.seller_id")},
    filters=("seller_id", "plan_count", "job_role", "team"),
    sorts=("seller_name", "plan_count"),
    sort="id",
    params={"on": Param(date, "The day; today unless said.")},
    visible=by_seller("{row}.seller_id"),
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

UNSIGNED_AGREEMENT = Resource(
    "unsigned_agreement",
    "unsigned_agreements",
    UnsignedAgreementView,
    "compensation_plans:read",
    "Who takes part in a published plan and has not acknowledged it, with how long it is overdue.",
    source="""(
      select cast(md5(cast(took.plan_id as text) || took.seller_id) as uuid) as id, took.plan_id,
             plan.code as plan_code, plan.name as plan_name, plan.plan_version, plan.fiscal_year, took.seller_id,
             seller.name as seller_name, agreement.id as agreement_id, agreement.state, agreement.issued_at,
             agreement.due_on, greatest(coalesce({today} - agreement.due_on, 0), 0) as days_overdue
      from (select distinct p.plan_id, p.seller_id from plan_participant p where p.org_id = {org}) took
      join compensation_plan plan on plan.org_id = {org} and plan.id = took.plan_id and plan.state = 'published'
      join seller on seller.org_id = {org} and seller.id = took.seller_id
      left join plan_agreement agreement on agreement.org_id = {org} and agreement.plan_id = took.plan_id
       and agreement.seller_id = took.seller_id
      where agreement.state is distinct from 'acknowledged'
    )""",
    links={
        "plan": One("compensation_plan", "{row}.plan_id"),
        "seller": One("seller", "{row}.seller_id"),
        "agreement": One("plan_agreement", "{row}.agreement_id"),
    },
    filters=("plan_id", "fiscal_year", "seller_id", "state", "due_on", "days_overdue"),
    sorts=("days_overdue", "seller_name"),
    sort="id",
    visible=by_seller("{row}.seller_id"),
    versioned=False,
)

SELLER_AGREEMENTS = LinkFrom(
    "seller",
    "plan_agreements",
    Many("plan_agreement", "{other}.seller_id = {row}.id", "-id", "Its agreements to compensation plans."),
)
