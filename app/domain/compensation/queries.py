"""The plans in force and what they agree on: asked before a run is accepted, and again when it reads its inputs."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.compensation.contract.plans import CreditingRule
from app.domain.compensation.terms.choices import Trigger
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
define(
    "triggers_differ",
    Conflict,
    "The published plans pay on different events",
    "Les plans publiés ne paient pas sur le même événement",
    "Give all plans of the fiscal year the same trigger.",
)

PLANS_IN_FORCE_SQL = """
select distinct on (plan.code) plan.* from compensation_plan plan
where plan.org_id = {org} and plan.fiscal_year = {fiscal_year} and plan.state = 'published'
order by plan.code, plan.plan_version desc
"""
"""Rows of compensation_plan: of every code the newest published version; placeholders `{org}` and `{fiscal_year}`."""


@dataclass(frozen=True)
class SharedTerms:
    """What all plans of a fiscal year agree on: a deal counts once, and is credited once."""

    trigger: Trigger
    crediting_rules: tuple[CreditingRule, ...]
    """In order of precedence."""


async def shared_terms(tx: Tx, fiscal_year: int) -> SharedTerms:
    """The terms of the plans in force in a fiscal year.

    Raises:
        DomainError: `no_published_plan`, `triggers_differ` or `crediting_rules_differ`.
    """
    plans = PLANS_IN_FORCE_SQL.format(org=":org_id", fiscal_year=":fiscal_year")
    found = await tx.rows(
        f"select distinct c.terms ->> 'trigger' as trigger, plan.crediting_rules from ({plans}) plan"
        " join compensation_component c on c.org_id = plan.org_id and c.plan_id = plan.id",
        fiscal_year=fiscal_year,
    )
    if not found:
        raise refuse("no_published_plan")
    if len({row["trigger"] for row in found}) > 1:
        raise refuse("triggers_differ")
    if len(found) > 1:
        raise refuse("crediting_rules_differ")
    return SharedTerms(Trigger(found[0]["trigger"]), tuple(map(CreditingRule, found[0]["crediting_rules"])))
