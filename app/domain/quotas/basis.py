"""What an allocation rests on: whom it is for, what is known of them, the months. A fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import Any
from uuid import UUID

from app.domain.kernel.errors import FieldError, Invalid, define, refuse
from app.domain.kernel.scope import Tx
from app.domain.organisation.queries import reporting_currency
from app.domain.quotas.allocation import Candidate, Held, Line, Month
from app.domain.quotas.contract.allocations import AllocateQuotas, Seasonality
from app.domain.quotas.contract.measures import COUNTED, QuotaMeasure
from app.domain.quotas.inputs import SEES, Period, currency_for, load_period, require_units, sight
from app.domain.quotas.terms import PLACED, load_holds, load_line, load_presence, require_held

define(
    "over_assignment_exceeded",
    Invalid,
    "The quotas would add up to more than the organisation allows",
    "Les quotas dépasseraient ce que l'organisation autorise",
    "Choose a smaller over-assignment; the organisation's `quota_over_assignment` is the most.",
)
define(
    "allocation_no_sellers",
    Invalid,
    "Nobody is there to get a quota",
    "Personne à qui attribuer un quota",
    "Choose sellers who are employed in the period and in your reporting line.",
)


_SELLERS = f"""
select seller.id from seller
{PLACED}
where seller.org_id = :org_id and seller.hired_on < :end and (seller.left_on is null or seller.left_on > :start)
  and {SEES.format(column="seller.id")}
  and (cast(:ids as uuid[]) is null or seller.id = any(:ids))
  and (cast(:team as text) is null or exists (
    select 1 from position held where held.org_id = seller.org_id and held.seller_id = seller.id and held.team = :team
      and held.valid @> placed.day))
  and (cast(:manager as uuid) is null or exists (
    select 1 from reporting_closure line where line.org_id = seller.org_id and line.ancestor_id = :manager
      and line.descendant_id = seller.id and line.depth > 0 and line.valid_from <= placed.day
      and line.valid_to > placed.day))
  and (:managers or not exists (
    select 1 from position held where held.org_id = seller.org_id and held.manager_id = seller.id
      and held.valid @> placed.day))
order by seller.id
"""

_HISTORY = """
select deal.seller_id, bool_or(deal.currency <> :currency) as other_currency,
       case when bool_or(deal.currency = :currency) then round(coalesce(
         sum(past.weight * deal.amount) filter (where deal.stage = 'won' and deal.currency = :currency), 0)
         / :weights, 4) end as amount
from unnest(cast(:periods as uuid[]), cast(:period_weights as numeric[])) past(id, weight)
join fiscal_period period on period.org_id = :org_id and period.id = past.id
join opportunity deal on deal.org_id = :org_id and deal.closed_on >= period.start_date
 and deal.closed_on < period.end_date and deal.seller_id = any(cast(:sellers as uuid[]))
group by deal.seller_id
"""

_POTENTIAL = """
select account.owner_id as seller_id, bool_or(account.currency <> :currency) as other_currency,
       sum(account.potential) filter (where account.currency = :currency) as amount
from account
where account.org_id = :org_id and account.owner_id = any(cast(:sellers as uuid[])) and account.potential is not null
group by account.owner_id
"""

_SEASONS = """
select month.ordinal, coalesce(sum(past.weight * deal.amount), 0) as amount
from unnest(cast(:periods as uuid[]), cast(:period_weights as numeric[])) past(id, weight)
join fiscal_period period on period.org_id = :org_id and period.id = past.id
join fiscal_period month on month.org_id = :org_id and month.kind = 'month' and month.start_date >= period.start_date
 and month.end_date <= period.end_date
left join opportunity deal on deal.org_id = :org_id and deal.stage = 'won' and deal.currency = :currency
 and deal.closed_on >= month.start_date and deal.closed_on < month.end_date
 and deal.seller_id = any(cast(:sellers as uuid[]))
group by month.ordinal
"""


@dataclass(frozen=True)
class Inputs:
    """Everything `allocate` needs."""

    period: Period
    currency: str
    candidates: list[Candidate]
    months: list[Month]
    line: Line


async def load_inputs(tx: Tx, asked: AllocateQuotas) -> Inputs:
    """Read what an allocation rests on, or refuse what makes no sense."""
    period = await load_period(tx, asked.period_id)
    currency = await currency_for(tx, asked.measure, asked.currency)
    for field in ("total", "floor"):
        if (amount := getattr(asked, field)) is not None:
            require_units(amount, asked.measure, currency, f"/{field}")
    for n, hold in enumerate(asked.holds):
        require_units(hold.amount, asked.measure, currency, f"/holds/{n}/amount")
    await _require_policy(tx, asked, period)
    sellers = await _sellers(tx, asked, period)
    basis = await reporting_currency(tx) if asked.measure in COUNTED else currency
    history = await _facts(tx, _HISTORY, basis, sellers, asked) if asked.history else {}
    potential = await _facts(tx, _POTENTIAL, basis, sellers)
    months = await _months(tx, asked, period, basis, sellers)
    presence = await load_presence(tx, asked, period, sellers)
    line = await load_line(tx, asked, period, sellers)
    held = await load_holds(tx, asked, currency)
    require_held(asked, sellers, line)
    candidates = [
        _candidate(id, history.get(id), potential.get(id), line.above.get(id), presence.get(id), held.get(id))
        for id in sellers
    ]
    managers = {id: held[id] for id in line.managers if id in held and id not in line.above}
    return Inputs(period, currency, candidates, months, Line(line.managers, managers))


async def _require_policy(tx: Tx, asked: AllocateQuotas, period: Period) -> None:
    most = await tx.value("select quota_over_assignment from organisation where org_id = :org_id")
    # Each level comes on top of the one above: it is the whole that has a limit.
    whole = prod((1 + rate for rate in (asked.over_assignment, *asked.level_over_assignment)), start=Decimal(1)) - 1
    if whole > most:
        pointer = "/level_over_assignment" if asked.over_assignment <= most else "/over_assignment"
        raise refuse("over_assignment_exceeded", pointer=pointer, most=str(most))
    for n, past in enumerate(asked.history):
        await tx.visible("fiscal_period", past.period_id, pointer=f"/history/{n}/period_id")
    if asked.growth_cap is None:
        return
    if asked.measure not in (QuotaMeasure.REVENUE, QuotaMeasure.BOOKINGS):
        detail = f"Won amounts say nothing on the growth of {asked.measure}."
        raise refuse("invalid_input", detail, pointer="/growth_cap")
    kinds = await tx.rows(
        "select distinct kind from fiscal_period where org_id = :org_id and id = any(cast(:ids as uuid[]))",
        ids=[past.period_id for past in asked.history],
    )
    if [row["kind"] for row in kinds] != [period.kind]:
        detail = f"The growth cap compares periods of one kind: {period.kind}."
        raise refuse("invalid_input", detail, pointer="/history")


async def _sellers(tx: Tx, asked: AllocateQuotas, period: Period) -> list[UUID]:
    if asked.manager_id:
        await tx.visible("seller", asked.manager_id, pointer="/manager_id")
    rows = await tx.rows(
        _SELLERS,
        start=period.start,
        end=period.end,
        ids=asked.seller_ids,
        team=asked.team,
        manager=asked.manager_id,
        managers=(asked.include_managers and not asked.cascade) or asked.seller_ids is not None,
        **sight(tx),
    )
    found = [row["id"] for row in rows]
    missing = [
        FieldError(f"/seller_ids/{n}", "unknown_reference", f"No seller {id} is employed in the period.")
        for n, id in enumerate(asked.seller_ids or ())
        if id not in set(found)
    ]
    if missing:
        raise refuse("unknown_reference", errors=tuple(missing))
    if not found:
        raise refuse("allocation_no_sellers")
    return found


async def _facts(
    tx: Tx, sql: str, currency: str, sellers: Sequence[UUID], asked: AllocateQuotas | None = None
) -> Mapping[UUID, Any]:
    rows = await tx.rows(sql, currency=currency, sellers=sellers, **(_past(asked) if asked else {}))
    return {row["seller_id"]: row for row in rows}


def _past(asked: AllocateQuotas) -> dict[str, Any]:
    weights = [past.weight for past in asked.history]
    return {"periods": [past.period_id for past in asked.history], "period_weights": weights, "weights": sum(weights)}


def _candidate(
    id: UUID,
    history: Any,
    potential: Any,
    manager: UUID | None,
    presence: tuple[Fraction, ...] | None,
    held: Held | None,
) -> Candidate:
    return Candidate(
        id,
        history["amount"] if history else None,
        potential["amount"] if potential else None,
        any(fact["other_currency"] for fact in (history, potential) if fact),
        manager,
        presence,
        held,
    )


async def _months(tx: Tx, asked: AllocateQuotas, period: Period, currency: str, sellers: Sequence[UUID]) -> list[Month]:
    if asked.seasonality is Seasonality.HISTORY:
        past = _past(asked) | {"currency": currency, "sellers": sellers}
        del past["weights"]
        found = {row["ordinal"]: Fraction(row["amount"]) for row in await tx.rows(_SEASONS, **past)}
    else:
        given = asked.month_weights or [Decimal(1)] * 12
        found = {ordinal: Fraction(weight) for ordinal, weight in enumerate(given, 1)}
    months = [Month(id, code, found.get(ordinal, Fraction(-1))) for id, code, ordinal, _ in period.months]
    if any(month.weight < 0 for month in months):
        detail = "The history periods do not cover every month of the fiscal year that the quotas are for."
        raise refuse("allocation_no_basis", detail, pointer="/history")
    if not any(month.weight for month in months):
        raise refuse("allocation_no_basis", "No month of the period has any weight.", pointer="/seasonality")
    return months
