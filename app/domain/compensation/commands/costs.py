"""Capitalising what was paid to win contracts, and charging it over their time (ASC 606 / ASC 340-40, IFRS 15)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.domain.compensation.commands.balances import require_open
from app.domain.compensation.commands.posting import begin_costs, end_costs
from app.domain.compensation.contract.costs import AmortiseCosts, CreateCostPolicy, ImpairCost
from app.domain.compensation.contract.runs import CompensationRunState
from app.domain.compensation.queries import FURTHEST, NEAREST
from app.domain.compensation.resources.counting import COUNTS
from app.domain.compensation.tables.balances import CostPolicy
from app.domain.compensation.tables.runs import CompensationRun
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Conflict, define, refuse
from app.domain.kernel.money import CURRENCY_DIGITS_SQL
from app.domain.kernel.scope import Tx

define(
    "no_cost_policy",
    Conflict,
    "There is no accounting policy for costs of contracts",
    "Aucune politique comptable pour les coûts d'obtention de contrats",
    "Create a cost policy that is effective when the contracts begin.",
)
define(
    "run_not_posted",
    Conflict,
    "The run is not posted",
    "Le calcul n'est pas comptabilisé",
    "Post the run first.",
)
define(
    "nothing_to_charge",
    Conflict,
    "No capitalised cost has anything left to charge",
    "Aucun coût capitalisé ne reste à imputer",
    "Choose a later period, or a cost that is still carried.",
)

# Every posted earning of an incremental component is laid on the credits that it counts of its period, in proportion;
# the parts are differences of rounded running totals, so that they add up to the earning.
_CAPITALISE = f"""
with paid as (
  select e.id, e.seller_id, e.component_id, e.amount, e.currency, origin.start_date, origin.end_date,
         c.terms -> 'measure' ->> 'whose' as whose, {NEAREST} as nearest, {FURTHEST} as furthest,
         plan.exchange_rates
  from earning e
  join compensation_component c on c.org_id = e.org_id and c.id = e.component_id
  join compensation_plan plan on plan.org_id = c.org_id and plan.id = c.plan_id
  join fiscal_period origin on origin.org_id = e.org_id and origin.id = e.origin_period_id
  where e.org_id = :org_id and e.run_id = :run and e.status = 'ok' and e.amount <> 0
), counted as (
  select paid.id, paid.seller_id, paid.amount, paid.currency, k.transaction_id, sum(k.amount) as credited
  from paid
  join compensation_component c on c.org_id = :org_id and c.id = paid.component_id
  join credit k on k.org_id = :org_id and k.run_id = :run and k.currency = paid.currency
   and k.role = case paid.whose when 'overlay' then 'overlay' else 'direct' end
   and k.exchange_rates = paid.exchange_rates
   and k.credit_date >= paid.start_date and k.credit_date < paid.end_date
   and ((k.seller_id = paid.seller_id and paid.nearest = 0) or (paid.whose = 'team' and exists (
     select from reporting_closure line where line.org_id = :org_id and line.ancestor_id = paid.seller_id
       and line.descendant_id = k.seller_id
       and line.depth between paid.nearest and paid.furthest and line.valid_from <= k.credit_date
       and line.valid_to > k.credit_date)))
  join transaction t on t.org_id = :org_id and t.id = k.transaction_id
  where {COUNTS}
  group by paid.id, paid.seller_id, paid.amount, paid.currency, k.transaction_id
), running as (
  select c.*, sum(credited) over (partition by id) as whole,
         sum(credited) over (partition by id order by transaction_id) as reached,
         {CURRENCY_DIGITS_SQL.format(currency="currency")} as digits
  from counted c
), part as (
  select seller_id, currency, transaction_id, round(amount * reached / whole, digits)
         - round(amount * (reached - credited) / whole, digits) as amount, id
  from running where whole <> 0
), judged as (
  select part.seller_id, part.currency, part.transaction_id, t.transaction_date as starts_on, policy.id as policy_id,
         sum(part.amount) as amount, policy.expense_within_a_year,
         case when t.renewal or policy.renewals_commensurate then coalesce(t.term_months, policy.default_term_months)
              else policy.customer_life_months end as months
  from part
  join earning e on e.org_id = :org_id and e.id = part.id
  join compensation_component c on c.org_id = :org_id and c.id = e.component_id
  join transaction t on t.org_id = :org_id and t.id = part.transaction_id
  join lateral (select p.* from cost_policy p where p.org_id = :org_id and p.effective_from <= t.transaction_date
    order by p.effective_from desc limit 1) policy on c.kind = any(policy.kinds)
  group by part.seller_id, part.currency, part.transaction_id, t.transaction_date, t.renewal, t.term_months, policy.id,
    policy.renewals_commensurate, policy.default_term_months, policy.customer_life_months, policy.expense_within_a_year
)
insert into contract_cost (org_id, run_id, journal_id, policy_id, seller_id, transaction_id, amount, currency,
  starts_on, months)
select :org_id, :run, :journal, policy_id, seller_id, transaction_id, amount, currency, starts_on, months
from judged where amount <> 0 and not (expense_within_a_year and months <= 12)
"""

_STANDING = """
select cost.id, cost.seller_id, cost.amount, cost.currency, cost.starts_on, cost.months,
       cost.amount - coalesce(charged.amount, 0) as carrying, coalesce(charged.months, 0) as done
from contract_cost cost
left join lateral (select sum(c.amount) as amount, sum(c.months) as months from contract_cost_charge c
  where c.org_id = cost.org_id and c.contract_cost_id = cost.id) charged on true
where cost.org_id = :org_id
"""

# Equal parts of what is carried over the months that are left: the last month takes the rest, to the cent.
_AMORTISE = f"""
insert into contract_cost_charge (org_id, contract_cost_id, journal_id, period_id, kind, amount, currency, months)
select :org_id, id, :journal, :period, 'amortisation', amount, currency, due from (
  select standing.id, standing.currency, due.months - standing.done as due,
         round(standing.carrying * (due.months - standing.done) / (standing.months - standing.done),
           {CURRENCY_DIGITS_SQL.format(currency="standing.currency")}) as amount
  from ({_STANDING}) standing
  join fiscal_period p on p.org_id = :org_id and p.id = :period
  cross join lateral (select least(standing.months, cast(
    (extract(year from p.end_date - 1) - extract(year from standing.starts_on)) * 12
    + extract(month from p.end_date - 1) - extract(month from standing.starts_on) + 1 as int)) as months) due
  where due.months > standing.done and standing.carrying <> 0
) charge where amount <> 0
"""

_IMPAIR = f"""
insert into contract_cost_charge (org_id, contract_cost_id, journal_id, period_id, kind, amount, currency, months,
  reason)
select :org_id, standing.id, :journal, :period, 'impairment', standing.carrying, standing.currency, 0, :reason
from ({_STANDING} and cost.id = :id) standing where standing.carrying <> 0
"""


@command(Kind.CREATE, "cost_policy", needs="runs:approve", body=CreateCostPolicy)
async def create_cost_policy(tx: Tx, body: CreateCostPolicy) -> UUID:
    """Set the accounting policy for costs of contracts from a day on."""
    said: dict[str, Any] = body.model_dump() | {"kinds": [kind.value for kind in body.kinds]}
    row = CostPolicy(org_id=tx.org_id, recorded_by=tx.actor.principal_id, recorded_at=tx.now, **said)
    return (await tx.add(row)).id


@command(Kind.ACTION, "compensation_run", needs="runs:approve", action="capitalise", unversioned=True)
async def capitalise_compensation_run(tx: Tx, id: UUID, body: Any) -> None:
    """Turn what a posted run paid to win contracts into an asset, contract by contract, as the policy says; once."""
    run = await tx.require(CompensationRun, id)
    if run.state not in (CompensationRunState.POSTED, CompensationRunState.PAID):
        raise refuse("run_not_posted")
    await require_open(tx, run.period_id)
    if not await tx.value("select 1 from cost_policy where org_id = :org_id limit 1"):
        raise refuse("no_cost_policy")
    await tx.execute("set local statement_timeout = 0")
    journal = await begin_costs(tx, "capitalisation", run.period_id, id)
    count = await tx.execute(_CAPITALISE, run=id, journal=journal)
    await end_costs(tx, "capitalisation", journal)
    tx.emit("compensation_run.capitalised", "compensation_run", id, costs=count)


@command(
    Kind.COLLECTION,
    "contract_cost",
    needs="runs:approve",
    body=AmortiseCosts,
    action="amortise",
    answers="journal",
    key_required=True,
)
async def amortise_costs(tx: Tx, body: AmortiseCosts) -> UUID:
    """Charge every capitalised cost with its months up to the end of a period, each month once."""
    await require_open(tx, body.period_id)
    await tx.value("select pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"{tx.org_id}/ledger")
    journal = await begin_costs(tx, "amortisation", body.period_id)
    if not await tx.execute(_AMORTISE, journal=journal, period=body.period_id):
        raise refuse("nothing_to_charge")
    await end_costs(tx, "amortisation", journal)
    return journal


@command(Kind.ACTION, "contract_cost", needs="runs:approve", body=ImpairCost, action="impair", unversioned=True)
async def impair_cost(tx: Tx, id: UUID, body: ImpairCost) -> None:
    """Charge what is left of a cost at once, such as when the customer is lost."""
    await require_open(tx, body.period_id)
    await tx.value("select pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"{tx.org_id}/ledger")
    journal = await begin_costs(tx, "impairment", body.period_id)
    if not await tx.execute(_IMPAIR, id=id, journal=journal, period=body.period_id, reason=body.reason):
        raise refuse("nothing_to_charge")
    await end_costs(tx, "impairment", journal)
    tx.emit("contract_cost.impaired", "contract_cost", id)
