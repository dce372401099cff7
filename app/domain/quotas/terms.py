"""What the terms of an allocation rest on: the line a cascade follows, who is there when, what is held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from app.domain.kernel.errors import FieldError, refuse
from app.domain.kernel.scope import Tx
from app.domain.quotas.allocation import Held
from app.domain.quotas.contract.allocations import AllocateQuotas
from app.domain.quotas.inputs import SEES, Period, sight

PLACED = """cross join lateral (select greatest(:today, seller.hired_on, cast(:start as date))) wanted(day)
cross join lateral (select least(wanted.day, cast(:end as date) - 1)) placed(day)"""
"""The day on which a seller's place is looked at: today, or the day of the period nearest to it."""

_LINE = f"""
with placed as (
  select seller.id, placed.day from seller {PLACED}
  where seller.org_id = :org_id and seller.id = any(cast(:sellers as uuid[]))
), line as (
  select line.descendant_id as id, line.ancestor_id, line.depth, placed.day
  from placed join reporting_closure line on line.org_id = :org_id and line.descendant_id = placed.id
   and line.valid_from <= placed.day and line.valid_to > placed.day
  where line.depth > 0 and {SEES.format(column="line.ancestor_id")}
    and (cast(:manager as uuid) is null or line.ancestor_id <> :manager and exists (
      select 1 from reporting_closure above where above.org_id = :org_id and above.ancestor_id = :manager
        and above.descendant_id = line.ancestor_id and above.valid_from <= placed.day and above.valid_to > placed.day))
), nodes as (
  select ancestor_id as id, max(day) as day from line group by 1
)
select nodes.id, held.manager_id, true as leads
from nodes left join position held on held.org_id = :org_id and held.seller_id = nodes.id and held.valid @> nodes.day
union all
select line.id, line.ancestor_id, false from line where line.depth = 1
order by 1
"""

# What went to a seller stays with the allocation that made it, however often it is run again.
_ADJUSTED = """
with recursive replaced as (
  select allocation.id, allocation.replaces_id from allocation
  where allocation.org_id = :org_id and allocation.id = :replaced
  union all
  select before.id, before.replaces_id from replaced
  join allocation before on before.org_id = :org_id and before.id = replaced.replaces_id
)
select quota.id, quota.seller_id, quota.amount, quota.currency, quota.state, last.action, last.comment
from quota
left join lateral (
  select revision.action, revision.comment from quota_revision revision
  where revision.org_id = quota.org_id and revision.quota_id = quota.id
  order by revision.occurred_at desc, revision.id desc limit 1
) last on true
where quota.org_id = :org_id and quota.allocation_id in (select id from replaced) and quota.state <> 'cancelled'
order by quota.id
"""


@dataclass(frozen=True)
class Above:
    """Who leads whom among those of an allocation."""

    managers: Mapping[UUID, UUID | None]
    """The managers, and who leads them."""
    above: Mapping[UUID, UUID]
    """Who leads each seller; a seller who leads others stands below itself."""


async def load_line(tx: Tx, asked: AllocateQuotas, period: Period, sellers: Sequence[UUID]) -> Above:
    """The managers between the total and the sellers, as far as the actor sees them; none without a cascade."""
    if not asked.cascade:
        return Above({}, {})
    rows = await tx.rows(
        _LINE, sellers=sellers, start=period.start, end=period.end, manager=asked.manager_id, **sight(tx)
    )
    managers = {row["id"]: row["manager_id"] for row in rows if row["leads"]}
    direct = {row["id"]: row["manager_id"] for row in rows if not row["leads"]}
    return Above(managers, direct | {id: id for id in sellers if id in managers})


async def load_presence(
    tx: Tx, asked: AllocateQuotas, period: Period, sellers: Sequence[UUID]
) -> dict[UUID, tuple[Fraction, ...]]:
    """How much of each month of the period counts; only of sellers for whom it is not all of it."""
    if not (asked.prorate or asked.ramp or asked.leaves):
        return {}
    away: dict[UUID, list[tuple[date, date]]] = {}
    for n, leave in enumerate(asked.leaves):
        if leave.seller_id not in set(sellers):
            raise refuse("unknown_reference", f"{leave.seller_id} gets no quota.", pointer=f"/leaves/{n}/seller_id")
        away.setdefault(leave.seller_id, []).append((leave.effective_from, leave.effective_to or period.end))
    rows = await tx.rows(
        "select id, hired_on, left_on from seller where org_id = :org_id and id = any(cast(:sellers as uuid[]))",
        sellers=sellers,
    )
    starts = [month[3] for month in period.months]
    spans = list(zip(starts, [*starts[1:], period.end], strict=True))
    found = {}
    for row in rows:
        employed = (row["hired_on"], row["left_on"] or period.end) if asked.prorate else (period.start, period.end)
        shares = tuple(
            _there(span, employed, away.get(row["id"], ())) * _ramped(asked.ramp, row["hired_on"], span[0])
            for span in spans
        )
        if any(share != 1 for share in shares):
            found[row["id"]] = shares
    return found


async def load_holds(tx: Tx, asked: AllocateQuotas, currency: str) -> dict[UUID, Held]:
    """What is held: as asked, and what the replaced allocation left that was changed by hand or went beyond a draft."""
    asked_for = {hold.seller_id: Held(hold.amount, hold.reason) for hold in asked.holds}
    if asked.replaces is None:
        return asked_for
    await tx.visible("allocation", asked.replaces, pointer="/replaces")
    (replaced,) = await tx.rows(
        "select period_id, measure, currency from allocation where org_id = :org_id and id = :id", id=asked.replaces
    )
    if (replaced["period_id"], replaced["measure"], replaced["currency"]) != (asked.period_id, asked.measure, currency):
        detail = "It is of another period, measure or currency."
        raise refuse("invalid_input", detail, pointer="/replaces")
    kept: dict[UUID, Held] = {}
    settled: dict[UUID, Held] = {}
    for row in await tx.rows(_ADJUSTED, replaced=asked.replaces):
        if row["state"] != "draft":
            settled[row["seller_id"]] = Held(row["amount"], f"The quota is {row['state']}.", settled=True)
        elif asked.keep_adjustments and row["action"] == "update":
            kept[row["seller_id"]] = Held(row["amount"], row["comment"] or "Changed by hand.")
    # What went to a seller stands; a hold asked for now is newer than an earlier change.
    return kept | asked_for | settled


def require_held(asked: AllocateQuotas, sellers: Sequence[UUID], line: Above) -> None:
    """Refuse holds of whom the allocation does not reach."""
    reached = {*sellers, *line.managers}
    missing = tuple(
        FieldError(f"/holds/{n}/seller_id", "unknown_reference", f"{hold.seller_id} is not part of the allocation.")
        for n, hold in enumerate(asked.holds)
        if hold.seller_id not in reached
    )
    if missing:
        raise refuse("unknown_reference", errors=missing)


def _there(month: tuple[date, date], employed: tuple[date, date], away: Sequence[tuple[date, date]]) -> Fraction:
    """How much of a month somebody is employed and not away; leaves may overlap."""
    first, until = max(month[0], employed[0]), min(month[1], employed[1])
    if first >= until:
        return Fraction(0)
    days = (until - first).days
    if away:
        counted = (first + timedelta(days=n) for n in range(days))
        days = sum(not any(since <= day < back for since, back in away) for day in counted)
    return Fraction(days, (month[1] - month[0]).days)


def _ramped(ramp: Sequence[Decimal], hired_on: date, month: date) -> Fraction:
    """What the ramp asks in a month, counted from the one of hiring."""
    since = (month.year - hired_on.year) * 12 + month.month - hired_on.month
    return Fraction(ramp[max(since, 0)]) if since < len(ramp) else Fraction(1)
