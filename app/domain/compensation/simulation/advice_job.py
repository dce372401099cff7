"""The job that recommends changes to a plan, each calculated over the period beside the plan as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from pydantic_core import to_json

from app.domain.compensation.calculation.inputs import Inputs, Relation, arrow_schema
from app.domain.compensation.calculation.loading import table
from app.domain.compensation.contract.recommendations import RecommendationFigure
from app.domain.compensation.contract.simulations import TriedPlan
from app.domain.compensation.plan_extraction import constants_of, plan_relations
from app.domain.compensation.simulation.advice import Advice, advise
from app.domain.compensation.simulation.comparison import ZERO, Both, own_lines, paid, side_by_side
from app.domain.compensation.simulation.running import calculations
from app.domain.compensation.simulation.trial import present_inputs, tried_inputs
from app.domain.compensation.tables.plans import CompensationPlan
from app.domain.compensation.terms.component import ComponentFields
from app.domain.compensation.terms.constants import ConstantFields
from app.domain.kernel.ids import uuid7
from app.domain.kernel.jobs import JobContext, job
from app.domain.kernel.money import SPOT, plain

_STORE = """
insert into plan_recommendation (org_id, plan_id, period_id, rule, component_code, component_name, reason, in_words,
  figures, components, cost_before, cost_after, currency, sellers_affected, winners, losers, needs_attention, found_at)
select :org_id, cast(:plan as uuid), cast(:period as uuid), one.rule, one.component_code, one.component_name,
  one.in_words ->> 'en', one.in_words, one.figures, one.components, one.cost_before, one.cost_after,
  cast(:currency as text), one.sellers_affected, one.winners, one.losers, one.needs_attention, cast(:now as timestamptz)
from jsonb_to_recordset(cast(:found as jsonb)) as one(rule text, component_code text, component_name text,
  in_words jsonb, figures jsonb, components jsonb, cost_before numeric, cost_after numeric, sellers_affected int,
  winners int, losers int, needs_attention int)
"""


@job("recommend_for_plan")
async def recommend(context: JobContext) -> Mapping[str, Any]:
    """Calculate the plan as it is, ask the rules, and calculate every change; earlier recommendations are replaced."""
    id, period = UUID(context.payload["plan_id"]), UUID(context.payload["period_id"])
    async with context.transaction(snapshot=True) as tx:
        plan = await tx.require(CompensationPlan, id)
        currency, constants = plan.currency, constants_of(plan)
        present, _ = await present_inputs(tx, period, context.artifacts)
        inputs, _ = await tried_inputs(tx, period, [TriedPlan(plan_id=id)], present, context.artifacts)
        rows = await tx.rows(
            "select id, terms from compensation_component where org_id = :org_id and plan_id = :plan order by ordinal",
            plan=id,
        )
    components = {row["id"]: ComponentFields.model_validate(row["terms"]) for row in rows}
    async with calculations(context, 1 + 3) as run:
        before = await run(inputs)
        found = []
        for advice in advise(components, own_lines(before), currency, constants):
            after = await run(_with(inputs, id, currency, constants, components, advice.components))
            found.append(_row(advice, side_by_side(paid(before), paid(after)), currency))
    async with context.transaction() as tx:
        await tx.execute("delete from plan_recommendation where org_id = :org_id and plan_id = :plan", plan=id)
        said = to_json(found).decode()
        await tx.execute(_STORE, plan=id, period=period, currency=currency, found=said, now=tx.now)
        tx.emit("compensation_plan.recommended", "compensation_plan", id, recommendations=len(found))
    return {"recommendations": len(found), "path": f"/v1/plan-recommendations?plan_id={id}"}


def _with(
    inputs: Inputs,
    plan: UUID,
    currency: str,
    constants: Sequence[ConstantFields],
    present: Mapping[UUID, ComponentFields],
    changed: Sequence[ComponentFields],
) -> Inputs:
    """The inputs with other components of the plan; those of a known code keep their id."""
    ids = {terms.code: id for id, terms in present.items()}
    numbered = [(ids.get(terms.code, uuid7()), plan, n, currency, terms) for n, terms in enumerate(changed, 1)]
    rates = {row["plan_id"]: row["credit_currency"] for row in table(inputs.component).to_pylist()}
    made = plan_relations(numbered, {plan: constants}, {plan: rates[str(plan)].partition("@")[2] or SPOT})
    own, kept = pa.array([str(id) for id in present]), {str(id) for id, *_ in numbered}
    gone = pa.array([str(id) for id in present if str(id) not in kept], pa.string())
    relations: dict[str, Relation] = {}
    for name, relation in inputs.relations().items():
        if not isinstance(relation, pa.Table) or "component_id" not in relation.schema.names:
            continue
        rows = made.get(name)
        drop = own if rows is not None else gone
        left = relation.filter(pc.invert(pc.is_in(relation["component_id"], value_set=drop)))
        new = pa.Table.from_pylist(rows or [], schema=arrow_schema(name))
        relations[name] = pa.concat_tables([left.cast(arrow_schema(name)), new])
    return replace(inputs, **relations)


def _row(advice: Advice, both: Sequence[Both], currency: str) -> dict[str, Any]:
    here = [one for one in both if one.currency == currency]
    differences = [one.difference for one in here if one.difference is not None]
    figures = [RecommendationFigure(name=name, value=value) for name, value in advice.figures.items()]
    return {
        "rule": advice.rule.value,
        "component_code": advice.component.code,
        "component_name": advice.component.name,
        "in_words": asdict(advice.reason),
        "figures": [figure.model_dump(mode="json") for figure in figures],
        "components": [terms.model_dump(mode="json") for terms in advice.components],
        "cost_before": _sum(one.before.known for one in here),
        "cost_after": _sum(one.after.known for one in here),
        "sellers_affected": sum(one != 0 for one in differences),
        "winners": sum(one > 0 for one in differences),
        "losers": sum(one < 0 for one in differences),
        "needs_attention": len(here) - len(differences),
    }


def _sum(amounts: Iterable[Decimal]) -> str:
    return plain(sum(amounts, ZERO))
