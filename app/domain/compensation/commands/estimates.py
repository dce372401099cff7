"""Asking what a transaction would pay."""

from __future__ import annotations

from uuid import UUID

from app.domain.compensation.commands.transactions import check_transaction
from app.domain.compensation.contract.estimates import EstimateTransaction
from app.domain.compensation.queries import require_plans
from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import Invalid, define, refuse
from app.domain.kernel.jobs import at_most, enqueue
from app.domain.kernel.scope import Tx

define(
    "not_in_the_period",
    Invalid,
    "The transaction would not count in the period",
    "La transaction ne compterait pas dans la période",
    "Give a date in the fiscal year of the period and before its end, or leave `period_id` out.",
)


@command(
    Kind.COLLECTION,
    "transaction",
    needs="pay:read_visible",
    body=EstimateTransaction,
    action="estimate",
    answers="job",
)
async def estimate_transaction(tx: Tx, body: EstimateTransaction) -> UUID:
    """Find who would be credited for a transaction and what each would earn by it; nothing of it is kept.

    A run is calculated twice, without and with it, over everything known now. The result of the job is an estimate:
    `{"period_id", "credits", "losses", "uncredited", "earnings": [{"seller_id", "component_code", "without",
    "including", "by_it", "code"}]}`, for those whose pay the asker may see.
    """
    await check_transaction(tx, body)
    if body.period_id:
        await tx.visible("fiscal_period", body.period_id, pointer="/period_id")
    found = await tx.rows(
        "select p.id, p.fiscal_year from fiscal_period p join fiscal_period year on year.org_id = p.org_id"
        " and year.kind = 'year' and year.fiscal_year = p.fiscal_year where p.org_id = :org_id"
        " and (p.id = :period or (cast(:period as uuid) is null and p.id = year.id))"
        " and year.start_date <= cast(:day as date) and p.end_date > cast(:day as date)",
        period=body.period_id,
        day=body.transaction_date,
    )
    if not found:
        raise refuse("not_in_the_period", pointer="/transaction_date")
    await require_plans(tx, found[0]["fiscal_year"])
    # Each calculates a whole run twice.
    await at_most(tx, "estimate_transaction", of_one=2, of_all=8)
    payload = {**body.model_dump(mode="json"), "period_id": str(found[0]["id"])}
    return await enqueue(tx, "estimate_transaction", payload, needs="pay:read_visible")
