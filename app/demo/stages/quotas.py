"""The company's target is cut into quotas, and sellers answer."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.demo.people import Demo

_SPECIAL = {
    3: "proposed",
    8: "disputed",
    12: "under_investigation",
    17: "revised",
    21: "upheld",
    26: "amended",
    30: "amended and accepted",
}
"""What becomes of the quotas of some sellers, by their place among the forty of a round; the others accept."""
_ROUND = 40


async def agree(demo: Demo) -> None:
    """Quotas for everybody: allocated to those who sell, by hand to those who lead, and a few of other measures."""
    period, last_year = (demo.ids[str(demo.company.calendar.year - back)] for back in (0, 1))
    allocation = await demo.do(
        demo.desk["sales_ops"],
        "allocate_quotas",
        period_id=period,
        total=_rounded(demo.company.quota_total / Decimal("1.05")),
        over_assignment="0.05",
        method="blend",
        blend={"equal": "0.5", "history": "0.3", "potential": "0.2"},
        history=[{"period_id": last_year, "weight": "1"}],
        floor="400000",
        seasonality="history",
    )
    await demo.answer(demo.desk["sales_ops"], "propose_quotas", allocation_id=allocation)
    quotas = await demo.rows(
        "select quota.id, quota.amount, seller.employee_number as number from quota"
        " join seller on seller.org_id = :org_id and seller.id = quota.seller_id"
        " where quota.org_id = :org_id and quota.allocation_id = :allocation order by number",
        allocation=allocation,
    )
    # The first holds the demo's key of a seller, and accepts. A small company begins near the special ones.
    for n, quota in enumerate(quotas, 0 if len(quotas) >= _ROUND else min(_SPECIAL) - 1):
        await _answer(demo, quota, _SPECIAL.get(n % _ROUND, "accepted"))
    await _lead(demo, period, {quota["number"]: quota["amount"] for quota in quotas})
    await _lock(demo, [quota["id"] for quota in quotas[::3]])
    await _other_measures(demo, period)


async def _answer(demo: Demo, quota: dict[str, Any], what: str) -> None:
    """What becomes of one proposed quota."""
    id, amount, seller = quota["id"], quota["amount"], demo.sellers[quota["number"]]
    operations = demo.desk["sales_ops"]
    if what == "proposed":
        return
    if what in ("disputed", "under_investigation", "revised", "upheld"):
        counter = _rounded(amount * Decimal("0.88"))
        await demo.do(seller, "dispute_quota", id, counter_amount=counter, comment="Two large customers left.")
        if what == "disputed":
            return
        await demo.do(operations, "investigate_quota", id)
        if what == "under_investigation":
            return
        if what == "upheld":
            await demo.do(operations, "uphold_quota", id, comment="The loss is in the history the quota rests on.")
        else:
            better = _rounded(amount * Decimal("0.93"))
            await demo.do(operations, "revise_quota", id, amount=better, comment="One of the two is confirmed as lost.")
    await demo.do(seller, "accept_quota", id)
    if what.startswith("amended"):
        more = _rounded(amount * Decimal("1.05"))
        await demo.do(operations, "amend_quota", id, amount=more, comment="Takes over four accounts of a colleague.")
    if what == "amended and accepted":
        await demo.do(seller, "accept_quota", id)


async def _lead(demo: Demo, period: UUID, amounts: dict[str, Decimal]) -> None:
    """Whoever leads promises a little less than its line does."""
    leaders = [seller for seller in demo.company.sellers if seller.level < 3]
    below: dict[str, Decimal] = dict.fromkeys((leader.number for leader in leaders), Decimal(0))
    manager = {seller.number: seller.manager for seller in demo.company.sellers}
    for number, amount in amounts.items():
        above = manager[number]
        while above:
            below[above] += amount
            above = manager[above]
    operations = demo.desk["sales_ops"]
    bodies = [
        {"seller_id": demo.seller_id(number), "period_id": period, "amount": _rounded(amount * Decimal("0.95"))}
        for number, amount in below.items()
    ]
    ids = await demo.all(operations, "create_quota", [(None, body) for body in bodies])
    await demo.all(operations, "propose_quota", [(id, {}) for id in ids])
    for leader, id in zip(leaders, ids, strict=True):
        await demo.do(demo.sellers[leader.number], "accept_quota", id)


async def _lock(demo: Demo, ids: Sequence[UUID]) -> None:
    """Finance locks what was accepted in the first regions."""
    accepted = await demo.rows(
        "select id from quota where org_id = :org_id and state = 'accepted' and id = any(cast(:ids as uuid[]))",
        ids=list(ids),
    )
    await demo.all(demo.desk["finance"], "lock_quota", [(row["id"], {}) for row in accepted])


async def _other_measures(demo: Demo, period: UUID) -> None:
    """Units are being prepared for one team; visits were planned for another and given up."""
    operations = demo.desk["sales_ops"]
    teams = list(dict.fromkeys(seller.team for seller in demo.company.sellers if seller.level == 3))
    body = {"period_id": period, "measure": "units", "total": "1200", "method": "equal", "team": teams[0]}
    await demo.do(operations, "allocate_quotas", **body)
    body = {"period_id": period, "measure": "activity", "total": "2400", "method": "equal", "team": teams[-1]}
    dropped = await demo.do(operations, "allocate_quotas", **body)
    await demo.answer(operations, "cancel_quotas", allocation_id=dropped, comment="Visits are steered by cadence now.")


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("1E3")).quantize(Decimal("1.00"))
