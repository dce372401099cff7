"""The plans in force and what they agree on: asked before a run is accepted, and again when it reads its inputs."""

from __future__ import annotations

from uuid import UUID

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
    "no_crediting_rules",
    Conflict,
    "No crediting rule holds in the fiscal year",
    "Aucune règle d'attribution n'est en vigueur dans l'exercice",
    "Create crediting rules that say who is credited, such as one of kind `explicit_split` or `territory_coverage`.",
)

SIMULATED_SQL = "cast(string_to_array(current_setting('palier.simulated_plans', true), ',') as uuid[])"
"""Plans that a simulation puts in force for its transaction, whatever their state; null outside of one."""

PLANS_IN_FORCE_SQL = f"""
select distinct on (plan.code) plan.* from compensation_plan plan
where plan.org_id = {{org}} and (
  (plan.fiscal_year = {{fiscal_year}} and plan.state = 'published') or plan.id = any({SIMULATED_SQL}))
order by plan.code, coalesce(plan.id = any({SIMULATED_SQL}), false) desc, plan.plan_version desc
"""
"""Rows of compensation_plan: of every code the newest published version; placeholders `{org}` and `{fiscal_year}`."""


async def require_plans(tx: Tx, fiscal_year: int) -> None:
    """See that a fiscal year has plans in force, and crediting rules.

    Raises:
        DomainError: `no_published_plan` or `no_crediting_rules`.
    """
    plans = PLANS_IN_FORCE_SQL.format(org=":org_id", fiscal_year=":fiscal_year")
    if not await tx.value(f"select 1 from ({plans}) plan limit 1", fiscal_year=fiscal_year):
        raise refuse("no_published_plan")
    if not await tx.value(
        "select 1 from crediting_rule rule join fiscal_period year on year.org_id = rule.org_id and year.kind = 'year'"
        " and year.fiscal_year = :fiscal_year and rule.valid && daterange(year.start_date, year.end_date)"
        " where rule.org_id = :org_id limit 1",
        fiscal_year=fiscal_year,
    ):
        raise refuse("no_crediting_rules")


async def pay_seen(tx: Tx) -> frozenset[UUID] | None:
    """The sellers whose pay the actor may see today; None for everybody."""
    if tx.actor.may("pay:read"):
        return None
    rows = await tx.rows(
        "select line.descendant_id as id from reporting_closure line join organisation o on o.org_id = line.org_id"
        " where line.org_id = :org_id and line.ancestor_id = :seller and line.valid_from <= :today"
        " and line.valid_to > :today and (o.managers_see_pay or line.descendant_id = :seller)",
        seller=tx.actor.seller_id,
        today=tx.today,
    )
    return frozenset(row["id"] for row in rows)


NEAREST = "coalesce(cast(c.terms -> 'measure' -> 'levels' ->> 'nearest' as int), 0)"
"""The first level of a team that the component `c` counts; 0 is the seller."""
FURTHEST = "coalesce(cast(c.terms -> 'measure' -> 'levels' ->> 'furthest' as int), 50)"
"""The last one."""
