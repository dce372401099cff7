"""What can be asked about the fairness of quotas."""

from __future__ import annotations

from uuid import UUID

from app.domain.kernel.command import Kind, command
from app.domain.kernel.errors import refuse
from app.domain.kernel.jobs import enqueue
from app.domain.kernel.scope import Tx
from app.domain.quotas.contract.fairness import SimulateAttainment
from app.domain.quotas.contract.measures import QuotaMeasure
from app.domain.quotas.tables.allocations import Allocation


@command(
    Kind.ACTION,
    "allocation",
    needs="quotas:write",
    body=SimulateAttainment,
    action="simulate-attainment",
    answers="job",
    unversioned=True,
)
async def simulate_attainment(tx: Tx, id: UUID, body: SimulateAttainment) -> UUID:
    """Find how likely each quota of an allocation is to be reached, from past months drawn with a seed.

    Each draw adds up as many past months of the seller, taken by chance, as the quota has; the probability is the share
    of draws that reach it. Sellers without a closed opportunity in those months are left out: nothing is known of them.
    Read the answer in `/v1/reports/attainment-chances`.
    """
    row = await tx.require(Allocation, id)
    if row.measure not in (QuotaMeasure.REVENUE, QuotaMeasure.BOOKINGS):
        raise refuse("invalid_input", f"Won amounts say nothing on the attainment of {row.measure}.", pointer="/id")
    payload = {"allocation_id": str(id), **body.model_dump()}
    return await enqueue(tx, "simulate_attainment", payload, needs="quotas:write")
