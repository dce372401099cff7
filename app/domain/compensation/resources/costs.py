"""Capitalised costs of contracts, as they can be read."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.contract.costs import (
    ContractCostChargeView,
    ContractCostView,
    CostPolicyView,
    CostRollForwardView,
)
from app.domain.kernel.resource import Many, One, Param, Resource

_CHARGED = (
    "coalesce((select sum(c.{what}) from contract_cost_charge c where c.org_id = {{org}}"
    " and c.contract_cost_id = {{row}}.id{kind}), 0)"
)

COST_POLICY = Resource(
    "cost_policy",
    "cost_policies",
    CostPolicyView,
    "pay:read",
    "Accounting policies for costs of obtaining contracts.",
    columns={"kinds": "to_jsonb({row}.kinds)"},
    filters=("effective_from",),
    sorts=("effective_from",),
    versioned=False,
)

CONTRACT_COST = Resource(
    "contract_cost",
    "contract_costs",
    ContractCostView,
    "pay:read",
    "What was paid to win contracts, as an asset, contract by contract.",
    columns={
        "months_charged": _CHARGED.format(what="months", kind=""),
        "amortised": _CHARGED.format(what="amount", kind=" and c.kind = 'amortisation'"),
        "impaired": _CHARGED.format(what="amount", kind=" and c.kind = 'impairment'"),
        "carrying": "{row}.amount - " + _CHARGED.format(what="amount", kind=""),
    },
    links={
        "run": One("compensation_run", "{row}.run_id"),
        "policy": One("cost_policy", "{row}.policy_id"),
        "seller": One("seller", "{row}.seller_id"),
        "transaction": One("transaction", "{row}.transaction_id"),
        "charges": Many("contract_cost_charge", "{other}.contract_cost_id = {row}.id", "id", "What was charged."),
    },
    filters=("run_id", "seller_id", "transaction_id", "starts_on"),
    sorts=("starts_on",),
    versioned=False,
)

CONTRACT_COST_CHARGE = Resource(
    "contract_cost_charge",
    "contract_cost_charges",
    ContractCostChargeView,
    "pay:read",
    "Parts of capitalised costs that became an expense.",
    links={
        "contract_cost": One("contract_cost", "{row}.contract_cost_id"),
        "journal": One("journal", "{row}.journal_id"),
        "period": One("fiscal_period", "{row}.period_id"),
    },
    filters=("contract_cost_id", "journal_id", "period_id", "kind"),
    sort="id",
    versioned=False,
)

COST_ROLL_FORWARD = Resource(
    "cost_roll_forward",
    "cost_roll_forwards",
    CostRollForwardView,
    "pay:read",
    "How capitalised costs moved in a period, per currency.",
    path="cost-roll-forward",
    source="""(
      select cast(md5(asked.id || moved.currency) as uuid) as id, asked.id as period_id, moved.currency,
             coalesce(sum(moved.amount) filter (where theirs.end_date <= asked.start_date), 0) as opening,
             coalesce(sum(moved.amount) filter (where theirs.end_date > asked.start_date
               and moved.kind = 'capitalisation'), 0) as capitalised,
             coalesce(-sum(moved.amount) filter (where theirs.end_date > asked.start_date
               and moved.kind = 'amortisation'), 0) as amortised,
             coalesce(-sum(moved.amount) filter (where theirs.end_date > asked.start_date
               and moved.kind = 'impairment'), 0) as impaired,
             sum(moved.amount) as closing
      from fiscal_period asked
      join fiscal_period theirs on theirs.org_id = asked.org_id and theirs.end_date <= asked.end_date
      join lateral (
        select journal.kind, entry.currency, entry.debit - entry.credit as amount
        from journal join ledger_entry entry on entry.org_id = journal.org_id and entry.journal_id = journal.id
         and entry.account = 'contract_cost_asset'
        where journal.org_id = asked.org_id and journal.period_id = theirs.id
      ) moved on true
      where asked.org_id = {org} and asked.id = coalesce({period_id}, (select year.id from fiscal_period year
        where year.org_id = {org} and year.kind = 'year' and year.start_date <= {today} and year.end_date > {today}))
      group by asked.id, moved.currency
    )""",
    params={"period_id": Param(UUID, "The fiscal period; the fiscal year of today unless said.")},
    links={"period": One("fiscal_period", "{row}.period_id")},
    filters=("currency",),
    sort="id",
    versioned=False,
)
