"""How figures are spread over months and handed down the reporting line."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.money import plain
from app.domain.kernel.scope import Tx
from app.domain.plans.commands.content import write
from app.domain.plans.commands.shared import refuse_unless_leading, refuse_unless_writable, sections_of
from app.domain.plans.commands.storing import add_drafts, store_contents
from app.domain.plans.contract.plans import PlanState
from app.domain.plans.contract.revenue import CascadedPlan, CascadedPlans, CascadePlan, SpreadPlan
from app.domain.plans.contract.templates import PlanKind, SectionType
from app.domain.plans.queries import FIGURES_SQL
from app.domain.plans.rules.content import in_order
from app.domain.plans.rules.figures import cut
from app.domain.plans.tables.plans import Plan, PlanTemplate
from app.domain.plans.workflow.plans import WRITABLE

_REPORTS = """
select seller.id, seller.name, part.id as plan_id, part.state, part.sections
from reporting_closure line
join seller on seller.org_id = line.org_id and seller.id = line.descendant_id and not seller.placeholder
left join lateral (
  select part.id, part.state, part.sections from plan part
  where part.org_id = line.org_id and part.owner_id = seller.id and part.period_id = :period
    and part.template_id = :template and part.state not in ('rejected', 'archived')
    and (part.parent_id = :id or part.parent_id is null) and not exists (
      select from plan later where later.org_id = part.org_id and later.based_on_id = part.id
       and later.state <> 'rejected')
  order by part.parent_id is null, part.plan_version desc, part.id limit 1
) part on true
where line.org_id = :org_id and line.ancestor_id = :owner and line.depth = 1
  and line.valid_from <= :today and line.valid_to > :today
order by seller.id
"""


@command(Kind.ACTION, "plan", needs="plans:write", body=SpreadPlan, action="spread")
async def spread_plan(tx: Tx, id: UUID, body: SpreadPlan) -> None:
    """Spread a total over the months of the plan's period, by weight or evenly; the months sum to it exactly."""
    row = await tx.require(Plan, id)
    refuse_unless_writable(row)
    sections = sections_of(await tx.require(PlanTemplate, row.template_id))
    if not any(s.key == body.section and s.type is SectionType.MEASURES for s in sections):
        raise refuse("invalid_input", "The template has no such section of measures.", pointer="/section")
    months = await tx.rows(
        "select month.code from fiscal_period whole join fiscal_period month on month.org_id = whole.org_id"
        " and month.kind = 'month' and month.start_date >= whole.start_date and month.end_date <= whole.end_date"
        " where whole.org_id = :org_id and whole.id = :period order by month.start_date",
        period=row.period_id,
    )
    codes = [month["code"] for month in months]
    given = {weight.period_code: weight.weight for weight in body.weights}
    for n, weight in enumerate(body.weights):
        if weight.period_code not in codes or weight.period_code in [w.period_code for w in body.weights[:n]]:
            detail = f"{weight.period_code} is no month of the plan's period, or stands twice."
            raise refuse("invalid_input", detail, pointer=f"/weights/{n}/period_code")
    weights = [given.get(code, Decimal(0)) if given else Decimal(1) for code in codes]
    _require_weight(weights)
    parts = cut(body.total.amount, body.total.currency, weights)
    figures = {code: _money(part, body.total.currency) for code, part in zip(codes, parts, strict=True)}
    await write(tx, row, sections, {body.section: figures})


@command(
    Kind.ACTION,
    "plan",
    needs="plans:write",
    body=CascadePlan,
    action="cascade",
    result=CascadedPlans,
    event="plan.cascaded",
)
async def cascade_plan(tx: Tx, id: UUID, body: CascadePlan) -> CascadedPlans:
    """Hand a revenue plan's figures down to drafts of those who report to its owner; they sum to it exactly.

    Who submitted its part already keeps it, and the others share the rest.
    """
    row = await tx.require(Plan, id)
    await refuse_unless_leading(tx, row)
    if row.kind != PlanKind.REVENUE_PLAN:
        raise refuse("invalid_input", "Only revenue plans are handed down.")
    if row.state in (PlanState.REJECTED, PlanState.ARCHIVED):
        raise refuse("immutable", f"A plan is not handed down in state {row.state}.", state=row.state)
    people = await tx.rows(
        _REPORTS, id=id, period=row.period_id, template=row.template_id, owner=row.owner_id, today=tx.today
    )
    weights = _weights(body, [person["id"] for person in people])
    open_ = [
        person
        for person in people
        if person["id"] in weights and (person["plan_id"] is None or person["state"] in WRITABLE)
    ]
    taking = {person["id"] for person in open_}
    rest = await _rest(
        tx, id, [person["plan_id"] for person in people if person["plan_id"] and person["id"] not in taking]
    )
    if open_:
        _require_weight([weights[person["id"]] for person in open_])
    made = {person["id"]: tx.new_id() for person in open_ if person["plan_id"] is None}
    period = await tx.value("select code from fiscal_period where org_id = :org_id and id = :id", id=row.period_id)
    drafts = [
        {"id": made[person["id"]], "title": f"{person['name']} {period}", "owner_id": person["id"], "parent_id": id}
        for person in open_
        if person["id"] in made
    ]
    await add_drafts(tx, row.template_id, row.period_id, drafts)
    plans = {person["id"]: person["plan_id"] or made[person["id"]] for person in open_}
    await tx.execute(
        "update plan set parent_id = :id where org_id = :org_id and id = any(cast(:ids as uuid[]))",
        id=id,
        ids=[plan for plan in plans.values() if plan not in made.values()],
    )
    sections = sections_of(await tx.require(PlanTemplate, row.template_id))
    parts = _parts(rest, [weights[person["id"]] for person in open_])
    contents = {
        plans[person["id"]]: in_order(sections, {**(person["sections"] or {}), **part})
        for person, part in zip(open_, parts, strict=True)
    }
    await store_contents(tx, sections, contents)
    return CascadedPlans(
        plans=[
            CascadedPlan(
                plan_id=plans.get(person["id"]) or person["plan_id"],
                owner_id=person["id"],
                created=person["id"] in made,
                held=person["id"] not in taking,
            )
            for person in people
            if person["id"] in plans or person["plan_id"]
        ]
    )


def _weights(body: CascadePlan, reports: Sequence[UUID]) -> dict[UUID, Decimal]:
    """The weight of each seller, checked against who reports to the owner."""
    if not reports:
        raise refuse("invalid_input", "Nobody reports to the plan's owner.")
    if not body.weights:
        return dict.fromkeys(reports, Decimal(1))
    weights: dict[UUID, Decimal] = {}
    for n, given in enumerate(body.weights):
        if given.seller_id not in reports:
            detail = "This seller does not report to the plan's owner."
            raise refuse("unknown_reference", detail, pointer=f"/weights/{n}/seller_id")
        if given.seller_id in weights:
            raise refuse("invalid_input", "The seller stands twice.", pointer=f"/weights/{n}/seller_id")
        weights[given.seller_id] = given.weight
    return weights


def _require_weight(weights: Sequence[Decimal]) -> None:
    if not any(weights):
        raise refuse("invalid_input", "The weights sum to zero: nothing says who gets how much.", pointer="/weights")


async def _rest(tx: Tx, id: UUID, held: Sequence[UUID]) -> dict[tuple[str, str], tuple[Decimal, str]]:
    """What is left of each figure by measure and period once the held parts have theirs."""
    figures = FIGURES_SQL.format(org="cast(:org_id as uuid)")
    rows = await tx.rows(
        "select own.measure, own.period_code, own.amount, own.currency, coalesce(sum(part.amount), 0) as held,"
        f" coalesce(bool_or(part.currency <> own.currency), false) as mixed from ({figures}) own"
        f" left join ({figures}) part on part.plan_id = any(cast(:held as uuid[])) and part.measure = own.measure"
        " and part.start_date >= own.start_date and part.end_date <= own.end_date"
        " where own.plan_id = :id group by own.measure, own.period_code, own.amount, own.currency",
        id=id,
        held=list(held),
    )
    if not rows:
        raise refuse("invalid_input", "The plan has no figures to hand down.")
    short = [row for row in rows if row["mixed"] or row["held"] > row["amount"]]
    if short:
        raise refuse(
            "below_its_parts",
            "What was submitted below exceeds the plan, or is in another currency.",
            short=[
                {
                    "measure": row["measure"],
                    "period": row["period_code"],
                    "amount": plain(row["amount"]),
                    "children_amount": plain(row["held"]),
                    "currency": row["currency"],
                }
                for row in short
            ],
        )
    return {(row["measure"], row["period_code"]): (row["amount"] - row["held"], row["currency"]) for row in rows}


def _parts(
    rest: dict[tuple[str, str], tuple[Decimal, str]], weights: Sequence[Decimal]
) -> list[dict[str, dict[str, Any]]]:
    """The measures of each part, in the order of the weights."""
    parts: list[dict[str, dict[str, Any]]] = [{} for _ in weights]
    for (measure, period), (amount, currency) in rest.items():
        for part, share in zip(parts, cut(amount, currency, weights), strict=True):
            part.setdefault(measure, {})[period] = _money(share, currency)
    return parts


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"amount": plain(amount), "currency": currency}
