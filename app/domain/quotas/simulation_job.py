"""The job that simulates the attainment of an allocation's quotas. Only the worker imports this."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.domain.kernel.jobs import JobContext, job
from app.domain.kernel.scope import Tx
from app.domain.organisation.queries import reporting_currency
from app.domain.quotas.contract.measures import NO_CURRENCY
from app.domain.quotas.simulation import Chance, chance

_CHUNK = 250

# Full months before both today and the period in which the seller was employed; a month without a win is zero.
_PAST = """
select quota.id, quota.seller_id, quota.amount, quota.currency, past.amounts, counted.months
from quota
join fiscal_period period on period.org_id = quota.org_id and period.id = quota.period_id
cross join lateral (
  select count(*) as months from quota_month part where part.org_id = quota.org_id and part.quota_id = quota.id
) counted
join seller on seller.org_id = quota.org_id and seller.id = quota.seller_id
cross join lateral (
  select array_agg(coalesce(won.amount, 0) order by month.first) as amounts, count(won.deals) as known
  from (
    select cast(generate_series(
      date_trunc('month', least(period.start_date, :today)) - make_interval(months => :months),
      date_trunc('month', least(period.start_date, :today)) - interval '1 month', interval '1 month') as date) as first
  ) month
  left join lateral (
    select sum(deal.amount) filter (where deal.stage = 'won') as amount, nullif(count(*), 0) as deals
    from opportunity deal
    where deal.org_id = quota.org_id and deal.seller_id = quota.seller_id and deal.closed_on >= month.first
      and deal.closed_on < month.first + interval '1 month' and deal.currency = :currency
  ) won on true
  where month.first >= date_trunc('month', seller.hired_on)
) past
where quota.org_id = :org_id and quota.allocation_id = :allocation and quota.state <> 'cancelled' and past.known > 0
order by quota.id
"""

_STORE = """
insert into attainment_chance (org_id, quota_id, seller_id, allocation_id, seed, draws, months, quota, probability,
                               low, middle, high, currency, simulated_at)
select :org_id, made.quota_id, made.seller_id, :allocation, :seed, :draws, made.months, made.quota, made.probability,
       made.low, made.middle, made.high, made.currency, :now
from unnest(cast(:ids as uuid[]), cast(:sellers as uuid[]), cast(:known as int[]), cast(:quotas as numeric[]),
            cast(:chances as numeric[]), cast(:lows as numeric[]), cast(:middles as numeric[]),
            cast(:highs as numeric[]), cast(:currencies as text[]))
  as made(quota_id, seller_id, months, quota, probability, low, middle, high, currency)
"""


@job("simulate_attainment")
async def simulate_attainment(context: JobContext) -> Mapping[str, Any]:
    """Simulate every live quota of an allocation; what an earlier simulation of it found is replaced as a whole."""
    asked = context.payload
    async with context.transaction(snapshot=True) as tx:
        rows = await _past(tx, UUID(asked["allocation_id"]), asked["months"])
    found: list[Chance] = []
    for start in range(0, len(rows), _CHUNK):
        await context.progress(start, len(rows), unit="quotas", message="simulating")
        found += await asyncio.to_thread(_simulate, rows[start : start + _CHUNK], asked["seed"], asked["draws"])
    async with context.transaction() as tx:
        await _store(tx, asked, rows, found)
    path = f"/v1/reports/attainment-chances?allocation_id={asked['allocation_id']}"
    return {"quotas": len(rows), "seed": asked["seed"], "draws": asked["draws"], "path": path}


async def _past(tx: Tx, allocation: UUID, months: int) -> Sequence[Any]:
    measured = await tx.value("select currency from allocation where org_id = :org_id and id = :id", id=allocation)
    currency = await reporting_currency(tx) if measured == NO_CURRENCY else measured
    return await tx.rows(_PAST, allocation=allocation, months=months, currency=currency, today=tx.today)


def _simulate(rows: Sequence[Any], seed: int, draws: int) -> list[Chance]:
    return [chance(seed, row["seller_id"], row["amounts"], row["months"], row["amount"], draws) for row in rows]


async def _store(tx: Tx, asked: Mapping[str, Any], rows: Sequence[Any], found: Sequence[Chance]) -> None:
    allocation = UUID(asked["allocation_id"])
    # Two simulations of one allocation take turns.
    await tx.value("select pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"attainment:{allocation}")
    await tx.execute("delete from attainment_chance where org_id = :org_id and allocation_id = :id", id=allocation)
    await tx.execute(
        _STORE,
        allocation=allocation,
        seed=asked["seed"],
        draws=asked["draws"],
        now=tx.now,
        ids=[row["id"] for row in rows],
        sellers=[row["seller_id"] for row in rows],
        known=[len(row["amounts"]) for row in rows],
        quotas=[row["amount"] for row in rows],
        currencies=[row["currency"] for row in rows],
        chances=[one.probability for one in found],
        lows=[one.low for one in found],
        middles=[one.middle for one in found],
        highs=[one.high for one in found],
    )
    tx.emit("allocation.simulated", "allocation", allocation, quotas=len(rows), seed=asked["seed"])
