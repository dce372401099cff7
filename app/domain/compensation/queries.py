"""The plans in force and what they agree on: asked before a run is accepted, and again when it reads its inputs."""

from __future__ import annotations

from app.domain.compensation.contract.plans import CreditingRule
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.scope import Tx

define(
    "no_published_plan",
    Conflict,
    "No compensation plan of the year is published",
    "Aucun plan de rémunération de l'exercice n'est publié",
    "Publish a compensation plan of the period's fiscal year.",
)
define(
    "crediting_rules_differ",
    Conflict,
    "The published plans credit by different rules",
    "Les plans publiés n'ont pas les mêmes règles d'attribution",
    "Give all plans of the fiscal year the same crediting rules in the same order.",
)

PLANS_IN_FORCE_SQL = """
select distinct on (plan.code) plan.* from compensation_plan plan
where plan.org_id = {org} and plan.fiscal_year = {fiscal_year} and plan.state = 'published'
order by plan.code, plan.plan_version desc
"""
"""Rows of compensation_plan: of every code the newest published version; placeholders `{org}` and `{fiscal_year}`."""


async def shared_rules(tx: Tx, fiscal_year: int) -> tuple[CreditingRule, ...]:
    """The crediting rules that the plans in force in a fiscal year share, in order: a deal is credited once.

    Raises:
        DomainError: `no_published_plan` or `crediting_rules_differ`.
    """
    plans = PLANS_IN_FORCE_SQL.format(org=":org_id", fiscal_year=":fiscal_year")
    found = await tx.rows(f"select distinct plan.crediting_rules from ({plans}) plan", fiscal_year=fiscal_year)
    if not found:
        raise refuse("no_published_plan")
    if len(found) > 1:
        raise refuse("crediting_rules_differ")
    return tuple(map(CreditingRule, found[0]["crediting_rules"]))
